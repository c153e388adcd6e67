/**
 * Layer: options. The table of all socket options: their numbers in libzmq,
 * their defaults, their valid values, and the socket types that have them.
 *
 * @module
 */
import { type SocketTraits, typesWhere } from "../socket_traits.ts";
import type { SocketType } from "../types.ts";
import {
  MAX_INT,
  type OptionName,
  type OptionValues,
  type SocketFacts,
} from "./values.ts";

/** The definition of one option. */
export interface OptionSpec {
  /** The number of the option in libzmq's `zmq.h`, if it has one there. */
  readonly number?: number;
  /** The kind of its values. */
  readonly kind:
    | "integer"
    | "boolean"
    | "text"
    | "bytes"
    | "address"
    | "words"
    | "origins"
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
  /** The unit of an integer. */
  readonly unit?:
    | "ms"
    | "s"
    | "bytes"
    | "messages"
    | "frames"
    | "connections"
    | "sockets"
    | "subscriptions";
  /** How many bytes text or bytes may have. */
  readonly maxBytes?: number;
  /** Whether empty text or bytes mean null; otherwise they are an error. */
  readonly mayBeEmpty?: boolean;
  /** Whether the first byte must not be zero. */
  readonly isId?: boolean;
  /** The words that may be in the array; the first is bit 1 in libzmq's number, and so on. */
  readonly words?: readonly string[];
  /** Whether errors must not show the value: true for all security options, as a key may have been passed to the wrong one by mistake. */
  readonly isSecret?: boolean;
  /** The socket types that have it. Default: all. */
  readonly types?: readonly SocketType[];
}

/** All types but STREAM, whose peers do not speak ZMTP. */
const ZMTP = typesWhere(({ isRaw }) => !isRaw);
const SENDERS = having("sendTimeout", ({ sends }) => sends);
const RECEIVERS = having("receiveTimeout", ({ receives }) => receives);

/** The socket types whose rows name an option or meet another condition. */
function having(
  option: OptionName,
  orElse: (traits: SocketTraits) => boolean = () => false,
): readonly SocketType[] {
  return typesWhere((traits) =>
    traits.options.includes(option) || orElse(traits)
  );
}

const duration = { kind: "integer", min: 0, max: MAX_INT, unit: "ms" } as const;
const orForever = { ...duration, min: -1 } as const;
const messages = { ...duration, unit: "messages" } as const;
const flag = { kind: "boolean", default: false } as const;
const text = { kind: "text", default: null, maxBytes: 255 } as const;
const pem = {
  kind: "text",
  default: null,
  isSecret: true,
  mayBeEmpty: true,
  types: ZMTP,
} as const;
const bytes = { kind: "bytes", default: null } as const;
const message = { ...bytes, mayBeEmpty: true } as const;

