/**
 * Layer: zmq, bottom. The socket types: one row for each, with what the engine,
 * the manager and the command line need to know about it. Code that needs a
 * list of types derives it from the table (`socket_traits.ts`) instead of
 * naming them.
 *
 * To add a type, add its row and its constant here and write its class; see
 * "To add a socket type" in ARCHITECTURE.md.
 *
 * Sources: zmq.h for the numbers, zmq_socket(7) and the RFCs named in the rows
 * for the rest.
 *
 * @module
 */

/** @internal A row; `socket_traits.ts` has the defaults. */
export interface SocketTypeRow {
  /** The number in libzmq. */
  readonly number: number;
  /** The name of its class, as in zeromq.js. */
  readonly className: string;
  /** The RFC that defines it; null for STREAM and DGRAM, which only zmq_socket(7) does. */
  readonly rfc: number | null;
  /** Whether it is a draft in libzmq. Peers of ZMTP 2.0 and 1.0 do not know drafts. */
  readonly isDraft?: boolean;
  /** The compatible types (RFC 37, "The Socket-Type Property"). */
  readonly peers: readonly string[];
  /** Whether an application can send with it. */
  readonly sends?: boolean;
  /** Whether an application can receive with it. */
  readonly receives?: boolean;
  /** Whether calls must alternate: it sends first, or receives first. */
  readonly turns?: "send first" | "receive first" | null;
  /** Whether it must send to a peer first: until then the peer does not know its routing id, and cannot send to it. */
  readonly mustSendFirst?: boolean;
  /** What its peers subscribe to or join; it sends them nothing else. */
  readonly publishes?: "topics" | "groups" | null;
  /** What it subscribes to or joins; it sends nothing else, except the messages of an XSUB. */
  readonly subscribes?: "topics" | "groups" | null;
  /** How many frames a message of an application may have. */
  readonly frames?: "one" | "many";
  /** What accompanies the frames of a message. */
  readonly address?:
    | "nothing"
    /** The first frame is the peer's routing id, or its address. */
    | "routing id frame"
    /** A number besides the frame. */
    | "routing id number"
    /** A group besides the frame. */
    | "group";
  /** The required shape of a peer's message; see `engine/reception.ts`. */
  readonly incoming?: "any" | "one frame" | "reply" | "group and body";
  /** How it uses a transport of datagrams, such as `udp`. */
  readonly datagrams?:
    | "never"
    /** It connects, and sends each message with its group. */
    | "send groups"
    /** It binds, and receives such messages. */
    | "receive groups"
    /** It binds, and uses no other transport: the first frame of a message is the peer's address. */
    | "addressed";
  /** Whether its peers do not speak ZMTP. */
  readonly isRaw?: boolean;
  /** Whether a second `connect` to the same address changes nothing, as in libzmq. */
  readonly connectsOnce?: boolean;
  /** Whether it sends its routing id in the handshake of ZMTP 3 (RFC 37). */
  readonly sendsRoutingId?: boolean;
  /** Its number in the greeting of ZMTP 2.0 (RFC 15), if that differs. */
  readonly oldNumber?: number | null;
  /** What happens to unsent messages after a reconnect. */
  readonly afterReconnect?:
    /** They are sent to the new peer. */
    | "send"
    /** The same, unless the new peer has another routing id: then they are dropped. */
    | "send to same peer"
    /** They are dropped, and the socket sends all its subscriptions again. */
    | "subscribe again"
    /** They are dropped. */
    | "drop";
  /** The options that it has in addition to those of all types that send, receive or speak ZMTP. */
  readonly options?: readonly string[];
}

