/**
 * Layer: transport. `tcp://host:port`, `tcp://[::1]:port`, `tcp://*:*`, and for
 * connecting `tcp://source:port;host:port` (RFC 23 leaves addresses to the
 * implementation; this is zmq_tcp(7)).
 *
 * Deliberately unlike libzmq: an IPv6 literal works without the `ipv6` option,
 * and `bind` takes host names.
 *
 * @module
 */
import type { AddressInfo, Socket } from "node:net";
import {
  formatTcp,
  isPortNumber,
  restOf,
  splitHostPort,
  splitTcp,
  transportOf,
} from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import { connectFirst } from "./connect_first.ts";
import { net } from "./net.ts";
import {
  connectNet,
  listenNet,
  NetListener,
  NetWire,
  wireError,
} from "./net_wire.ts";
import { requireNet } from "./permission.ts";
import { type IpAddress, resolveAll } from "./resolve.ts";
import { SocksClient, SocksError } from "./socks.ts";
import { negotiate } from "./socks_net.ts";
import type { Listener, Transport, Wire, WireOptions } from "./wire.ts";

/** A method of newer runtimes; see {@link check}. */
interface Marking extends Socket {
  setTypeOfService(byte: number): this;
}

/** A host and a port; the host `*` is every address of this machine, the port 0 any that is free. */
export interface TcpTarget {
  readonly host: string;
  readonly port: number;
}

/** TCP, IPv4 and IPv6. */
export const tcp: Transport = {
  name: "tcp",
  isAvailable: true,
  check,
  permit,
  connect,
  listen,
  isSame,
};

function check(
  address: string,
  use: "bind" | "connect",
  { typeOfService }: WireOptions,
): void {
  const { host, port } = parse(address, use).target;
  if (use === "connect" && (host === "*" || port === 0)) {
    throw malformed(address, "connecting needs a host and a port");
  }
  if (typeOfService > 0 && !("setTypeOfService" in net().Socket.prototype)) {
    throw new ZmqError(
      "ENOTSUP",
      `Cannot ${use} "${address}": node:net cannot set the option typeOfService on this runtime`,
      { address },
    );
  }
}

/** An address bound as `tcp://*:5555` has the endpoint `tcp://0.0.0.0:5555`, or that of IPv6. */
function isSame(address: string, endpoint: string): boolean {
  const { host, port } = splitTcp(address)?.target ?? {};
  if (host !== "*" || !isPortNumber(port)) return false;
  return endpoint === formatTcp("0.0.0.0", port) ||
    endpoint === formatTcp("::", port);
}

function permit(address: string, options: WireOptions): void {
  permitTcp(address, parse(address, "connect").target, options);
}

/** Checks the permission to connect to a target, or to the proxy in front of it. */
export function permitTcp(
  address: string,
  target: TcpTarget,
  { socksProxy }: WireOptions,
): void {
  requireNet(
    address,
    socksProxy === null ? target : hostPort(address, socksProxy),
  );
}

async function connect(
  address: string,
  options: WireOptions,
  signal: AbortSignal,
): Promise<Wire> {
  const { source, target } = parse(address, "connect");
  return await dialTcp(address, source, target, options, signal);
}

/**
 * Connects to a host, through the proxy if there is one.
 *
 * @param address The address to name in errors.
 * @param secure Encrypts the connection, if it is to be.
 */
export async function dialTcp(
  address: string,
  source: TcpTarget | undefined,
  target: TcpTarget,
  options: WireOptions,
  signal: AbortSignal,
  secure?: (socket: Socket) => Promise<Socket>,
): Promise<Wire> {
  const proxy = options.socksProxy;
  const stream = (socket: Socket) => secure?.(socket) ?? socket;
  try {
    const first = proxy === null ? target : hostPort(address, proxy);
    const socket = await connectSocket(address, source, first, options, signal);
    tune(socket, options);
    const remote = endpointOf(socket);
    if (proxy === null) return new NetWire(await stream(socket), remote);
    const { socksUsername: username, socksPassword: password } = options;
    await negotiate(
      socket,
      () => new SocksClient({ ...target, username, password }),
      options.handshakeInterval,
      signal,
    );
    const peer = endpoint({ address: target.host, port: target.port });
    return new NetWire(await stream(socket), peer);
  } catch (error) {
    if (signal.aborted) throw error;
    const what = proxy === null
      ? "connect to"
      : `connect through the proxy "${proxy}" to`;
    if (!(error instanceof SocksError)) throw wireError(what, address, error);
    throw new ZmqError(
      error.code,
      `Cannot ${what} "${address}": ${error.message}`,
      { address, reason: error.message, cause: error },
    );
  }
}

/** Connects to the first address of a host that answers. */
async function connectSocket(
  address: string,
  source: TcpTarget | undefined,
  { host: name, port }: TcpTarget,
  { ipv6 }: WireOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const found = await resolveAll(name, ipv6);
  const usable = found.filter(({ family }) => mayStartAt(source, family));
  const local = source && {
    localAddress: source.host === "*" ? undefined : source.host,
    localPort: source.port || undefined,
  };
  return await connectFirst(
    permitted(address, usable.length > 0 ? usable : found, port),
    ({ host, family }, signal) =>
      connectNet({ port, host, family, ...local }, signal),
    signal,
  );
}

