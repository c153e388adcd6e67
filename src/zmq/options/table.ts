/**
 * Layer: options. The table of all socket options: their numbers in libzmq,
 * their defaults, their valid values, and the socket types that have them.
 *
 * @module
 */
import { type SocketTraits, typesWhere } from "../socket_traits.ts";
import type { SocketType } from "../types.ts";
import { OPTIONS_OF_SERVERS } from "./server_table.ts";
import {
  duration,
  flag,
  type OptionSpec,
  orForever,
  text,
  ZMTP,
} from "./spec.ts";
import type { OptionName, SocketFacts } from "./values.ts";

export type { OptionSpec };

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

const messages = { ...duration, unit: "messages" } as const;
const bytes = { kind: "bytes", default: null } as const;
const message = { ...bytes, mayBeEmpty: true } as const;

/** Every option of the engine. */
export const OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  linger: { number: 17, ...orForever, default: -1 },
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
  plainUsername: { number: 45, ...text, isSecret: true, types: ZMTP },
  plainPassword: {
    number: 46,
    ...text,
    mayBeEmpty: true,
    isSecret: true,
    types: ZMTP,
  },
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
  ...OPTIONS_OF_SERVERS,
};

/** The numbers in libzmq of read-only properties of a socket. */
export const FACTS: Readonly<
  Record<"type" | "lastEndpoint" | keyof SocketFacts, number>
> = { type: 16, lastEndpoint: 32, securityMechanism: 43, threadSafe: 81 };
