/**
 * Layer: engine. A transport, as the addresses of a socket need it. Types only.
 *
 * Three kinds have this one interface. Most carry bytes: `../transport/` has them
 * as wires and listeners, and `wire_transport.ts` runs sessions over these,
 * with ZMTP and its handshake. `inproc` carries messages: it connects two
 * sockets by a pipe, whose ends go to `SocketHost.attach`, without bytes and
 * without a handshake. Datagrams have no connection: `datagram_transport.ts`.
 *
 * @module
 */
import type { Protection } from "../options/protection.ts";
import type { OptionValues } from "../options/values.ts";
import type { ConnectionLimits } from "../transport/connection_limits.ts";
import type { Connected } from "./connected.ts";
import type { SocketCore } from "./socket_core.ts";

/** One transport. */
export interface SocketTransport {
  /** What stands before `://`. */
  readonly name: string;
  /** With messages and datagrams, there is no handshake, and so no mechanism. A STREAM can use only what carries any bytes. */
  readonly carries: "bytes" | "frames" | "messages" | "datagrams";
  /**
   * Checks an address.
   *
   * @throws {ZmqError} `EINVAL` if it is malformed, `ENOTSUP` if an option
   *   cannot be used for it here.
   */
  check(
    address: string,
    use: "bind" | "connect",
    options: Readonly<OptionValues>,
  ): void;
  /**
   * Prepares to bind; nothing is bound until it is opened.
   *
   * @param connectionLimits The peers of the socket, over all its addresses.
   * @throws {ZmqError} As `check`; `EINVAL` if security is incomplete.
   */
  binding(
    address: string,
    core: SocketCore,
    connectionLimits: ConnectionLimits,
  ): Bound;
  /**
   * Connects, and reconnects whenever the connection is lost.
   *
   * @param routingId The peer's, if it is known beforehand.
   * @throws {ZmqError} As `binding`; `EACCES` if the runtime's permissions do not
   *   allow it.
   */
  connect(
    address: string,
    core: SocketCore,
    routingId?: Uint8Array,
  ): Connected;
}

/** One `bind`, until nothing is left of it. */
export interface Bound {
  /** The real endpoint; known once it is open. */
  readonly endpoint: string;
  /** The argument of `bind`. */
  readonly given: string;
  /** How its connections are protected; undefined without a handshake. */
  readonly protection?: Protection;
  /** Listens; undefined if that was done synchronously. @throws {ZmqError} The address cannot be bound. */
  open(): Promise<void> | undefined;
  /** Whether an address is another spelling of the endpoint. */
  isAt(address: string): boolean;
  /** Stops accepting; resolves once the address is free. Existing connections stay open. */
  stop(): Promise<void>;
  /** Ends all connections; messages sent before are still delivered, messages that have arrived can still be received. */
  drain(): void;
  /** The socket closes: closes its ends of the pipes; messages sent before are still delivered. */
  closePipes(): void;
  /** Resolves when nothing is left; may be called any number of times. */
  finish(): Promise<void>;
  /** Closes all connections at once. */
  destroy(): void;
}
