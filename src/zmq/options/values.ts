/**
 * Layer: options. The meaning of the socket options: their names, which are
 * those of zeromq.js, their types, units and defaults. `table.ts` has their
 * valid values.
 *
 * @module
 */
import type { Authenticate } from "../auth.ts";

/** The largest value of an integer option: libzmq holds them as C ints. */
export const MAX_INT = 0x7fffffff;

/** The security options of every socket. Keys are in Z85, 40 characters. */
export interface SecurityOptions {
  /** Whether this side is the server of PLAIN. Default false. */
  plainServer: boolean;
  /** The user name of a client of PLAIN, up to 255 bytes; null for another mechanism. Default null. */
  plainUsername: string | null;
  /** The password of a client of PLAIN, up to 255 bytes; null for an empty one. It needs `plainUsername`. Default null. */
  plainPassword: string | null;
  /** Whether this side is the server of CURVE; it needs `curveSecretKey`. Default false. */
  curveServer: boolean;
  /** The public key of a client of CURVE; it needs `curveServerKey`. Default null. */
  curvePublicKey: string | null;
  /** The secret key of either side of CURVE; it needs `curveServer` or `curveServerKey`. Default null. */
  curveSecretKey: string | null;
  /** The server's public key, for a client of CURVE. Default null. */
  curveServerKey: string | null;
  /** The largest frame to send and to receive with CURVE, in bytes: encrypting and decrypting one blocks the event loop. `send` rejects with `EMSGSIZE`; a peer that sends a larger one is disconnected. Default 33,554,432. */
  curveMaxFrameSize: number;
  /** The public keys of the clients that a server of CURVE accepts; null for all that ZAP or `authenticate` accept. It needs `curveServer`. A new list applies at once. Default null. */
  curveAllowedKeys: readonly string[] | null;
  /** Authenticates peers, instead of a ZAP handler; not for a client of PLAIN or CURVE. A new one applies at once. Default null. */
  authenticate: Authenticate | null;
  /** The domain for the ZAP handler; with NULL, the handler is only used if this is set. Default null. */
  zapDomain: string | null;
  /** Whether all peers are refused while there is no ZAP handler. It needs `zapDomain`. Default false. */
  zapEnforceDomain: boolean;
}

/**
 * Options that tune what this library does not have or cannot reach: libzmq's
 * threads, PGM, the system's buffers. They have no effect. Their values
 * are stored, so that programs that set them run.
 */
export interface TuningOptions {
  /** No effect: there are no I/O threads. Default 0. */
  affinity: number;
  /** No effect: `node:net` has no access to the system's buffers; -1 as the system has it. Default -1. */
  sendBufferSize: number;
  /** No effect: `node:net` has no access to the system's buffers; -1 as the system has it. Default -1. */
  receiveBufferSize: number;
  /** No effect: not every runtime can set it; -1 as the system has it. Default -1. */
  tcpKeepaliveCount: number;
  /** No effect: not every runtime can set it; -1 as the system has it. Default -1. */
  tcpKeepaliveInterval: number;
  /** No effect: multicast is over UDP, which has no rate. Default 100. */
  rate: number;
  /** No effect: UDP does not recover what is lost. Default 10,000. */
  recoveryInterval: number;
  /** No effect: a message over UDP is one datagram. Default 1,500. */
  multicastMaxTransportDataUnit: number;
  /** No effect: it is for old versions of Windows. Default false. */
  loopbackFastPath: boolean;
}

/** A reason to stop reconnecting; see the option `reconnectStop`. */
export type ReconnectStop = "refused" | "handshake" | "disconnected";

