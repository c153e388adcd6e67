/**
 * Layer: transport. The addresses of a host name.
 *
 * @module
 */
import { net } from "./net.ts";

/** An IP address. */
export interface IpAddress {
  readonly host: string;
  readonly family: number;
  /** The host name that it was found for. */
  readonly name?: string;
}

/**
 * All addresses of a host, in the order in which to try them: families take
 * turns (RFC 8305), IPv4 first unless IPv6 is requested.
 *
 * @throws The name cannot be resolved, or has no address: `ENOTFOUND`.
 */
export async function resolveAll(
  host: string,
  isIpv6: boolean,
): Promise<readonly IpAddress[]> {
  const family = net().isIP(host.replace(/%.*$/, ""));
  if (family !== 0) return [{ host, family }];
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host, { all: true });
  // Both are this machine (RFC 6761), whatever its file of hosts has.
  const isLocal = /^(?:.+\.)?localhost\.?$/i.test(host);
  const all = new Map(found.map((entry) => [entry.address, entry.family]));
  if (isLocal) {
    if (!all.has("127.0.0.1")) all.set("127.0.0.1", 4);
    if (!all.has("::1")) all.set("::1", 6);
  }
  const ofFamily = (one: number) =>
    [...all].filter(([, family]) => family === one);
  const [first, second] = isIpv6
    ? [ofFamily(6), ofFamily(4)]
    : [ofFamily(4), ofFamily(6)];
  const addresses: IpAddress[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    for (const entry of [first[i], second[i]]) {
      if (entry === undefined) continue;
      addresses.push({ host: entry[0], family: entry[1], name: host });
    }
  }
  if (addresses.length > 0) return addresses;
  throw Object.assign(new Error(`${host} has no address`), {
    code: "ENOTFOUND",
  });
}
