/**
 * Layer: native.
 *
 * Binds and connects with libzmq, with the guarantees of the engine: an address
 * is free once `unbind` resolves, a port above 65,535 is an error, and so is an
 * unknown host name.
 *
 * @module
 */
import { resolveHostname } from "../util/mod.ts";
import { formatTcpAddress, parseTcpAddress } from "../util/tcp_address.ts";
import { isPortNumber, splitTcp } from "../zmq/endpoint.ts";
import { ZmqError } from "../zmq/mod.ts";
import { addressError, codeOf } from "./libzmq_errors.ts";
import { whenFree } from "./when_free.ts";
import type { ZeromqSocket } from "./zeromq_api.ts";

/** The addresses of one socket. */
export class NativeEndpoints {
  readonly #socket: ZeromqSocket;
  readonly #bound: Set<string> = new Set();
  #last: string | null = null;

  constructor(socket: ZeromqSocket) {
    this.#socket = socket;
  }

  /** The endpoint that was bound or connected last, with its real port. */
  get last(): string | null {
    return this.#last;
  }

  /**
   * Binds synchronously: zeromq.js's own `bind` uses another thread, and the
   * socket must not be used meanwhile.
   */
  async bind(address: string): Promise<void> {
    let target = address;
    try {
      target = await resolved(address);
      this.#socket.bindSync(target);
    } catch (cause) {
      throw bindError(address, cause);
    }
    this.#last = this.#socket.lastEndpoint ?? target;
    this.#bound.add(this.#last);
  }

  /** Unbinds, and waits until the address is free. */
  async unbind(address: string): Promise<void> {
    this.#end("unbind", address);
    this.#bound.delete(address);
    await whenFree(address);
  }

  /** Connects. */
  connect(address: string): void {
    try {
      requirePort(address);
      this.#socket.connect(address);
    } catch (cause) {
      throw addressError("connect to", address, cause);
    }
    this.#last = this.#socket.lastEndpoint ?? address;
  }

  /** Disconnects. */
  disconnect(address: string): void {
    this.#end("disconnect from", address);
  }

  /** Waits until the addresses of a socket that was closed are free. */
  async close(): Promise<void> {
    await Promise.all([...this.#bound].map(whenFree));
    this.#bound.clear();
  }

  /** In libzmq, disconnecting and unbinding are the same; zeromq.js can unbind synchronously only so. */
  #end(what: string, address: string): void {
    try {
      this.#socket.disconnect(address);
    } catch (cause) {
      throw addressError(what, address, cause);
    }
  }
}

/** The address with an IP in place of a host name; a network device keeps its name. */
async function resolved(address: string): Promise<string> {
  requirePort(address);
  const host = hostIn(address);
  if (host === undefined || host === "*") return address;
  try {
    const ip = await resolveHostname(host);
    const { port } = parseTcpAddress(address);
    return formatTcpAddress({ host: ip, port });
  } catch {
    return address; // libzmq reports the error
  }
}

function hostIn(address: string): string | undefined {
  try {
    return parseTcpAddress(address).host;
  } catch {
    return undefined;
  }
}

/** libzmq ignores the bits of a port above the 16th. */
function requirePort(address: string): void {
  const { port } = splitTcp(address)?.target ?? {};
  if (!isPortNumber(port) || Number(port) <= 0xffff) return;
  throw new ZmqError("EINVAL", `The port ${port} is above 65535`);
}

function bindError(address: string, cause: unknown): ZmqError {
  if (codeOf(cause) !== "ENODEV") {
    return addressError("bind to", address, cause);
  }
  const isV6 = hostIn(address)?.includes(":");
  const reason = isV6
    ? "IPv6 needs the option ipv6"
    : "unknown host name or network device";
  return new ZmqError(
    isV6 ? "EADDRNOTAVAIL" : "ENOTFOUND",
    `Cannot bind to "${address}": ${reason}`,
    { address, cause },
  );
}
