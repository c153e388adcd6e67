/**
 * Layer: native.
 *
 * The options of a socket of libzmq, by name or number: those that the engine
 * has too, and those that only libzmq has. All are checked by tables; what
 * libzmq does not tell, because it cannot be read there, is remembered.
 *
 * @module
 */
import {
  type OptionName,
  OPTIONS,
  type OptionSpec,
  SOCKET_TYPE_NAMES,
  type SocketType,
  ZmqError,
} from "../zmq/mod.ts";
import { noSocketOption } from "../zmq/nearest_name.ts";
import { checkValue } from "../zmq/options/check.ts";
import { MAX_INT } from "../zmq/options/values.ts";
import { codeOf, reasonOf } from "./errors.ts";
import type { OptionKind, ZeromqSocket } from "./zeromq_api.ts";

/** Options that libzmq has and the engine has not. */
export interface LibzmqOptions {
  /** The I/O threads that serve the socket, as a bit mask; 0 for any. Default 0. */
  affinity: number;
  /** The size of the system's send buffer, in bytes; -1 as the system has it. Default -1. */
  sendBufferSize: number;
  /** The size of the system's receive buffer, in bytes; -1 as the system has it. Default -1. */
  receiveBufferSize: number;
  /** How many TCP keep-alive probes may stay unanswered; -1 as the system has it. Default -1. */
  tcpKeepaliveCount: number;
  /** The time between TCP keep-alive probes, in seconds; -1 as the system has it. Default -1. */
  tcpKeepaliveInterval: number;
  /** How long TCP tries to send again, in milliseconds; 0 as the system has it. Default 0. */
  tcpMaxRetransmitTimeout: number;
  /** Addresses that may connect, such as `10.0.0.0/8`; setting it again adds to them. Default null, which is all. */
  tcpAcceptFilter: string | null;
  /** The network device to use; it needs rights. Default null, which is any. */
  interface: string | null;
}

/** Options that only the engine has. */
export type EngineOnly =
  | "context"
  | "sendTimeout"
  | "receiveTimeout"
  | "authenticate"
  | "curveAllowedKeys"
  | "maxConnections"
  | "maxConnectionsPerAddress"
  | "maxHandshakes"
  | "maxSubscriptions"
  | "maxSubscriptionBytes"
  | "maxMessageFrames"
  | "curveMaxFrameSize";

const integer = {
  kind: "integer",
  min: -1,
  max: MAX_INT,
  default: -1,
} as const;
const text = { kind: "text", default: null, mayBeEmpty: true } as const;

const SPECS: Readonly<Record<keyof LibzmqOptions | OptionName, OptionSpec>> = {
  ...OPTIONS,
  affinity: {
    number: 4,
    ...integer,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
  },
  sendBufferSize: { number: 11, ...integer },
  receiveBufferSize: { number: 12, ...integer },
  tcpKeepaliveCount: { number: 35, ...integer },
  tcpKeepaliveInterval: { number: 37, ...integer },
  tcpMaxRetransmitTimeout: { number: 80, ...integer, min: 0, default: 0 },
  tcpAcceptFilter: { number: 38, ...text },
  interface: { number: 92, ...text },
};

type Name = keyof typeof SPECS;

const NAME_OF: ReadonlyMap<number | undefined, string> = new Map(
  Object.entries(SPECS).map(([name, { number }]) => [number, name] as const),
);

const OWN_WAIT = "only poll waits here, and has a timeout of its own";
const ASKS_ZAP = "libzmq asks a ZAP handler";
const NO_LIMIT = "libzmq has no such limit";

/** Options of the engine that are not libzmq's to keep, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  sendTimeout: OWN_WAIT,
  receiveTimeout: OWN_WAIT,
  authenticate: ASKS_ZAP,
  curveAllowedKeys: ASKS_ZAP,
  maxConnections: NO_LIMIT,
  maxConnectionsPerAddress: NO_LIMIT,
  maxHandshakes: NO_LIMIT,
  maxSubscriptions: NO_LIMIT,
  maxSubscriptionBytes: NO_LIMIT,
  maxMessageFrames: NO_LIMIT,
  curveMaxFrameSize: NO_LIMIT,
};

/** The numbers in libzmq of what is one option here. */
const XPUB_VERBOSE = 40;
const XPUB_VERBOSER = 78;

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
    const checked = checkValue(name, SPECS[name], value);
    // libzmq does not take null for what is null already.
    if (checked === null && !this.#set.has(name)) return;
    try {
      this.#write(SPECS[name], checked);
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
    const spec = SPECS[name];
    const kind = kindOf(spec);
    if (kind === undefined) return spec.default;
    try {
      return this.#socket[`get${kind}Option`](spec.number!);
    } catch {
      return spec.default; // it can only be set, and was not
    }
  }

  #write(spec: OptionSpec, value: unknown): void {
    const kind = kindOf(spec);
    if (kind !== undefined) {
      return this.#socket[`set${kind}Option`](spec.number!, value);
    }
    if (spec.kind === "words") {
      const bits = spec.words!.map((word, bit) =>
        (value as string[]).includes(word) ? 1 << bit : 0
      );
      const sum = bits.reduce((a, b) => a | b, 0);
      return this.#socket.setInt32Option(spec.number!, sum);
    }
    // It is the verbosity: two switches, of which the first turns both off.
    this.#socket.setBoolOption(XPUB_VERBOSE, value === "allSubs");
    if (value === "allSubsUnsubs") {
      this.#socket.setBoolOption(XPUB_VERBOSER, true);
    }
  }

  #find(option: string | number): Name {
    const name = typeof option === "number" ? NAME_OF.get(option) : option;
    if (name === undefined || !Object.hasOwn(SPECS, name)) {
      const known = Object.keys(SPECS);
      throw new ZmqError("EINVAL", noSocketOption(option, known));
    }
    const { types } = SPECS[name as Name];
    if (types !== undefined && !types.includes(this.#type)) {
      throw new ZmqError(
        "EINVAL",
        `A ${
          SOCKET_TYPE_NAMES[this.#type]
        } socket does not have the option ${name}`,
      );
    }
    const reason = REFUSED[name];
    if (reason !== undefined) throw optionError("ENOTSUP", name, reason);
    return name as Name;
  }
}

/** How zeromq.js reads and writes an option; `undefined` if not as it is here. */
function kindOf({ kind, max }: OptionSpec): OptionKind | undefined {
  switch (kind) {
    case "integer":
      return max! > MAX_INT ? "Int64" : "Int32";
    case "boolean":
      return "Bool";
    case "text":
    case "bytes":
    case "address":
    case "key":
      return "String";
    default:
      return undefined;
  }
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
