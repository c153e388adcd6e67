/**
 * Layer: native.
 *
 * Which runtime this is, and whether npm:zeromq works there. `docs/native.md`
 * has the measurements.
 *
 * @module
 */

/** A runtime and its version. */
export interface Runtime {
  readonly name: "Deno" | "Bun" | "Node";
  readonly version: string;
}

/** The runtime that this is. */
export function thisRuntime(): Runtime {
  const { Deno, Bun, process } = globalThis as {
    Deno?: { version?: { deno?: string } };
    Bun?: { version?: string };
    process?: { versions?: { node?: string } };
  };
  if (Deno) return { name: "Deno", version: Deno.version?.deno ?? "unknown" };
  if (Bun) return { name: "Bun", version: Bun.version ?? "unknown" };
  return { name: "Node", version: process?.versions?.node ?? "unknown" };
}

/** What was seen where it does not work, on Linux x64. */
const SEEN = {
  Deno:
    "with Deno 2.9.6 and zeromq 6.8.0 the process crashed (segmentation fault) each time a wait ran out of time, and 1 in 4 waits for a message never ended",
  Bun:
    "with Bun 1.4.5 and zeromq 6.8.0 the process aborted as soon as a socket was made (unsupported uv function: uv_poll_init_socket)",
} as const;

/** Why npm:zeromq is not to be used on a runtime; `undefined` where it works. */
export function refusal({ name, version }: Runtime): string | undefined {
  if (name === "Node") return undefined;
  return `Cannot use npm:zeromq on ${name} ${version}: ${SEEN[name]}. ` +
    `The built-in engine works here: leave out the option zmq. ` +
    `To try all the same, call loadNative({ force: true })`;
}
