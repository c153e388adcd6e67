/**
 * Layer: native.
 *
 * Which runtime this is, and what npm:zeromq was seen to do there. What is
 * said was measured by `scripts/native_matrix.mjs`, which tells when it is
 * true no longer.
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

/** Why npm:zeromq is not to be used on a runtime; `undefined` where it is fine. */
export function refusal({ name, version }: Runtime): string | undefined {
  if (name === "Node") return undefined;
  return `npm:zeromq is not used on ${name} ${version}`;
}
