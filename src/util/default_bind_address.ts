/**
 * Layer: util.
 *
 * A default address to bind to.
 *
 * @module
 */
import { formatTcp } from "../zmq/endpoint.ts";
import { getFreeTcpPort } from "./free_tcp_port.ts";

/**
 * Returns an address on all IPv4 interfaces, with a port that is currently free.
 *
 * @returns An address such as `tcp://0.0.0.0:51234`.
 * @throws {AddressError} As {@linkcode getFreeTcpPort} does.
 *
 * @example
 * ```ts
 * import { getDefaultBindAddress } from "@agentzero/agentzero";
 *
 * console.log(await getDefaultBindAddress());
 * ```
 */
export async function getDefaultBindAddress(): Promise<string> {
  return formatTcp("0.0.0.0", await getFreeTcpPort());
}
