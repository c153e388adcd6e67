/**
 * Utilities for addresses, host names, times, exceptions and strings.
 *
 * @module
 */
export { castBytes, castString, type StringOrBytes } from "./casts.ts";
export { getDefaultBindAddress } from "./default_bind_address.ts";
export { fixZeromqTcpAddress } from "./fix_zeromq_tcp_address.ts";
export { getFreeTcpPort } from "./free_tcp_port.ts";
export { getHostname } from "./hostname.ts";
export { getPublicIpAddress } from "./public_ip_address.ts";
export { getPublicZmqAddress } from "./public_zmq_address.ts";
export { resolveHostname, type ResolveOptions } from "./resolve_hostname.ts";
export {
  type SerializedException,
  serializedException,
} from "./serialized_exception.ts";
export { extractHostnameFromTcpAddress } from "./tcp_address.ts";
export { datetimeFromSeconds, secondsSince } from "./time.ts";