/** Options of every socket. Times are in milliseconds. */
export interface CommonOptions extends SecurityOptions, TuningOptions {
  /** How long a closed socket continues to send what waits; -1 for ever. Default -1, of SUB, XSUB and DISH 0. */
  linger: number;
  /** How many connections may wait to be accepted. Default 100. */
  backlog: number;
  /** How many peers may be connected to the addresses that the socket is bound to; 0 for any number. Above that, new connections are rejected, with an event `accept:error`. Default 10,000. */
  maxConnections: number;
  /** How many of these may come from one IP address, including those in their handshake; 0 for any number. Default 0. */
  maxConnectionsPerAddress: number;
  /** How many accepted connections may be in their handshake, in addition; 0 for any number. Above that the oldest of them is disconnected, with an event `accept:error`. Default 4,000. */
  maxHandshakes: number;
  /** The wait before reconnecting, to which jitter of the same size is added; -1 for no reconnecting. Default 100. */
  reconnectInterval: number;
  /** Above 0, the wait doubles with each failed attempt up to this. Default 0. */
  reconnectMaxInterval: number;
  /** The largest message to receive, in bytes over all frames, where each frame after the 64th counts 128 more; -1 for any size. A peer that sends a larger one is disconnected. Default -1, but 1 GiB for peers that connect to a tcp, ws or wss address beyond loopback, unless the option is set, to -1 or anything else. */
  maxMessageSize: number;
  /** How many frames a received message may have; -1 for any number. A peer that sends more is disconnected. Default 10,000. */
  maxMessageFrames: number;
  /** Whether messages wait only for peers that are connected, not for those still connecting. Default false. */
  immediate: boolean;
  /** Whether names and `*` mean IPv6 too; IPv6 literals always work. Default false. */
  ipv6: boolean;
  /** The time limit of a handshake; 0 for none. Default 30,000. */
  handshakeInterval: number;
  /** How often to send PING; 0 for never. A peer of ZMTP 3.0, which may not know PING, is not sent any before it has sent PING or PONG; over `ws` it is WebSocket's Ping, which every peer answers. Default 0. */
  heartbeatInterval: number;
  /** How long the connection may be silent after a PING has been written; -1 for the heartbeat interval. A write in progress does not count as silence. Default -1. */
  heartbeatTimeout: number;
  /** After how long a silence the peer should disconnect, as announced in each PING; at most 6,553,500. libzmq stores it in 16 bits, so use at most 65,500 with it: it treats 65,600 as 64. Default 0 (not announced). */
  heartbeatTimeToLive: number;
  /** The timeout for making a TCP connection; 0 for that of the system. Default 0. */
  connectTimeout: number;
  /** When to stop reconnecting: `"refused"` when nothing listens at the address, `"handshake"` when a handshake failed, `"disconnected"` when the connection is lost after `disconnect`. Set by its number, it also accepts libzmq's bits: 1, 2, 4. Default []. */
  reconnectStop: readonly ReconnectStop[];
  /** The byte in each IP packet by which routers may prioritise (ToS, Traffic Class). Where node:net has no `setTypeOfService`, as before Node 24.15 and on Deno, binding and connecting over TCP is `ENOTSUP` unless this is 0. Default 0. */
  typeOfService: number;
  /** The SOCKS5 proxy, as `host:port`, that TCP connections are made through; it also resolves the host names. Null for none. Default null. */
  socksProxy: string | null;
  /** The user name for the proxy, up to 255 bytes; null for a proxy without authentication. Default null. */
  socksUsername: string | null;
  /** The password for the proxy, up to 255 bytes; null for an empty one. Default null. */
  socksPassword: string | null;
  /** The origins of pages, such as `"https://example.com"`, that may connect to a bound `ws` or `wss` address, besides those of its own host; `"*"` for every page. Default []. */
  wsOrigins: readonly string[];
  /** The certificate of this side for `wss`, in PEM, followed by those between it and its authority; it needs `tlsKey`. Binding needs one; a client shows it to servers that ask for it. Default null. */
  tlsCert: string | null;
  /** The private key of `tlsCert`, in PEM, without a password. Default null. */
  tlsKey: string | null;
  /** The authorities whose certificates of servers are trusted, in PEM, one or more; null for those that the runtime trusts. Default null. */
  tlsCa: string | null;
  /** The name that the certificate of a server must have; null for the host of the address. Default null. */
  tlsHostname: string | null;
  /** Whether the authorities that the runtime trusts are trusted as well as those of `tlsCa`. Default false. */
  tlsTrustSystem: boolean;
  /** TCP keep-alive: -1 as the system has it, 0 off, 1 on. Default -1. */
  tcpKeepalive: number;
  /** Idle time before the first keep-alive probe, in seconds; -1 as the system has it. Default -1. */
  tcpKeepaliveIdle: number;
  /** With `udp`: how many routers a datagram to a multicast group may pass; above 255 counts as 255. Default 1. */
  multicastHops: number;
  /** With `udp`: whether this machine receives what it sends to a multicast group. Default true. */
  multicastLoop: boolean;
}

/** Options of sockets that send. */
export interface SendOptions {
  /** How many messages may wait for each peer; 0 for any number. Default 1,000. */
  sendHighWaterMark: number;
  /** How long `send` waits for room, in milliseconds; -1 for ever, 0 not at all. Default -1. */
  sendTimeout: number;
}

/** Options of sockets that receive. */
export interface ReceiveOptions {
  /** How many messages of each peer may wait to be received; 0 for any number. Default 1,000. */
  receiveHighWaterMark: number;
  /** How long `receive` waits for a message, in milliseconds; -1 for ever, 0 not at all. Default -1. */
  receiveTimeout: number;
}

/** The option of sockets that announce a routing id. */
export interface RoutingIdOptions {
  /** The name under which a ROUTER sees this socket: 1 to 255 bytes, the first of them not zero. Null to let the ROUTER choose. Default null. */
  routingId: string | Uint8Array | null;
}

/** The option of sockets that a ROUTER may have to know before they send anything. */
export interface ProbeOptions {
  /** Whether a new peer is sent an empty message first, so that a ROUTER knows this socket. Default false. */
  probeRouter: boolean;
}

