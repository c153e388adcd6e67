/**
 * Layer: transport. `udp://[interface;]host:port` over `node:dgram`: zmq_udp(7).
 * The host may be a multicast group; the interface, by its name or IP address,
 * is the one over which to join the group, or to send to it.
 *
 * @module
 */
import type { Socket } from "node:dgram";
import { isIP } from "node:net";
import { formatHostPort, isPortNumber, splitUdp } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import type {
  DatagramPort,
  DatagramTransport,
  IpPort,
  OnDatagram,
} from "./datagram.ts";
import { wireError } from "./net_wire.ts";
import { requireNet } from "./permission.ts";
import { type IpAddress, resolveAll } from "./resolve.ts";
import { hostPort, type TcpTarget } from "./tcp.ts";
import type { WireOptions } from "./wire.ts";

/** An address in parts. */
interface UdpAddress {
  /** Undefined if the system chooses it. */
  readonly interface: string | undefined;
  readonly target: TcpTarget;
}

/** UDP, IPv4 and IPv6, unicast and multicast. */
export const udp: DatagramTransport = {
  name: "udp",
  carries: "datagrams",
  // Deno (2.9) sends those of a turn in any order.
  concurrentSends: "Deno" in globalThis ? 1 : 64,
  isAvailable: true,
  check,
  permit: (address) => requireNet(address, parse(address).target),
  open,
  isSame,
};

function check(address: string, use: "bind" | "connect"): void {
  const { host, port } = parse(address).target;
  if (use === "connect" && (host === "*" || port === 0)) {
    throw malformed(address, "connecting needs a host and a port");
  }
}

function isSame(address: string, endpoint: string): boolean {
  const { host, port } = splitUdp(address)?.target ?? {};
  if (host !== "*" || !isPortNumber(port)) return false;
  return endpoint === formatUdp({ host: "0.0.0.0", port: Number(port) }) ||
    endpoint === formatUdp({ host: "::", port: Number(port) });
}

async function open(
  address: string,
  use: "bind" | "connect",
  options: WireOptions,
  onDatagram: OnDatagram,
): Promise<DatagramPort> {
  const { target, interface: name } = parse(address);
  try {
    const ip = await resolve(target.host, options.ipv6);
    requireNet(address, { ...ip, port: target.port });
    const device = await interfaceAddress(name, ip.family);
    const place = { ip, port: target.port, device };
    return use === "bind"
      ? await bind(place, options, onDatagram)
      : await connect(place, options);
  } catch (error) {
    throw wireError(use === "bind" ? "bind" : "connect to", address, error);
  }
}

/** Where to bind, or to send to. */
interface Place {
  readonly ip: IpAddress;
  readonly port: number;
  /** The address of the interface for multicast. */
  readonly device: string | undefined;
}

async function bind(
  { ip, port, device }: Place,
  options: WireOptions,
  onDatagram: OnDatagram,
): Promise<DatagramPort> {
  const isGroup = isMulticast(ip);
  // As in libzmq, several sockets may receive what is sent to a group.
  const socket = await openSocket(ip.family, isGroup);
  try {
    await listen(socket, isGroup ? anyAddress(ip.family) : ip.host, port);
    if (isGroup) socket.addMembership(ip.host, device);
    setMulticast(socket, options);
    socket.on(
      "message",
      (bytes, { address, port }) => onDatagram(bytes, { host: address, port }),
    );
    const { port: bound } = socket.address();
    return new UdpPort(socket, formatUdp({ host: ip.host, port: bound }));
  } catch (error) {
    socket.close();
    throw error;
  }
}

async function connect(
  { ip, port, device }: Place,
  options: WireOptions,
): Promise<DatagramPort> {
  const socket = await openSocket(ip.family, false);
  try {
    await listen(socket, undefined, 0);
    setMulticast(socket, options);
    if (isMulticast(ip) && device !== undefined) {
      socket.setMulticastInterface(device);
    }
    const target = { host: ip.host, port };
    return new UdpPort(socket, formatUdp(target), target);
  } catch (error) {
    socket.close();
    throw error;
  }
}

async function openSocket(
  family: number,
  reuseAddr: boolean,
): Promise<Socket> {
  // Loaded here, as few programs need it.
  const { createSocket } = await import("node:dgram");
  return createSocket({ type: family === 6 ? "udp6" : "udp4", reuseAddr });
}

function listen(
  socket: Socket,
  address: string | undefined,
  port: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off("error", reject);
      socket.unref();
      resolve();
    });
  });
}

function setMulticast(
  socket: Socket,
  { multicastHops, multicastLoop }: WireOptions,
): void {
  socket.setMulticastTTL(Math.min(multicastHops, 255));
  socket.setMulticastLoopback(multicastLoop);
}

/** A port of `node:dgram`. */
class UdpPort implements DatagramPort {
  readonly endpoint: string;
  readonly #socket: Socket;
  readonly #target: IpPort | undefined;

  constructor(socket: Socket, endpoint: string, target?: IpPort) {
    this.#socket = socket;
    this.endpoint = endpoint;
    this.#target = target;
    // Such as that nothing listens at the other end: a datagram may be lost.
    socket.on("error", () => {});
  }

  send(
    bytes: Uint8Array,
    to: IpPort | undefined,
    done: (error: Error | null) => void,
  ): void {
    const { host, port } = to ?? this.#target!;
    try {
      this.#socket.send(bytes, port, host, done);
    } catch (error) {
      done(error as Error);
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

async function resolve(host: string, isIpv6: boolean): Promise<IpAddress> {
  if (host === "*") {
    const family = isIpv6 ? 6 : 4;
    return { host: anyAddress(family), family };
  }
  const [first] = await resolveAll(host, isIpv6);
  return first!;
}

function anyAddress(family: number): string {
  return family === 6 ? "::" : "0.0.0.0";
}

function isMulticast({ host, family }: IpAddress): boolean {
  if (family === 6) return /^ff/i.test(host);
  const first = Number(host.split(".", 1)[0]);
  return first >= 224 && first <= 239;
}

/** The address of an interface, as `node:dgram` takes it. */
async function interfaceAddress(
  name: string | undefined,
  family: number,
): Promise<string | undefined> {
  if (name === undefined || name === "*") return undefined;
  if (isIP(name) === family) return name;
  if (family === 6) return `::%${name}`;
  const { networkInterfaces } = await import("node:os");
  const found = networkInterfaces()[name]?.find((one) => one.family === "IPv4");
  if (found !== undefined) return found.address;
  throw Object.assign(new Error(`there is no interface "${name}"`), {
    code: "ENODEV",
  });
}

function parse(address: string): UdpAddress {
  const parts = splitUdp(address);
  if (parts === undefined) {
    throw malformed(address, "expected udp://[interface;]host:port");
  }
  const { host, port } = parts.target;
  return {
    interface: parts.interface,
    target: hostPort(address, formatHostPort(host, port)),
  };
}

/** Writes an IP address and a port as an address. */
function formatUdp({ host, port }: IpPort): string {
  return `udp://${formatHostPort(host, port)}`;
}

function malformed(address: string, why: string): ZmqError {
  return new ZmqError("EINVAL", `Malformed address "${address}": ${why}`, {
    address,
  });
}
