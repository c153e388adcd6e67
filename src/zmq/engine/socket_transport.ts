/**
 * Layer: engine. A transport, as the addresses of a socket need it. Types only.
 *
 * Two kinds have this one interface. Most carry bytes: `../transport/` has them
 * as wires and listeners, and `wire_transport.ts` runs sessions over these, with
 * ZMTP and its handshake. `inproc` carries messages: it joins a pipe of one
 * socket to a pipe of another, hands both ends to `SocketCore.attach`, and there
 * are neither bytes nor a handshake.
 *
 * @module
 */
import type { Protection } from "../options/protection.ts";
import type { OptionValues } from "../options/values.ts";
import type { Admissions } from "./admissions.ts";
import type { Connected } from "./connected.ts";
import type { SocketCore } from "./socket_core.ts";

/** One way in which sockets reach each other. */
export interface SocketTransport {
  /** What stands before `://`. */
  readonly name: string;
  /** With messages, there is no handshake: no mechanism, and nothing that a STREAM could send. */
  readonly carries: "bytes" | "messages";
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
   * Prepares to bind; nothing happens until it is opened.
   *
   * @param admissions The peers of the socket, over all its addresses.
   * @throws {ZmqError} As `check`; `EINVAL` if security is incomplete.
   */
  binding(address: string, core: SocketCore, admissions: Admissions): Bound;
  /**
   * Connects, and connects again whenever the connection is lost.
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
  /** What `bind` was given. */
  readonly given: string;
  /** What peers have to pass; none without a handshake. */
  readonly protection?: Protection;
  /** Listens; undefined if that was done at once. @throws {ZmqError} It cannot. */
  open(): Promise<void> | undefined;
  /** Whether an address is another way to write the endpoint. */
  isAt(address: string): boolean;
  /** Accepts no more; resolves once the address is free. Connections live on. */
  stop(): Promise<void>;
  /** Ends all connections: what was sent before still leaves, what has come can still be received. */
  drain(): void;
  /** The socket closes: its ends of the pipes are closed, and what was sent before still leaves. */
  closePipes(): void;
  /** Resolves when nothing is left; any number may wait. */
  finish(): Promise<void>;
  /** Closes all connections at once. */
  destroy(): void;
}
