/**
 * Layer: options. The table of all socket options: their numbers in libzmq,
 * their defaults, what they may hold, and the socket types that have them.
 *
 * @module
 */
import {
  CHANNEL,
  CLIENT,
  DEALER,
  DISH,
  GATHER,
  PAIR,
  PEER,
  PUB,
  PULL,
  PUSH,
  RADIO,
  REP,
  REQ,
  ROUTER,
  SCATTER,
  SERVER,
  type SocketType,
  STREAM,
  SUB,
  XPUB,
  XSUB,
} from "../types.ts";
import type { OptionName, OptionValues } from "./values.ts";

/** The definition of one option. */
export interface OptionSpec {
  /** The number of the option in libzmq's `zmq.h`, if it has one there. */
  readonly number?: number;
  /** What it may hold. */
  readonly kind:
    | "integer"
    | "boolean"
    | "text"
    | "verbosity"
    | "key"
    | "keys"
    | "function";
  /** Its value in a new socket. */
  readonly default: OptionValues[OptionName];
  /** The least value of an integer. */
  readonly min?: number;
  /** The greatest value of an integer. */
  readonly max?: number;
  /** The socket types that have it; all, where this is absent. */
  readonly types?: readonly SocketType[];
}

const BOTH = [
  ...[PAIR, PUB, SUB, REQ, REP, DEALER, ROUTER, XPUB, XSUB, STREAM],
  ...[SERVER, CLIENT, PEER, CHANNEL],
];
const SENDERS = [...BOTH, PUSH, RADIO, SCATTER];
const RECEIVERS = [...BOTH, PULL, DISH, GATHER];
/** All but STREAM, whose peers speak no ZMTP. */
const ZMTP = [...new Set([...SENDERS, ...RECEIVERS])]
  .filter((type) => type !== STREAM);

const MAX_INT = 0x7fffffff;
const duration = { kind: "integer", min: 0, max: MAX_INT } as const;
const orForever = { kind: "integer", min: -1, max: MAX_INT } as const;
const count = duration;

/** Every option of the engine. */
export const OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  linger: { number: 17, ...orForever, default: -1 },
  backlog: { number: 19, ...count, default: 100 },
  reconnectInterval: { number: 18, ...orForever, default: 100 },
  reconnectMaxInterval: { number: 21, ...duration, default: 0 },
  maxMessageSize: {
    number: 22,
    kind: "integer",
    min: -1,
    max: Number.MAX_SAFE_INTEGER,
    default: -1,
    types: ZMTP,
  },
  immediate: { number: 39, kind: "boolean", default: false },
  ipv6: { number: 42, kind: "boolean", default: false },
  handshakeInterval: { number: 66, ...duration, default: 30_000, types: ZMTP },
  heartbeatInterval: { number: 75, ...duration, default: 0, types: ZMTP },
  heartbeatTimeout: { number: 77, ...orForever, default: -1, types: ZMTP },
  heartbeatTimeToLive: {
    number: 76,
    kind: "integer",
    min: 0,
    max: 6_553_500,
    default: 0,
    types: ZMTP,
  },
  connectTimeout: { number: 79, ...duration, default: 0 },
  tcpKeepalive: { number: 34, kind: "integer", min: -1, max: 1, default: -1 },
  tcpKeepaliveIdle: { number: 36, ...orForever, default: -1 },
  plainServer: { number: 44, kind: "boolean", default: false, types: ZMTP },
  plainUsername: { number: 45, kind: "text", default: null, types: ZMTP },
  plainPassword: { number: 46, kind: "text", default: null, types: ZMTP },
  curveServer: { number: 47, kind: "boolean", default: false, types: ZMTP },
  curvePublicKey: { number: 48, kind: "key", default: null, types: ZMTP },
  curveSecretKey: { number: 49, kind: "key", default: null, types: ZMTP },
  curveServerKey: { number: 50, kind: "key", default: null, types: ZMTP },
  curveAllowedKeys: { kind: "keys", default: null, types: ZMTP },
  authenticate: { kind: "function", default: null, types: ZMTP },
  zapDomain: { number: 55, kind: "text", default: null, types: ZMTP },
  zapEnforceDomain: {
    number: 93,
    kind: "boolean",
    default: false,
    types: ZMTP,
  },
  sendHighWaterMark: { number: 23, ...count, default: 1000, types: SENDERS },
  sendTimeout: { number: 28, ...orForever, default: -1, types: SENDERS },
  receiveHighWaterMark: {
    number: 24,
    ...count,
    default: 1000,
    types: RECEIVERS,
  },
  receiveTimeout: { number: 27, ...orForever, default: -1, types: RECEIVERS },
  routingId: {
    number: 5,
    kind: "text",
    default: null,
    types: [REQ, REP, DEALER, ROUTER],
  },
  mandatory: { number: 33, kind: "boolean", default: false, types: [ROUTER] },
  handover: { number: 56, kind: "boolean", default: false, types: [ROUTER] },
  probeRouter: {
    number: 51,
    kind: "boolean",
    default: false,
    types: [REQ, DEALER, ROUTER],
  },
  relaxed: { number: 53, kind: "boolean", default: false, types: [REQ] },
  correlate: { number: 52, kind: "boolean", default: false, types: [REQ] },
  noDrop: {
    number: 69,
    kind: "boolean",
    default: false,
    types: [PUB, XPUB, RADIO],
  },
  conflate: {
    number: 54,
    kind: "boolean",
    default: false,
    types: [PUSH, PULL, PUB, SUB, DEALER, SCATTER, GATHER],
  },
  notify: { number: 73, kind: "boolean", default: true, types: [STREAM] },
  welcomeMessage: { number: 72, kind: "text", default: null, types: [XPUB] },
  verbosity: { number: 40, kind: "verbosity", default: null, types: [XPUB] },
  invertMatching: {
    number: 74,
    kind: "boolean",
    default: false,
    types: [PUB, XPUB, SUB],
  },
};
