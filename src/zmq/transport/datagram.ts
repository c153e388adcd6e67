/**
 * Layer: transport. What the engine needs of a transport of datagrams, which
 * may be lost, and have no connection. Types, and their size.
 *
 * @module
 */
import type { WireOptions } from "./wire.ts";

/** The most bytes in a datagram of UDP over IPv4. libzmq receives the first 8,192 of them. */
export const MAX_DATAGRAM_BYTES = 65_507;

/** An IP address and a port. */
export interface IpPort {
  readonly host: string;
  readonly port: number;
}

/** Receives datagrams. The memory of each belongs to the receiver. */
export type OnDatagram = (bytes: Uint8Array, from: IpPort) => void;

/** An open port, which can send and receive. */
export interface DatagramPort {
  /** The bound address, or the one that `connect` was given. */
  readonly endpoint: string;
  /**
   * Sends a datagram; its memory must not change until `done` is called.
   *
   * @param to Undefined for the address that the port is connected to.
   */
  send(
    bytes: Uint8Array,
    to: IpPort | undefined,
    done: (error: Error | null) => void,
  ): void;
  /** Resolves once the address is free. */
  close(): Promise<void>;
}

/** A transport of datagrams. */
export interface DatagramTransport {
  /** The text before `://` in its addresses. */
  readonly name: string;
  readonly carries: "datagrams";
  /** How many datagrams the system may have at a time without changing their order. */
  readonly concurrentSends: number;
  /** Whether it works on this system. */
  readonly isAvailable: boolean;
  /** @throws {ZmqError} `EINVAL` if the address is malformed. */
  check(address: string, use: "bind" | "connect"): void;
  /** @throws {ZmqError} `EACCES` if the runtime does not let this process send there. */
  permit(address: string): void;
  /**
   * Opens a port.
   *
   * @throws {ZmqError} `EADDRINUSE`, `EADDRNOTAVAIL`, `ENOTFOUND`, `EACCES`.
   */
  open(
    address: string,
    use: "bind" | "connect",
    options: WireOptions,
    onDatagram: OnDatagram,
  ): Promise<DatagramPort>;
  /** Whether an address is another spelling of a bound endpoint, such as `udp://*:5555`. */
  isSame(address: string, endpoint: string): boolean;
}
