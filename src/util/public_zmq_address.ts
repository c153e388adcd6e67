/**
 * Layer: util.
 *
 * An address for peers on other machines.
 *
 * @module
 */
import { getFreeTcpPort } from "./free_tcp_port.ts";
import { getPublicIpAddress } from "./public_ip_address.ts";
import { formatTcpAddress, parseTcpAddress } from "./tcp_address.ts";

/** Hosts that mean "every interface": peers cannot connect to these. */
const wildcards: ReadonlySet<string> = new Set(["*", "0.0.0.0", "::"]);

/**
 * Returns a TCP address at which other machines reach this one.
 *
 * Without an argument it has the public IP address and a port that is currently
 * free, to be bound. With the address of a bound socket it is that address, with
 * the public IP address in place of a wildcard.
 *
 * @param boundAddress Such as `tcp://0.0.0.0:5000`.
 * @returns Such as `tcp://192.168.0.7:5000`; IPv6 in brackets.
 * @throws {AddressError} `PERMISSION_DENIED`, `PORT_NOT_AVAILABLE`, `ADDRESS_INVALID`.
 *
 * @example
 * ```ts
 * import { getPublicZmqAddress } from "@agentzero/agentzero";
 *
 * console.log(await getPublicZmqAddress("tcp://127.0.0.1:5000"));
 * ```
 */
export async function getPublicZmqAddress(
  boundAddress?: string,
): Promise<string> {
  if (boundAddress === undefined) {
    const host = await getPublicIpAddress();
    return formatTcpAddress({ host, port: `${await getFreeTcpPort(host)}` });
  }
  const { host, port } = parseTcpAddress(boundAddress);
  if (!wildcards.has(host)) return boundAddress;
  return formatTcpAddress({ host: await getPublicIpAddress(), port });
}
