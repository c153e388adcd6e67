/**
 * Layer: transport. Deno's permissions, asked for before they are needed:
 * `node:net` on Deno reports a missing one outside of any promise, which ends
 * the process. Elsewhere there is nothing to ask.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";

type Descriptor =
  | { readonly name: "net"; readonly host: string }
  | { readonly name: "read" | "write"; readonly path: string };

interface DenoLike {
  readonly permissions: {
    request(descriptor: Descriptor): Promise<{ readonly state: string }>;
  };
}

/**
 * Makes sure of the permission to reach a host and port.
 *
 * @throws {ZmqError} `EACCES`, with the flag that would help.
 */
export function requireNet(
  address: string,
  host: string,
  port: number,
): Promise<void> {
  const isIpv6 = host.includes(":");
  return require(address, [
    { name: "net", host: `${isIpv6 ? `[${host}]` : host}:${port}` },
  ]);
}

/**
 * Makes sure of the permissions that a Unix domain socket needs.
 *
 * @throws {ZmqError} `EACCES`, with the flag that would help.
 */
export function requirePath(address: string, path: string): Promise<void> {
  return require(address, [{ name: "read", path }, { name: "write", path }]);
}

async function require(
  address: string,
  descriptors: readonly Descriptor[],
): Promise<void> {
  const deno = (globalThis as { Deno?: DenoLike }).Deno;
  if (deno === undefined) return;
  for (const descriptor of descriptors) {
    const { state } = await deno.permissions.request(descriptor);
    if (state === "granted") continue;
    const what = descriptor.name === "net" ? descriptor.host : descriptor.path;
    throw new ZmqError(
      "EACCES",
      `Cannot use "${address}": run Deno with --allow-${descriptor.name}=${what}`,
      { address },
    );
  }
}