/** Every option of the engine. */
export const OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  linger: { number: 17, ...orForever, default: -1 },
  backlog: { number: 19, ...duration, unit: "connections", default: 100 },
  maxConnections: { ...duration, unit: "connections", default: 10_000 },
  maxConnectionsPerAddress: { ...duration, unit: "connections", default: 0 },
  maxHandshakes: { ...duration, unit: "connections", default: 4000 },
  reconnectInterval: { number: 18, ...orForever, default: 100 },
  reconnectMaxInterval: { number: 21, ...duration, default: 0 },
  reconnectStop: {
    number: 109,
    kind: "words",
    words: ["refused", "handshake", "disconnected"],
    default: [],
  },
  maxMessageSize: {
    number: 22,
    kind: "integer",
    min: -1,
    max: Number.MAX_SAFE_INTEGER,
    unit: "bytes",
    default: -1,
    types: ZMTP,
  },
  maxMessageFrames: {
    kind: "integer",
    min: -1,
    max: Number.MAX_SAFE_INTEGER,
    unit: "frames",
    default: 10_000,
    types: ZMTP,
  },
  immediate: { number: 39, ...flag },
  ipv6: { number: 42, ...flag },
  handshakeInterval: { number: 66, ...duration, default: 30_000, types: ZMTP },
  heartbeatInterval: { number: 75, ...duration, default: 0, types: ZMTP },
  heartbeatTimeout: { number: 77, ...orForever, default: -1, types: ZMTP },
  heartbeatTimeToLive: {
    number: 76,
    ...duration,
    max: 6_553_500,
    default: 0,
    types: ZMTP,
  },
  connectTimeout: { number: 79, ...duration, default: 0 },
  wsOrigins: { kind: "origins", default: [], types: ZMTP },
  tlsCert: { number: 104, ...pem },
  tlsKey: { number: 103, ...pem },
  tlsCa: { number: 105, ...pem },
  tlsHostname: {
    number: 106,
    ...text,
    mayBeEmpty: true,
    isSecret: true,
    types: ZMTP,
  },
  tlsTrustSystem: { number: 107, ...flag, isSecret: true, types: ZMTP },
  tcpKeepalive: { number: 34, kind: "integer", min: -1, max: 1, default: -1 },
  tcpKeepaliveIdle: { number: 36, ...orForever, unit: "s", default: -1 },
  affinity: {
    number: 4,
    kind: "integer",
    min: 0,
    max: 2 ** 64 - 1, // a number has the first 53 of the 64 bits
    default: 0,
  },
  sendBufferSize: { number: 11, ...orForever, unit: "bytes", default: -1 },
  receiveBufferSize: { number: 12, ...orForever, unit: "bytes", default: -1 },
  tcpKeepaliveCount: {
    number: 35,
    kind: "integer",
    min: -1,
    max: MAX_INT,
    default: -1,
  },
  tcpKeepaliveInterval: { number: 37, ...orForever, unit: "s", default: -1 },
  rate: { number: 8, kind: "integer", min: 0, max: MAX_INT, default: 100 },
  recoveryInterval: { number: 9, ...duration, default: 10_000 },
  multicastHops: {
    number: 25,
    kind: "integer",
    min: 0,
    max: MAX_INT,
    default: 1,
  },
  multicastLoop: { number: 96, ...flag, default: true },
  multicastMaxTransportDataUnit: {
    number: 84,
    ...duration,
    unit: "bytes",
    default: 1500,
  },
  loopbackFastPath: { number: 94, ...flag },
  typeOfService: { number: 57, kind: "integer", min: 0, max: 255, default: 0 },
  socksProxy: { number: 68, kind: "address", mayBeEmpty: true, default: null },
  socksUsername: { number: 99, ...text, mayBeEmpty: true, isSecret: true },
  socksPassword: { number: 100, ...text, mayBeEmpty: true, isSecret: true },
  plainServer: { number: 44, ...flag, isSecret: true, types: ZMTP },
  plainUsername: { number: 45, ...text, isSecret: true, types: ZMTP },
  plainPassword: {
    number: 46,
    ...text,
    mayBeEmpty: true,
    isSecret: true,
    types: ZMTP,
  },
  curveServer: { number: 47, ...flag, isSecret: true, types: ZMTP },
  curvePublicKey: {
    number: 48,
    kind: "key",
    default: null,
    isSecret: true,
    types: ZMTP,
  },
  curveSecretKey: {
    number: 49,
    kind: "key",
    default: null,
    isSecret: true,
    types: ZMTP,
  },
  curveServerKey: {
    number: 50,
    kind: "key",
    default: null,
    isSecret: true,
    types: ZMTP,
  },
  curveMaxFrameSize: {
    kind: "integer",
    min: 1024,
    max: 2 ** 28,
    unit: "bytes",
    default: 2 ** 25,
    types: ZMTP,
  },
  curveAllowedKeys: {
    kind: "keys",
    default: null,
    isSecret: true,
    types: ZMTP,
  },
  authenticate: {
    kind: "function",
    default: null,
    isSecret: true,
    types: ZMTP,
  },
  zapDomain: {
    number: 55,
    ...text,
    mayBeEmpty: true,
    isSecret: true,
    types: ZMTP,
  },
  zapEnforceDomain: { number: 93, ...flag, isSecret: true, types: ZMTP },
  sendHighWaterMark: { number: 23, ...messages, default: 1000, types: SENDERS },
  sendTimeout: { number: 28, ...orForever, default: -1, types: SENDERS },
  receiveHighWaterMark: {
    number: 24,
    ...messages,
    default: 1000,
    types: RECEIVERS,
  },
  receiveTimeout: { number: 27, ...orForever, default: -1, types: RECEIVERS },
  routingId: {
    number: 5,
    ...bytes,
    maxBytes: 255,
    isId: true,
    types: having("routingId"),
  },
  helloMessage: {
    number: 110,
    ...message,
    types: having("helloMessage"),
  },
  hiccupMessage: { number: 114, ...message, types: having("hiccupMessage") },
  disconnectMessage: {
    number: 111,
    ...message,
    types: having("disconnectMessage"),
  },
  mandatory: { number: 33, ...flag, types: having("mandatory") },
  handover: { number: 56, ...flag, types: having("handover") },
  routerNotify: {
    number: 97,
    kind: "words",
    words: ["connect", "disconnect"],
    default: [],
    types: having("routerNotify"),
  },
  probeRouter: { number: 51, ...flag, types: having("probeRouter") },
  relaxed: { number: 53, ...flag, types: having("relaxed") },
  correlate: { number: 52, ...flag, types: having("correlate") },
  maxSubscriptions: {
    ...duration,
    unit: "subscriptions",
    default: 100_000,
    types: having("maxSubscriptions"),
  },
  maxSubscriptionBytes: {
    ...duration,
    unit: "bytes",
    default: 16_777_216,
    types: having("maxSubscriptionBytes"),
  },
  noDrop: { number: 69, ...flag, types: having("noDrop") },
  conflate: {
    number: 54,
    ...flag,
    types: having("conflate"),
  },
  notify: { number: 73, ...flag, default: true, types: having("notify") },
  welcomeMessage: { number: 72, ...message, types: having("welcomeMessage") },
  verbosity: {
    number: 40,
    kind: "verbosity",
    default: null,
    types: having("verbosity"),
  },
  manual: { number: 71, ...flag, types: having("manual") },
  manualLastValue: { number: 98, ...flag, types: having("manualLastValue") },
  verboseUnsubscribe: {
    number: 115,
    ...flag,
    types: having("verboseUnsubscribe"),
  },
  invertMatching: { number: 74, ...flag, types: having("invertMatching") },
};

/** The numbers in libzmq of read-only properties of a socket. */
export const FACTS: Readonly<
  Record<"type" | "lastEndpoint" | keyof SocketFacts, number>
> = { type: 16, lastEndpoint: 32, securityMechanism: 43, threadSafe: 81 };
