/**
 * Layer: util.
 *
 * An address to bind where any will do.
 *
 * @module
 */
import { formatTcp } from "../zmq/endpoint.ts";
import { getFreeTcpPort } from "./free_tcp_port.ts";

/**
 * Gives an address on all IPv4 interfaces, with a port that is free now.
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
