/**
 * Layer: util.
 *
 * Resolves the host name of an address, so that it can be bound to: libzmq
 * resolves names when it connects, but not when it binds.
 *
 * @module
 */
import { splitEndpoint } from "../zmq/endpoint.ts";
import { resolveHostname, type ResolveOptions } from "./resolve_hostname.ts";
import { formatTcpAddress, parseTcpAddress } from "./tcp_address.ts";

/**
 * Replaces the host name of a TCP address with its IP address.
 *
 * Wildcards and IP addresses do not change; nor do addresses of other transports
 * (`ipc://`, `inproc://`), which have no host name.
 *
 * @param address Such as `tcp://localhost:5000`.
 * @param options As for {@linkcode resolveHostname}.
 * @returns Such as `tcp://127.0.0.1:5000`; IPv6 in brackets.
 * @throws {AddressError} `ADDRESS_INVALID`, `HOST_NOT_FOUND`, `PERMISSION_DENIED`.
 *
 * @example
 * ```ts
 * import { fixZeromqTcpAddress } from "@agentzero/agentzero";
 *
 * console.log(await fixZeromqTcpAddress("tcp://localhost:5000"));
 * ```
 */
export async function fixZeromqTcpAddress(
  address: string,
  options: ResolveOptions = {},
): Promise<string> {
  const { transport, rest } = splitEndpoint(address) ?? {};
  if (rest && transport!.toLowerCase() !== "tcp") return address;
  const { host, port } = parseTcpAddress(address);
  if (host === "*") return address;
  return formatTcpAddress({ host: await resolveHostname(host, options), port });
}