/** The option of sockets that may send a first message. */
export interface HelloOptions {
  /** The message that is sent first on every new connection; null for none. Default null. */
  helloMessage: string | Uint8Array | null;
}

/** The option of sockets that may receive a message when a connected peer is lost. */
export interface HiccupOptions {
  /** The message to receive when a connection made by `connect` was lost, as if the peer had sent it last; null for none. Default null. */
  hiccupMessage: string | Uint8Array | null;
}

/** The option of sockets that may receive a message when an accepted peer disconnects. */
export interface DisconnectOptions {
  /** The message to receive when an accepted peer disconnects, as if the peer had sent it last; null for none. Default null. */
  disconnectMessage: string | Uint8Array | null;
}

/** An event of a ROUTER; see the option `routerNotify`. */
export type RouterNotice = "connect" | "disconnect";

/** The options of REQ alone. */
export interface RequestModes {
  /** Whether a new request may be sent before the reply to the last one has been received. Default false. */
  relaxed: boolean;
  /** Whether requests carry an id, so that only the reply to the last one is received. Default false. */
  correlate: boolean;
}

/** The options of ROUTER alone. */
export interface RouterModes {
  /** Whether a message that cannot be routed is an error instead of being dropped. Default false. */
  mandatory: boolean;
  /** Whether a new peer replaces an older one with the same routing id. Default false. */
  handover: boolean;
  /** Whether to receive an empty message from each peer that connects (`"connect"`) or disconnects (`"disconnect"`). Set by its number, it also accepts libzmq's bits: 1, 2. Default []. */
  routerNotify: readonly RouterNotice[];
}

/** The option of sockets whose messages may replace each other. */
export interface ConflateOptions {
  /** Whether only the newest message waits for each peer, whatever the high-water marks. Default false. */
  conflate: boolean;
}

/** The option of sockets that match topics. */
export interface MatchOptions {
  /** Whether messages pass that do not match any subscription, instead of those that do. Default false. */
  invertMatching: boolean;
}

/** The options of PUB, XPUB and RADIO. */
export interface PublishModes {
  /** How many subscriptions, or groups, each peer may have; 0 for any number. A peer that exceeds it is disconnected (`ENOBUFS`). Does not apply to `inproc`. Default 100,000. */
  maxSubscriptions: number;
  /** How many bytes the topics of a peer may have in total; 0 for any number. See `maxSubscriptions`. Default 16,777,216. */
  maxSubscriptionBytes: number;
  /** Whether `send` waits for a subscriber whose queue is full, instead of dropping its message. Default false. */
  noDrop: boolean;
}

/** The option of STREAM alone. */
export interface StreamModes {
  /** Whether empty messages report that a connection was opened and closed. Default true. */
  notify: boolean;
}

/** The options of XPUB alone. */
export interface VerbosityOptions {
  /** The message that is sent first to each new subscriber, which receives it if it has subscribed to it; null for none. Default null. */
  welcomeMessage: string | Uint8Array | null;
  /** Which events to deliver besides the first subscription and the last cancellation of a topic. Default null: none. */
  verbosity: null | "allSubs" | "allSubsUnsubs";
  /** Whether subscriptions are only reported, and the application decides with `subscribe` and `unsubscribe` what its peers receive. Default false. */
  manual: boolean;
  /** As `manual`; in addition, the first message sent after an event was received only goes to the peer of that event. Default false. */
  manualLastValue: boolean;
}

/** The option of XSUB alone. */
export interface UnsubscribeOptions {
  /** Whether every cancellation is sent to the peers, instead of only the last of a topic. Default false. */
  verboseUnsubscribe: boolean;
}

/** The read-only properties of every socket. */
export interface SocketFacts {
  /** The mechanism in force at the bound and connected addresses, the weakest if there are several; before that, the one that the options select. Null for none, as over `inproc`. */
  readonly securityMechanism: null | "plain" | "curve";
  /** Whether threads may share the socket: false, as a socket belongs to the thread that created it. */
  readonly threadSafe: boolean;
}

/** All options by name, as a socket holds them. */
export interface OptionValues
  extends
    CommonOptions,
    SendOptions,
    ReceiveOptions,
    RoutingIdOptions,
    HelloOptions,
    HiccupOptions,
    DisconnectOptions,
    ProbeOptions,
    ConflateOptions,
    RequestModes,
    RouterModes,
    MatchOptions,
    PublishModes,
    StreamModes,
    VerbosityOptions,
    UnsubscribeOptions {}

/** The options as a socket stores them. */
export interface StoredOptions extends OptionValues {
  /** Whether the program has set `maxMessageSize`, if only to its default. */
  isMaxMessageSizeSet?: boolean;
}

/** The name of an option. */
export type OptionName = keyof OptionValues;