/** @internal The table. Its order is the one in which the command line lists types. */
export const SOCKET_TYPES = {
  PUSH: {
    number: 8,
    className: "Push",
    rfc: 30,
    peers: ["PULL"],
    sends: true,
    options: ["conflate"],
  },
  PULL: {
    number: 7,
    className: "Pull",
    rfc: 30,
    peers: ["PUSH"],
    receives: true,
    options: ["conflate"],
  },
  PUB: {
    number: 1,
    className: "Publisher",
    rfc: 29,
    peers: ["SUB", "XSUB"],
    sends: true,
    publishes: "topics",
    connectsOnce: true,
    options: [
      "maxSubscriptions",
      "maxSubscriptionBytes",
      "noDrop",
      "conflate",
      "invertMatching",
      "receiveHighWaterMark",
      "receiveTimeout",
    ],
  },
  XPUB: {
    number: 9,
    className: "XPublisher",
    rfc: 29,
    peers: ["SUB", "XSUB"],
    sends: true,
    receives: true,
    publishes: "topics",
    oldNumber: 1,
    options: [
      "maxSubscriptions",
      "maxSubscriptionBytes",
      "noDrop",
      "welcomeMessage",
      "verbosity",
      "manual",
      "manualLastValue",
      "invertMatching",
    ],
  },
  SUB: {
    number: 2,
    className: "Subscriber",
    rfc: 29,
    peers: ["PUB", "XPUB"],
    receives: true,
    subscribes: "topics",
    connectsOnce: true,
    afterReconnect: "subscribe again",
    options: [
      "conflate",
      "invertMatching",
      "sendHighWaterMark",
      "sendTimeout",
    ],
  },
  XSUB: {
    number: 10,
    className: "XSubscriber",
    rfc: 29,
    peers: ["PUB", "XPUB"],
    sends: true,
    receives: true,
    subscribes: "topics",
    oldNumber: 2,
    afterReconnect: "subscribe again",
    options: ["verboseUnsubscribe"],
  },
  REQ: {
    number: 3,
    className: "Request",
    rfc: 28,
    peers: ["REP", "ROUTER"],
    sends: true,
    receives: true,
    turns: "send first",
    mustSendFirst: true,
    incoming: "reply",
    connectsOnce: true,
    sendsRoutingId: true,
    options: ["routingId", "probeRouter", "relaxed", "correlate"],
  },
  REP: {
    number: 4,
    className: "Reply",
    rfc: 28,
    peers: ["REQ", "DEALER"],
    sends: true,
    receives: true,
    turns: "receive first",
    options: ["routingId"],
  },
  DEALER: {
    number: 5,
    className: "Dealer",
    rfc: 28,
    peers: ["REP", "DEALER", "ROUTER"],
    sends: true,
    receives: true,
    connectsOnce: true,
    sendsRoutingId: true,
    options: [
      "routingId",
      "helloMessage",
      "hiccupMessage",
      "probeRouter",
      "conflate",
    ],
  },
  ROUTER: {
    number: 6,
    className: "Router",
    rfc: 28,
    peers: ["REQ", "DEALER", "ROUTER"],
    sends: true,
    receives: true,
    address: "routing id frame",
    sendsRoutingId: true,
    afterReconnect: "send to same peer",
    options: [
      "routingId",
      "helloMessage",
      "disconnectMessage",
      "mandatory",
      "handover",
      "routerNotify",
      "probeRouter",
    ],
  },
  PAIR: {
    number: 0,
    className: "Pair",
    rfc: 31,
    peers: ["PAIR"],
    sends: true,
    receives: true,
  },
  STREAM: {
    number: 11,
    className: "Stream",
    rfc: null,
    peers: [],
    sends: true,
    receives: true,
    address: "routing id frame",
    isRaw: true,
    afterReconnect: "drop",
    options: ["notify"],
  },
  SCATTER: {
    number: 17,
    className: "Scatter",
    rfc: 49,
    isDraft: true,
    peers: ["GATHER"],
    sends: true,
    frames: "one",
    options: ["conflate"],
  },
  GATHER: {
    number: 16,
    className: "Gather",
    rfc: 49,
    isDraft: true,
    peers: ["SCATTER"],
    receives: true,
    frames: "one",
    incoming: "one frame",
    options: ["conflate"],
  },
  CHANNEL: {
    number: 20,
    className: "Channel",
    rfc: 52,
    isDraft: true,
    peers: ["CHANNEL"],
    sends: true,
    receives: true,
    frames: "one",
    incoming: "one frame",
  },
  CLIENT: {
    number: 13,
    className: "Client",
    rfc: 41,
    isDraft: true,
    peers: ["SERVER"],
    sends: true,
    receives: true,
    mustSendFirst: true,
    frames: "one",
    incoming: "one frame",
    options: ["helloMessage", "hiccupMessage"],
  },
  SERVER: {
    number: 12,
    className: "Server",
    rfc: 41,
    isDraft: true,
    peers: ["CLIENT"],
    sends: true,
    receives: true,
    frames: "one",
    address: "routing id number",
    incoming: "one frame",
    options: ["helloMessage", "disconnectMessage"],
  },
  RADIO: {
    number: 14,
    className: "Radio",
    rfc: 48,
    isDraft: true,
    peers: ["DISH"],
    sends: true,
    publishes: "groups",
    frames: "one",
    address: "group",
    datagrams: "send groups",
    options: ["maxSubscriptions", "maxSubscriptionBytes", "noDrop"],
  },
  DISH: {
    number: 15,
    className: "Dish",
    rfc: 48,
    isDraft: true,
    peers: ["RADIO"],
    receives: true,
    subscribes: "groups",
    frames: "one",
    address: "group",
    incoming: "group and body",
    datagrams: "receive groups",
    afterReconnect: "subscribe again",
  },
  DGRAM: {
    number: 18,
    className: "Datagram",
    rfc: null,
    isDraft: true,
    peers: [],
    sends: true,
    receives: true,
    address: "routing id frame",
    datagrams: "addressed",
    isRaw: true,
  },
  PEER: {
    number: 19,
    className: "Peer",
    rfc: 51,
    isDraft: true,
    peers: ["PEER"],
    sends: true,
    receives: true,
    frames: "one",
    address: "routing id number",
    incoming: "one frame",
    options: ["helloMessage", "hiccupMessage", "disconnectMessage"],
  },
} as const satisfies Readonly<Record<string, SocketTypeRow>>;

