/**
 * Layer: native.
 *
 * The options of a socket of libzmq, by name or number: those that the engine
 * has too, checked by its table, and those that only libzmq has. What libzmq
 * does not tell, because it cannot be read there, is remembered.
 *
 * @module
 */
import {
  OPTIONS,
  SOCKET_TYPE_NAMES,
  type SocketType,
  ZmqError,
} from "../zmq/mod.ts";
import { checkOption } from "../zmq/options/check.ts";
import type { OptionName } from "../zmq/options/values.ts";
import { codeOf, reasonOf } from "./errors.ts";
import type { ZeromqSocket } from "./zeromq_api.ts";

/** Options that libzmq has and the engine has not; see the documentation of libzmq. */
export interface LibzmqOptions {
  /** The I/O threads that serve the socket, as a bit mask. */
  affinity: number;
  /** The greatest rate of multicast, in kilobits a second. */
  rate: number;
  /** How long multicast data can be recovered, in milliseconds. */
  recoveryInterval: number;
  /** The size of the system's send buffer, in bytes. */
  sendBufferSize: number;
  /** The size of the system's receive buffer, in bytes. */
  receiveBufferSize: number;
  /** How many hops multicast packets may make. */
  multicastHops: number;
  /** How many keep-alive probes may stay unanswered. */
  tcpKeepaliveCount: number;
  /** The time between keep-alive probes, in seconds. */
  tcpKeepaliveInterval: number;
  /** Addresses that may connect; null for all. */
  tcpAcceptFilter: string | null;
  /** The type-of-service field of IP packets. */
  typeOfService: number;
  /** A SOCKS5 proxy to connect through, as `host:port`. */
  socksProxy: string | null;
  /** Whether an XPUB decides by itself which subscriptions count. */
  manual: boolean;
  /** How long TCP may try to send again, in milliseconds. */
  tcpMaxRetransmitTimeout: number;
  /** The largest multicast packet, in bytes. */
  multicastMaxTransportDataUnit: number;
  /** The network device to use. */
  interface: string | null;
}

/** Their numbers in libzmq. */
const ONLY_LIBZMQ: Readonly<Record<keyof LibzmqOptions, number>> = {
  affinity: 4,
  rate: 8,
  recoveryInterval: 9,
  sendBufferSize: 11,
  receiveBufferSize: 12,
  multicastHops: 25,
  tcpKeepaliveCount: 35,
  tcpKeepaliveInterval: 37,
  tcpAcceptFilter: 38,
  typeOfService: 57,
  socksProxy: 68,
  manual: 71,
  tcpMaxRetransmitTimeout: 80,
  multicastMaxTransportDataUnit: 84,
  interface: 92,
};

const NAME_OF: ReadonlyMap<number | undefined, string> = new Map([
  ...Object.entries(ONLY_LIBZMQ).map(([name, number]) =>
    [number, name] as const
  ),
  ...Object.entries(OPTIONS).map(([name, { number }]) =>
    [number, name] as const
  ),
]);

/** Options that only the engine has. */
export type EngineOnly =
  | "context"
  | "sendTimeout"
  | "receiveTimeout"
  | "authenticate"
  | "curveAllowedKeys";

/** Options of the engine that are not libzmq's to keep, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  sendTimeout: "only poll waits here, and has a timeout of its own",
  receiveTimeout: "only poll waits here, and has a timeout of its own",
  authenticate: "libzmq asks a ZAP handler",
  curveAllowedKeys: "libzmq asks a ZAP handler",
};

/** The options of one socket. */
export class Options {
  readonly #socket: ZeromqSocket;
  readonly #type: SocketType;
  readonly #set: Map<string, unknown> = new Map();

  constructor(socket: ZeromqSocket, type: SocketType) {
    this.#socket = socket;
    this.#type = type;
  }

  /**
   * Sets an option.
   *
   * @throws {ZmqError} `EINVAL` if there is none, the socket type does not have
   *   it, or it cannot hold the value; `ENOTSUP` if only the engine has it.
   */
  set(option: string | number, value: unknown): void {
    const name = this.#find(option);
    const checked = isShared(name) ? checkOption(name, value) : value;
    try {
      Reflect.set(this.#socket, name, checked);
    } catch (cause) {
      // Without the value: it may be a secret.
      throw optionError(codeOf(cause), name, reasonOf(cause), cause);
    }
    this.#set.set(name, checked);
  }

  /** Whether an option was set to true. */
  isOn(name: OptionName): boolean {
    return this.#set.get(name) === true;
  }

  /**
   * The value of an option; see {@linkcode set}.
   *
   * @throws {ZmqError} The same.
   */
  get(option: string | number): unknown {
    const name = this.#find(option);
    if (this.#set.has(name)) return this.#set.get(name);
    const spec = isShared(name) ? OPTIONS[name] : undefined;
    // libzmq tells neither keys nor what zeromq.js can only set.
    const isTold = spec?.kind !== "key" && hasGetter(this.#socket, name);
    if (!isTold && spec !== undefined) return spec.default;
    try {
      return Reflect.get(this.#socket, name);
    } catch (cause) {
      throw optionError(codeOf(cause), name, reasonOf(cause), cause);
    }
  }

  #find(option: string | number): string {
    const name = typeof option === "number" ? NAME_OF.get(option) : option;
    if (
      name === undefined ||
      !(isShared(name) || Object.hasOwn(ONLY_LIBZMQ, name))
    ) {
      throw new ZmqError("EINVAL", `There is no socket option ${option}`);
    }
    const types = isShared(name) ? OPTIONS[name].types : undefined;
    const reason = REFUSED[name];
    if (reason === undefined && name in this.#socket) return name;
    if (reason !== undefined && (types?.includes(this.#type) ?? true)) {
      throw optionError("ENOTSUP", name, reason);
    }
    throw new ZmqError(
      "EINVAL",
      `A ${SOCKET_TYPE_NAMES[this.#type]} socket has no option ${name}`,
    );
  }
}

function isShared(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

function hasGetter(socket: object, name: string): boolean {
  for (let at = socket; at !== null; at = Object.getPrototypeOf(at)) {
    const property = Object.getOwnPropertyDescriptor(at, name);
    if (property !== undefined) return property.get !== undefined;
  }
  return false;
}

function optionError(
  code: string,
  name: string,
  reason: string,
  cause?: unknown,
): ZmqError {
  return new ZmqError(
    code,
    `The option ${name} cannot be used: ${reason}`,
    { cause },
  );
}
