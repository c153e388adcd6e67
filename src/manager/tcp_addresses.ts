/**
 * Layer: manager.
 *
 * What a SocketManager does with the addresses of TCP, and of no other transport.
 *
 * @module
 */
import { SocketBindError } from "../errors.ts";
import { getPublicZmqAddress, resolveHostname } from "../util/mod.ts";
import { formatTcpAddress, parseTcpAddress } from "../util/tcp_address.ts";
import { formatTcp, splitTcp, transportOf } from "../zmq/endpoint.ts";

/**
 * Resolves the host name of an address to connect to.
 *
 * @throws {AddressError} There is no such host.
 */
export async function requireHost(address: string): Promise<void> {
  const host = hostToResolve(address);
  if (host !== undefined) await resolveHostname(host);
}

/** The same endpoint as other machines reach it. */
export async function publicEndpoint(endpoint: string): Promise<string> {
  if (transportOf(endpoint) !== "tcp") return endpoint;
  return await getPublicZmqAddress(endpoint);
}

/** The host name in an address to connect to; the engine reports malformed ones. */
function hostToResolve(address: string): string | undefined {
  const { target } = splitTcp(address) ?? {};
  if (target === undefined) return undefined;
  let host: string;
  try {
    host = parseTcpAddress(formatTcp(target.host, target.port)).host;
  } catch {
    return undefined;
  }
  return /[:*]/.test(host) ? undefined : host;
}

/**
 * A TCP address without a port, with the port "any".
 *
 * @throws {SocketBindError} If it is malformed or has a port.
 */
export function withAnyPort(address: string, socketName: string): string {
  try {
    const { host, port = "*" } = parseTcpAddress(address);
    if (port !== "*" && port !== "0") {
      throw new Error("the address of a random port must not have a port");
    }
    return formatTcpAddress({ host, port: "*" });
  } catch (cause) {
    throw new SocketBindError(address, { socketName, cause });
  }
}