/** @internal The name of a socket type. */
export type SocketTypeName = keyof typeof SOCKET_TYPES;

/** The number of a socket type. */
export type SocketType = (typeof SOCKET_TYPES)[SocketTypeName]["number"];

/** A PAIR socket. */
export const PAIR = 0 as const;
/** A PUB socket. */
export const PUB = 1 as const;
/** A SUB socket. */
export const SUB = 2 as const;
/** A REQ socket. */
export const REQ = 3 as const;
/** A REP socket. */
export const REP = 4 as const;
/** A DEALER socket. */
export const DEALER = 5 as const;
/** A ROUTER socket. */
export const ROUTER = 6 as const;
/** A PULL socket. */
export const PULL = 7 as const;
/** A PUSH socket. */
export const PUSH = 8 as const;
/** An XPUB socket. */
export const XPUB = 9 as const;
/** An XSUB socket. */
export const XSUB = 10 as const;
/** A STREAM socket. */
export const STREAM = 11 as const;
/** A SERVER socket. Draft: it may change with RFC 41. */
export const SERVER = 12 as const;
/** A CLIENT socket. Draft: it may change with RFC 41. */
export const CLIENT = 13 as const;
/** A RADIO socket. Draft: it may change with RFC 48. */
export const RADIO = 14 as const;
/** A DISH socket. Draft: it may change with RFC 48. */
export const DISH = 15 as const;
/** A GATHER socket. Draft: it may change with RFC 49. */
export const GATHER = 16 as const;
/** A SCATTER socket. Draft: it may change with RFC 49. */
export const SCATTER = 17 as const;
/** A DGRAM socket. Draft in libzmq. */
export const DGRAM = 18 as const;
/** A PEER socket. Draft: it may change with RFC 51. */
export const PEER = 19 as const;
/** A CHANNEL socket. Draft: it may change with RFC 52. */
export const CHANNEL = 20 as const;
