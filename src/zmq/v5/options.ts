/**
 * Layer: v5. The options of a socket by their numbers, with the values that
 * they have in v5: 0 and 1 for false and true, "" for what is not set.
 *
 * @module
 */
import { decodeText } from "../bytes.ts";
import { OPTIONS } from "../options/table.ts";
import { POLLIN, POLLOUT } from "../types.ts";
import * as v5 from "./constants.ts";
import { argumentError, asOptionError } from "./socket_error.ts";
import type { Inner } from "./inner.ts";

/** A value of an option, as it is read. */
export type OptionValue = number | string;

/** The options that are properties of a socket. Times are in milliseconds. To set bytes, such as a key of 32 bytes, use `setsockopt`. */
export interface SocketProperties {
  /** Which I/O threads of libzmq to use; without effect. */
  affinity: number;
  /** How many connections may wait to be accepted. */
  backlog: number;
  /** How many messages may wait for each peer, in each direction; 0 for any number. */
  hwm: number;
  /** The name under which a ROUTER sees this socket. */
  identity: string;
  /** How long a closed socket continues to send what waits; -1 for ever. */
  linger: number;
  /** Multicast; not supported. */
  mcast_loop: number;
  /** Multicast; not supported. */
  rate: number;
  /** The system's buffer; without effect. */
  rcvbuf: number;
  /** The system's buffer; without effect. */
  sndbuf: number;
  /** Multicast; not supported. */
  recovery_ivl: number;
  /** The endpoint that was bound or connected last, with its real port. */
  readonly last_endpoint: string;
  /** The wait before reconnecting; -1 for no reconnecting. */
  reconnect_ivl: number;
  /** An option of ZeroMQ 2; not supported. */
  swap: number;
  /** The mechanism that the options select: 0 for NULL, 1 for PLAIN, 2 for CURVE. */
  readonly mechanism: number;
  /** Whether this side is the server of PLAIN. */
  plain_server: number;
  /** The user name of a client of PLAIN. */
  plain_username: string;
  /** The password of a client of PLAIN. */
  plain_password: string;
  /** Whether this side is the server of CURVE. */
  curve_server: number;
  /** The public key of a client of CURVE, in Z85. */
  curve_publickey: string;
  /** The secret key of either side of CURVE, in Z85. */
  curve_secretkey: string;
  /** The server's public key, for a client of CURVE, in Z85. */
  curve_serverkey: string;
  /** The domain that the ZAP handler gets. */
  zap_domain: string;
  /** How often to send PING; 0 for never. */
  heartbeat_ivl: number;
  /** How long the peer may let the connection be silent. */
  heartbeat_ttl: number;
  /** How long after a PING the connection may be silent; -1 for `heartbeat_ivl`. */
  heartbeat_timeout: number;
  /** The timeout for making a TCP connection; 0 for that of the system. */
  connect_timeout: number;
  /** A topic to subscribe to. */
  _subscribe: string | Uint8Array;
  /** A topic to unsubscribe from. */
  _unsubscribe: string | Uint8Array;
  /** What is possible without waiting: `ZMQ_POLLIN`, `ZMQ_POLLOUT`. */
  readonly _ioevents: number;
  /** Whether more frames follow: 0, as messages are received completely. */
  readonly _receiveMore: number;
  /** The file descriptor of the socket; not supported. */
  readonly _fd: number;
}

/** Options that tune libzmq's threads and the system's buffers: stored, without effect. */
const WITHOUT_EFFECT: ReadonlyMap<number, number> = new Map([
  [v5.ZMQ_AFFINITY, 0],
  [v5.ZMQ_RATE, 100],
  [v5.ZMQ_RECOVERY_IVL, 10_000],
  [v5.ZMQ_SNDBUF, -1],
  [v5.ZMQ_RCVBUF, -1],
  [v5.ZMQ_MULTICAST_HOPS, 1],
  [v5.ZMQ_TCP_KEEPALIVE_CNT, -1],
  [v5.ZMQ_TCP_KEEPALIVE_INTVL, -1],
]);

const KIND_OF: ReadonlyMap<number | undefined, string> = new Map(
  Object.values(OPTIONS).map(({ number, kind }) => [number, kind]),
);

/** The options of one socket. */
export class NumberedOptions {
  readonly #inner: Inner;
  readonly #stored: Map<number, number> = new Map();

  constructor(inner: Inner) {
    this.#inner = inner;
  }

  /** @throws {SocketError} `EINVAL`, `ENOTSUP`. */
  get(option: number): OptionValue {
    try {
      return this.#get(option);
    } catch (error) {
      throw asOptionError(error);
    }
  }

  /** @throws {SocketError} `EINVAL`, `ENOTSUP`, or a value of the wrong type. */
  set(option: number, value: unknown): void {
    try {
      this.#set(option, value);
    } catch (error) {
      throw asOptionError(error);
    }
  }

  #get(option: number): OptionValue {
    const inner = this.#inner;
    const stored = this.#stored.get(option) ?? WITHOUT_EFFECT.get(option);
    if (stored !== undefined) return stored;
    switch (option) {
      case v5.ZMQ_HWM:
        return this.#get(
          inner.trySend === undefined ? v5.ZMQ_RCVHWM : v5.ZMQ_SNDHWM,
        );
      case v5.ZMQ_RCVMORE:
        return 0;
      case v5.ZMQ_EVENTS:
        return (inner.readable ? POLLIN : 0) | (inner.writable ? POLLOUT : 0);
      case v5.ZMQ_IPV4ONLY:
        return 1 - Number(this.#get(v5.ZMQ_IPV6));
      case v5.ZMQ_MECHANISM: {
        const name = inner.securityMechanism;
        return name === null ? 0 : name === "plain" ? 1 : 2;
      }
      case v5.ZMQ_XPUB_VERBOSE:
        return inner.getOption(option) === null ? 0 : 1;
    }
    return asValue(inner.getOption(option));
  }

  #set(option: number, value: unknown): void {
    const inner = this.#inner;
    if (WITHOUT_EFFECT.has(option)) {
      this.#stored.set(option, integer(value));
      return;
    }
    switch (option) {
      case v5.ZMQ_HWM:
        if (inner.trySend !== undefined) this.#set(v5.ZMQ_SNDHWM, value);
        if (inner.tryReceive !== undefined) this.#set(v5.ZMQ_RCVHWM, value);
        return;
      case v5.ZMQ_IPV4ONLY:
        return this.#set(v5.ZMQ_IPV6, 1 - integer(value));
      case v5.ZMQ_ROUTER_RAW:
        if (integer(value) === 0) return;
        break;
    }
    const kind = KIND_OF.get(option);
    const isNumber = kind === "integer" || kind === "boolean";
    inner.setOption(option, isNumber ? integer(value) : value);
  }
}

function integer(value: unknown): number {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" && !Number.isNaN(value)) {
    return Math.trunc(value);
  }
  throw argumentError(`The value of this option must be an integer`);
}

function asValue(value: unknown): OptionValue {
  if (typeof value === "boolean") return Number(value);
  if (value instanceof Uint8Array) return decodeText(value);
  return value === null ? "" : value as OptionValue;
}
