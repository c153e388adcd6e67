/**
 * Layer: zmq, bottom. Addresses as values: every address with a transport or
 * a port is split and formatted here. It is pure text: it does not resolve names, and a transport
 * checks its own rules, such as the range of ports or the length of a path.
 *
 *     tcp://[source-host:source-port;]host:port     zmq_tcp(7)
 *     ws://host:port[/path], wss://…                 RFC 45
 *     udp://[interface;]host:port                    zmq_udp(7)
 *     ipc://path                                     zmq_ipc(7)
 *     inproc://name                                  zmq_inproc(7)
 *
 * @module
 */

/** The two parts of every address. */
export interface Endpoint {
  /** The name of the transport as written, such as `tcp`. */
  readonly transport: string;
  /** What follows `://`; it may be empty. */
  readonly rest: string;
}

/** A host and a port, as written. */
export interface HostPort {
  /** An IP address without brackets, a name, or `*`; it may be empty. */
  readonly host: string;
  /** Digits, `*`, or any other text; undefined if there is no colon. */
  readonly port: string | undefined;
  /** Whether the host is in brackets, as IPv6 should be. */
  readonly isBracketed: boolean;
}

/** The parts of a TCP address. */
export interface TcpEndpoint {
  /** The source of the connection, if the address has one. */
  readonly source: HostPort | undefined;
  /** The target of the connection, or the bound address. */
  readonly target: HostPort;
}

/** The parts of the address of a WebSocket. */
export interface WebSocketEndpoint {
  /** The target of the connection, or the bound address. */
  readonly target: HostPort;
  /** The path with its query, as written; empty if there is none. */
  readonly path: string;
}

/** The parts of the address of a port of UDP. */
export interface UdpEndpoint {
  /** The name or IP address of an interface, if the address has one. */
  readonly interface: string | undefined;
  /** The target of datagrams, or the bound address. */
  readonly target: HostPort;
}

/** Splits an address; undefined if it is not `transport://rest`. */
export function splitEndpoint(address: string): Endpoint | undefined {
  const match = /^([a-z0-9+.-]+):\/\//i.exec(address);
  if (match === null) return undefined;
  return { transport: match[1]!, rest: address.slice(match[0].length) };
}

/** The transport of an address, in lower case; empty if it is malformed. */
export function transportOf(address: string): string {
  return splitEndpoint(address)?.transport.toLowerCase() ?? "";
}

/** The part after the transport of an address; the whole text if it is malformed. */
export function restOf(address: string): string {
  return splitEndpoint(address)?.rest ?? address;
}

/**
 * Splits `host:port` or `[host]:port`. As in libzmq, an IPv6 address without
 * brackets ends at the last colon.
 *
 * @returns undefined if brackets are missing or empty, or anything but a colon
 *   follows them.
 */
export function splitHostPort(text: string): HostPort | undefined {
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const tail = text.slice(end + 1);
    const port = tail === "" ? undefined : tail.slice(1);
    const isWhole = end > 1 && (tail === "" || tail.startsWith(":")) &&
      !port?.includes(":");
    return isWhole
      ? { host: text.slice(1, end), port, isBracketed: true }
      : undefined;
  }
  const colon = text.lastIndexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  if (host.includes("[") || host.includes("]")) return undefined;
  const port = colon < 0 ? undefined : text.slice(colon + 1);
  return { host, port, isBracketed: false };
}

/**
 * Splits a TCP address.
 *
 * @returns undefined if it is of another transport, has more than a source and
 *   a target, or one of them cannot be split.
 */
export function splitTcp(address: string): TcpEndpoint | undefined {
  if (transportOf(address) !== "tcp") return undefined;
  const parts = restOf(address).split(";");
  if (parts.length > 2) return undefined;
  const [target, source] = parts.reverse().map(splitHostPort);
  if (target === undefined) return undefined;
  if (parts.length === 2 && source === undefined) return undefined;
  return { source, target };
}

/**
 * Splits the address of a WebSocket.
 *
 * @returns undefined if it is of another transport, or the host cannot be split.
 */
export function splitWebSocket(address: string): WebSocketEndpoint | undefined {
  if (!/^wss?$/.test(transportOf(address))) return undefined;
  const rest = restOf(address);
  const slash = rest.search(/[/?#]/);
  const target = splitHostPort(slash < 0 ? rest : rest.slice(0, slash));
  if (target === undefined) return undefined;
  return { target, path: slash < 0 ? "" : rest.slice(slash) };
}

/**
 * Splits the address of a port of UDP.
 *
 * @returns undefined if it is of another transport, has more than an interface
 *   and a target, or the target cannot be split.
 */
export function splitUdp(address: string): UdpEndpoint | undefined {
  if (transportOf(address) !== "udp") return undefined;
  const parts = restOf(address).split(";");
  if (parts.length > 2 || parts[0] === "") return undefined;
  const target = splitHostPort(parts.at(-1)!);
  if (target === undefined) return undefined;
  return { interface: parts.length === 2 ? parts[0] : undefined, target };
}

/** The host and port of an address, if its transport has them. */
export function targetOf(address: string): HostPort | undefined {
  const parts = splitTcp(address) ?? splitWebSocket(address) ??
    splitUdp(address);
  return parts?.target;
}

/** Writes `host:port`, with brackets around IPv6. */
export function formatHostPort(
  host: string,
  port: string | number | undefined,
): string {
  const text = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? text : `${text}:${port}`;
}

/** Writes a TCP address, with brackets around IPv6. */
export function formatTcp(
  host: string,
  port: string | number | undefined,
): string {
  return `tcp://${formatHostPort(host, port)}`;
}

/** The same TCP address with another port. */
export function withPort(
  { source, target }: TcpEndpoint,
  port: string | number,
): string {
  const from = source && `${formatHostPort(source.host, source.port)};`;
  return `tcp://${from ?? ""}${formatHostPort(target.host, port)}`;
}

/** Whether the text is the number of a port, however large. */
export function isPortNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}

/**
 * The IP address in the endpoint of a connected peer; for one behind a proxy,
 * the host that the proxy connected to. Empty where peers have none, as with
 * `ipc`.
 */
export function peerHostOf(endpoint: string): string {
  const { host = "", port } = targetOf(endpoint) ?? {};
  return isPortNumber(port) ? host : "";
}
