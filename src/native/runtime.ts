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

/** The current runtime. */
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

/** How it fails on each runtime, on Linux x64. */
const FAILURES = {
  Deno:
    "with Deno 2.9.6 and zeromq 6.8.0 the process crashed (segmentation fault) whenever a wait timed out, and 1 in 4 waits for a message never ended",
  Bun:
    "with Bun 1.4.5 and zeromq 6.8.0 the process aborted when a socket was created (unsupported uv function: uv_poll_init_socket)",
} as const;

/** Why npm:zeromq must not be used on a runtime; `undefined` if it works there. */
export function refusal({ name, version }: Runtime): string | undefined {
  if (name === "Node") return undefined;
  return `Cannot use npm:zeromq on ${name} ${version}: ${FAILURES[name]}. ` +
    `The built-in engine works here: omit the option zmq. ` +
    `To try it anyway, call loadNative({ force: true })`;
}
