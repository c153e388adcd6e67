/**
 * Layer: util.
 *
 * The address at which other machines reach this one, as far as the machine
 * itself can know: it does not know the address behind a NAT.
 *
 * @module
 */
import process from "node:process";
import { AddressError } from "../errors.ts";
import { isGranted } from "./deno_permission.ts";
import { resolveHostname } from "./resolve_hostname.ts";

/** Bridges of containers and virtual machines, which exist on this machine only. */
const virtualInterface = /^(docker|br-|veth|virbr|vmnet|vboxnet|cni|lxc)/i;

/**
 * Returns the IP address of this machine, or of another host.
 *
 * For this machine it is the first address of a real network interface, IPv4
 * before IPv6, and `127.0.0.1` if there is no network. On Deno that
 * needs `--allow-sys=networkInterfaces`; with a host name `--allow-net` is enough.
 *
 * @param hostname Host to resolve instead, for example this machine's public name.
 * @returns An IP address; IPv6 without brackets.
 * @throws {AddressError} `PERMISSION_DENIED`, `HOST_NOT_FOUND`.
 *
 * @example
 * ```ts
 * import { getPublicIpAddress } from "@agentzero/agentzero";
 *
 * console.log(await getPublicIpAddress("localhost")); // 127.0.0.1
 * ```
 */
export async function getPublicIpAddress(hostname?: string): Promise<string> {
  if (hostname !== undefined) return await resolveHostname(hostname);
  if (!isGranted({ name: "sys", kind: "networkInterfaces" })) {
    throw new AddressError(
      "Cannot determine the IP address of this machine: " +
        "Deno needs --allow-sys=networkInterfaces, or a host name to resolve",
      { code: "PERMISSION_DENIED" },
    );
  }
  const { networkInterfaces } = process.getBuiltinModule("node:os");
  return publicAddressOf(networkInterfaces());
}

/** What this module needs of `os.networkInterfaces()`. */
export type InterfaceTable = Readonly<
  Record<
    string,
    | ReadonlyArray<{
      readonly address: string;
      readonly family: string | number;
      readonly internal: boolean;
    }>
    | undefined
  >
>;

/**
 * Chooses the address that other machines are most likely to reach.
 *
 * @param table The interfaces with their addresses.
 * @returns An IP address, `127.0.0.1` if there is no other.
 */
export function publicAddressOf(table: InterfaceTable): string {
  let best = { address: "127.0.0.1", rank: Infinity };
  for (const [name, entries] of Object.entries(table)) {
    for (const { address, family, internal } of entries ?? []) {
      if (internal) continue;
      const isV6 = family === 6 || family === "IPv6";
      // A link-local IPv6 address is useless without a zone.
      if (isV6 && /^fe[89ab]/i.test(address)) continue;
      const rank = (address.startsWith("169.254.") ? 4 : 0) +
        (virtualInterface.test(name) ? 2 : 0) + (isV6 ? 1 : 0);
      if (rank < best.rank) best = { address, rank };
    }
  }
  return best.address;
}
