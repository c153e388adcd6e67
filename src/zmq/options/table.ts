/**
 * Layer: options. The table of all socket options: their numbers in libzmq,
 * their defaults, what they may hold, and the socket types that have them.
 *
 * @module
 */
import {
  DEALER,
  PAIR,
  PUB,
  PULL,
  PUSH,
  REP,
  REQ,
  ROUTER,
  type SocketType,
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

const SENDERS = [PAIR, PUB, REQ, REP, DEALER, ROUTER, PUSH, XPUB, XSUB, SUB];
const RECEIVERS = [PAIR, SUB, REQ, REP, DEALER, ROUTER, PULL, XPUB, XSUB, PUB];
const PUBLISHERS = [PUB, XPUB];

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
  },
  immediate: { number: 39, kind: "boolean", default: false },
  ipv6: { number: 42, kind: "boolean", default: false },
  handshakeInterval: { number: 66, ...duration, default: 30_000 },
  heartbeatInterval: { number: 75, ...duration, default: 0 },
  heartbeatTimeout: { number: 77, ...orForever, default: -1 },
  heartbeatTimeToLive: {
    number: 76,
    kind: "integer",
    min: 0,
    max: 6_553_500,
    default: 0,
  },
  connectTimeout: { number: 79, ...duration, default: 0 },
  tcpKeepalive: { number: 34, kind: "integer", min: -1, max: 1, default: -1 },
  tcpKeepaliveIdle: { number: 36, ...orForever, default: -1 },
  plainServer: { number: 44, kind: "boolean", default: false },
  plainUsername: { number: 45, kind: "text", default: null },
  plainPassword: { number: 46, kind: "text", default: null },
  curveServer: { number: 47, kind: "boolean", default: false },
  curvePublicKey: { number: 48, kind: "key", default: null },
  curveSecretKey: { number: 49, kind: "key", default: null },
  curveServerKey: { number: 50, kind: "key", default: null },
  curveAllowedKeys: { kind: "keys", default: null },
  authenticate: { kind: "function", default: null },
  zapDomain: { number: 55, kind: "text", default: null },
  zapEnforceDomain: { number: 93, kind: "boolean", default: false },
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
  noDrop: { number: 69, kind: "boolean", default: false, types: PUBLISHERS },
  conflate: {
    number: 54,
    kind: "boolean",
    default: false,
    types: [PUSH, PULL, PUB, SUB, DEALER],
  },
  welcomeMessage: { number: 72, kind: "text", default: null, types: [XPUB] },
  verbosity: { number: 40, kind: "verbosity", default: null, types: [XPUB] },
  invertMatching: {
    number: 74,
    kind: "boolean",
    default: false,
    types: [PUB, XPUB, SUB],
  },
};
