/**
 * Layer: native.
 *
 * The options of a socket of libzmq, by name or number: those that the engine
 * has too, and those that only libzmq has. Tables check all of them. Options
 * that cannot be read from libzmq are remembered here.
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
import { codeOf, reasonOf } from "./libzmq_errors.ts";
import type { OptionKind, ZeromqSocket } from "./zeromq_api.ts";

/** Options that only libzmq has. */
export interface LibzmqOptions {
  /** The I/O threads that serve the socket, as a bit mask; 0 for any. Default 0. */
  affinity: number;
  /** The size of the system's send buffer, in bytes; -1 for the default of the system. Default -1. */
  sendBufferSize: number;
  /** The size of the system's receive buffer, in bytes; -1 for the default of the system. Default -1. */
  receiveBufferSize: number;
  /** How many TCP keep-alive probes may go unanswered; -1 for the default of the system. Default -1. */
  tcpKeepaliveCount: number;
  /** The time between TCP keep-alive probes, in seconds; -1 for the default of the system. Default -1. */
  tcpKeepaliveInterval: number;
  /** How long TCP retransmits, in milliseconds; 0 for the default of the system. Default 0. */
  tcpMaxRetransmitTimeout: number;
  /** Addresses that may connect, such as `10.0.0.0/8`; setting it again adds more. Default null: all. */
  tcpAcceptFilter: string | null;
  /** The network device to use; needs privileges. Default null: any. */
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
  | "curveMaxFrameSize"
  | "wsOrigins"
  | "tlsCert"
  | "tlsKey"
  | "tlsCa"
  | "tlsHostname"
  | "tlsTrustSystem";

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

const OWN_WAIT = "only poll() waits here, and has its own timeout";
const ASKS_ZAP = "libzmq authenticates with a ZAP handler";
const NO_TLS = "this build of libzmq has no transport wss";
const NO_LIMIT = "libzmq has no such limit";

/** Options of the engine that libzmq cannot have, and why. */
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
  wsOrigins: "libzmq accepts pages of every origin",
  tlsCert: NO_TLS,
  tlsKey: NO_TLS,
  tlsCa: NO_TLS,
  tlsHostname: NO_TLS,
  tlsTrustSystem: NO_TLS,
};

/** Two options of libzmq that are one here. */
const XPUB_VERBOSE = 40;
const XPUB_VERBOSER = 78;

/** The options of one socket. */
export class NativeOptions {
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
   * @throws {ZmqError} `EINVAL` if the option is unknown, the socket type does
   *   not have it, or the value is invalid; `ENOTSUP` if only the engine has it.
   */
  set(option: string | number, value: unknown): void {
    const name = this.#find(option);
    const checked = checkValue(name, SPECS[name], value);
    // libzmq refuses null for an option that was not set.
    if (checked === null && !this.#set.has(name)) return;
    try {
      this.#write(SPECS[name], checked);
    } catch (cause) {
      // Not with the value, which may be a secret.
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
      return spec.default; // write-only, and not set
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
    // The verbosity is two switches; the first one also turns off the second.
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

/** How zeromq.js reads and writes an option; `undefined` if it needs a conversion. */
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
    `Cannot use the option ${name}: ${reason}`,
    { cause },
  );
}