/** Whether a connection to an address of the family can come from the source. */
function mayStartAt(source: TcpTarget | undefined, family: number): boolean {
  const own = net().isIP(source?.host.replace(/%.*$/, "") ?? "");
  return own === 0 || own === family;
}

/** The addresses that the permissions allow. @throws {PermissionError} They allow none. */
function permitted(
  address: string,
  found: readonly IpAddress[],
  port: number,
): IpAddress[] {
  let failure: unknown;
  const allowed = found.filter((one) => {
    try {
      requireNet(address, { ...one, port });
      return true;
    } catch (error) {
      failure ??= error;
      return false;
    }
  });
  if (allowed.length === 0) throw failure;
  return allowed;
}

async function listen(
  address: string,
  options: WireOptions,
  onWire: (wire: Wire) => void,
  onError: (error: Error) => void,
): Promise<Listener> {
  const { target } = parse(address, "bind");
  return await listenTcp(address, target, options, onWire, onError);
}

/**
 * Listens at a host and port.
 *
 * @param address The address to name in errors.
 * @param secure Encrypts a connection, if they are to be.
 */
export async function listenTcp(
  address: string,
  { host, port }: TcpTarget,
  options: WireOptions,
  onWire: (wire: Wire) => void,
  onError: (error: Error) => void,
  secure: (socket: Socket) => Socket = (socket) => socket,
): Promise<Listener> {
  try {
    if (host !== "*") requireNet(address, { host, port });
    const target = host === "*"
      ? { host: options.ipv6 ? "::" : "0.0.0.0" }
      : (await resolveAll(host, options.ipv6))[0]!;
    requireNet(address, { ...target, port });
    const server = await listenNet(
      { port, host: target.host, backlog: options.backlog },
      (socket) => {
        tune(socket, options);
        onWire(new NetWire(secure(socket), endpointOf(socket)));
      },
      onError,
    );
    return new NetListener(
      server,
      endpoint(server.address() as AddressInfo),
      onError,
    );
  } catch (error) {
    throw wireError("bind", address, error);
  }
}

/** Applies the options of TCP. */
function tune(socket: Socket, options: WireOptions): void {
  if (options.tcpKeepalive >= 0) {
    const idleMs = Math.max(0, options.tcpKeepaliveIdle) * 1000;
    socket.setKeepAlive(options.tcpKeepalive > 0, idleMs);
  }
  if (options.typeOfService > 0) {
    (socket as Marking).setTypeOfService(options.typeOfService);
  }
}

/** The endpoint at the other end. */
function endpointOf({ remoteAddress, remotePort }: Socket): string {
  return endpoint({ address: remoteAddress, port: remotePort });
}

function endpoint(
  { address, port }: {
    address?: string | undefined;
    port?: number | undefined;
  },
): string {
  if (address === undefined || port === undefined) return "tcp://";
  // A dual-stack socket reports IPv4 peers as ::ffff:10.0.0.2.
  const host = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
  return formatTcp(host, port);
}

function parse(
  address: string,
  use: "bind" | "connect",
): { source: TcpTarget | undefined; target: TcpTarget } {
  const [first, second, third] = restOf(address).split(";");
  if (third !== undefined || (second !== undefined && use === "bind")) {
    throw malformed(address, "it has too many parts");
  }
  if (second === undefined) {
    return { source: undefined, target: hostPort(address, first!) };
  }
  return {
    source: hostPort(address, first!),
    target: hostPort(address, second),
  };
}

/**
 * Reads `host:port`.
 *
 * @param address The address to name in errors.
 * @throws {ZmqError} `EINVAL` if it is malformed.
 */
export function hostPort(address: string, text: string): TcpTarget {
  const { host, port: portText, isBracketed } = splitHostPort(text) ?? {};
  if (host === undefined || portText === undefined) {
    throw malformed(address, `expected ${transportOf(address)}://host:port`);
  }
  if (isBracketed && net().isIP(host.replace(/%.*$/, "")) !== 6) {
    throw malformed(address, `"${host}" is not an IPv6 address`);
  }
  if (
    !isBracketed &&
    !/^(?:\*|[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%.+)?)$/.test(host)
  ) {
    throw malformed(
      address,
      host === "" ? "the host is missing" : `"${host}" is not a host`,
    );
  }
  if (portText !== "*" && !/^\d{1,5}$/.test(portText)) {
    throw malformed(address, "the port is not a number");
  }
  const port = portText === "*" ? 0 : Number(portText);
  if (port > 65535) throw malformed(address, "the port is above 65535");
  return { host, port };
}

function malformed(address: string, why: string): ZmqError {
  return new ZmqError("EINVAL", `Malformed address "${address}": ${why}`, {
    address,
  });
}
