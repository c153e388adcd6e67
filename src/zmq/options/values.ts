/**
 * Layer: options. What the socket options mean: their names, which are those
 * of zeromq.js, their types, units and defaults. Types only; `table.ts` has
 * what they may hold.
 *
 * @module
 */
import type { Authenticate } from "../auth.ts";

/** The largest value of an integer option: libzmq holds them as C ints. */
export const MAX_INT = 0x7fffffff;

/** The options of security, of every socket. Keys are in Z85, 40 characters. */
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
  /** The largest frame to send and to receive with CURVE, in bytes: each is sealed and opened at once, while nothing else goes on. `send` rejects with `EMSGSIZE`; a peer that sends more loses its connection. Default 33,554,432. */
  curveMaxFrameSize: number;
  /** The clients that a server of CURVE lets in; null for all that ZAP or `authenticate` let in. It needs `curveServer`. A new list counts at once. Default null. */
  curveAllowedKeys: readonly string[] | null;
  /** Asked who may come in, instead of a ZAP handler; not on a client of PLAIN or CURVE. A new one counts at once. Default null. */
  authenticate: Authenticate | null;
  /** The domain told to the ZAP handler; with NULL, it is asked only if this is set. Default null. */
  zapDomain: string | null;
  /** Whether nobody may come in while there is no ZAP handler. It needs `zapDomain`. Default false. */
  zapEnforceDomain: boolean;
}

/**
 * Tunings of libzmq for what is not here: threads, multicast, the system's
 * buffers. They have no effect. Each keeps its value, so that programs that set
 * them run.
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
  /** No effect: there is no multicast. Default 100. */
  rate: number;
  /** No effect: there is no multicast. Default 10,000. */
  recoveryInterval: number;
  /** No effect: there is no multicast. Default 1. */
  multicastHops: number;
  /** No effect: there is no multicast. Default 1,500. */
  multicastMaxTransportDataUnit: number;
  /** No effect: it is for old versions of Windows. Default false. */
  loopbackFastPath: boolean;
}

/** A reason to stop reconnecting; see the option `reconnectStop`. */
export type ReconnectStop = "refused" | "handshake" | "disconnected";

/** Options of every socket. Times are in milliseconds. */
export interface CommonOptions extends SecurityOptions, TuningOptions {
  /** How long a closed socket goes on sending what waits; -1 for ever. Default -1, of SUB, XSUB and DISH 0. */
  linger: number;
  /** The most connections that wait to be accepted. Default 100. */
  backlog: number;
  /** The most peers that may be connected to what the socket is bound to; 0 for any number. Above it newcomers are disconnected at once, with an event `accept:error`. Default 10,000. */
  maxConnections: number;
  /** The same of one IP address, those in their handshake included; 0 for any number. Default 0. */
  maxConnectionsPerAddress: number;
  /** The most accepted peers that may be in their handshake, in addition; 0 for any number. Above it the oldest of them is disconnected, with an event `accept:error`. Default 4,000. */
  maxHandshakes: number;
  /** The wait before reconnecting, to which jitter of the same size is added; -1 for no reconnecting. Default 100. */
  reconnectInterval: number;
  /** Above 0, the wait doubles with each failed attempt up to this. Default 0. */
  reconnectMaxInterval: number;
  /** The largest message to receive, in bytes over all frames, of which each beyond the 64th counts 128 more; -1 for any. A peer that sends more loses its connection. Default -1, but 1 GiB for peers that connect to a tcp address beyond loopback, unless the option is set, to -1 or anything else. */
  maxMessageSize: number;
  /** The most frames of a message to receive; -1 for any number. A peer that sends more loses its connection. Default 10,000. */
  maxMessageFrames: number;
  /** Whether messages wait only for peers that are connected, not for those still connecting. Default false. */
  immediate: boolean;
  /** Whether names and `*` mean IPv6 too; IPv6 literals always work. Default false. */
  ipv6: boolean;
  /** How long a peer may take for its handshake; 0 for ever. Default 30,000. */
  handshakeInterval: number;
  /** How often to send PING; 0 for never. A peer of ZMTP 3.0, which need not know PING, gets none before it has sent PING or PONG. Default 0. */
  heartbeatInterval: number;
  /** How long after a PING has left the connection may be silent; -1 for the heartbeat interval. That a write goes on is no silence. Default -1. */
  heartbeatTimeout: number;
  /** How long the peer may let the connection be silent, told in each PING; at most 6,553,500. libzmq keeps it in 16 bits: for its sake use at most 65,500, or it takes 65,600 for 64. Default 0 (not told). */
  heartbeatTimeToLive: number;
  /** How long a TCP connection may take to be made; 0 for as long as the system waits. Default 0. */
  connectTimeout: number;
  /** When to stop reconnecting: `"refused"` when nobody listens at the address, `"handshake"` when a handshake failed, `"disconnected"` when what `disconnect` left behind finds its connection lost. By its number, libzmq's bits do too: 1, 2, 4. Default []. */
  reconnectStop: readonly ReconnectStop[];
  /** The byte in each IP packet that routers may prefer some by (ToS, Traffic Class). Where node:net has no `setTypeOfService`, as before Node 24.15 and on Deno, binding and connecting over TCP is `ENOTSUP` unless this is 0. Default 0. */
  typeOfService: number;
  /** The SOCKS5 proxy, as `host:port`, that TCP connections are made through; it also resolves the host names. Null for none. Default null. */
  socksProxy: string | null;
  /** The user name for the proxy, up to 255 bytes; null for a proxy that asks for none. Default null. */
  socksUsername: string | null;
  /** The password for the proxy, up to 255 bytes; null for an empty one. Default null. */
  socksPassword: string | null;
  /** TCP keep-alive: -1 as the system has it, 0 off, 1 on. Default -1. */
  tcpKeepalive: number;
  /** Idle time before the first keep-alive probe, in seconds; -1 as the system has it. Default -1. */
  tcpKeepaliveIdle: number;
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

/** The option of sockets that tell peers who they are. */
export interface RoutingIdOptions {
  /** The name under which a ROUTER sees this socket: 1 to 255 bytes, or as many as text; the first is not zero. Null to let the ROUTER choose. Default null. */
  routingId: string | Uint8Array | null;
}

/** The option of sockets that a ROUTER may have to know before they speak. */
export interface ProbeOptions {
  /** Whether a new peer gets an empty message first, so that a ROUTER knows of this socket. Default false. */
  probeRouter: boolean;
}

/** The option of sockets that may greet. */
export interface HelloOptions {
  /** The message that every new connection begins with, towards the peer; null for none. Default null. */
  helloMessage: string | Uint8Array | null;
}

/** The option of sockets that may be told when a connected peer is lost. */
export interface HiccupOptions {
  /** The message to receive when a connection made by `connect` was lost, as if the peer had sent it last; null for none. Default null. */
  hiccupMessage: string | Uint8Array | null;
}

/** The option of sockets that may be told when an accepted peer is gone. */
export interface DisconnectOptions {
  /** The message to receive when a peer that was accepted is gone, as if it had sent it last; null for none. Default null. */
  disconnectMessage: string | Uint8Array | null;
}

/** What a ROUTER is told of; see the option `routerNotify`. */
export type RouterNotice = "connect" | "disconnect";

/** The options of REQ alone. */
export interface RequestModes {
  /** Whether a new request may be sent before the answer to the last one came. Default false. */
  relaxed: boolean;
  /** Whether requests carry an id, and only the answer to the last one counts. Default false. */
  correlate: boolean;
}

/** The options of ROUTER alone. */
export interface RouterModes {
  /** Whether a message that cannot be routed is an error, not dropped. Default false. */
  mandatory: boolean;
  /** Whether a new peer takes the place of an older one of the same routing id. Default false. */
  handover: boolean;
  /** Whether to receive an empty message of each peer that has connected (`"connect"`), or is gone (`"disconnect"`). By its number, libzmq's bits do too: 1, 2. Default []. */
  routerNotify: readonly RouterNotice[];
}

/** The option of sockets whose messages may supersede each other. */
export interface ConflateOptions {
  /** Whether only the newest message waits for each peer, whatever the high-water marks. Default false. */
  conflate: boolean;
}

/** The option of sockets that match topics. */
export interface MatchOptions {
  /** Whether what does not match a subscription is let through, and what does is not. Default false. */
  invertMatching: boolean;
}

/** The options of PUB, XPUB and RADIO. */
export interface PublishModes {
  /** How many subscriptions, or groups, each peer may have; 0 for any number. A peer that passes it loses its connection (`ENOBUFS`). Does not count over `inproc`. Default 100,000. */
  maxSubscriptions: number;
  /** How many bytes its topics may have together; 0 for any number. As `maxSubscriptions`. Default 16,777,216. */
  maxSubscriptionBytes: number;
  /** Whether `send` waits for a subscriber whose queue is full, instead of dropping its message. Default false. */
  noDrop: boolean;
}

/** The option of STREAM alone. */
export interface StreamModes {
  /** Whether an empty message tells that a connection was made, and another that it is over. Default true. */
  notify: boolean;
}

/** The options of XPUB alone. */
export interface VerbosityOptions {
  /** What each new subscriber gets first, if it has subscribed to it; null for nothing. Default null. */
  welcomeMessage: string | Uint8Array | null;
  /** Which events to deliver beside the first subscription and the last cancellation of a topic. Default null: none. */
  verbosity: null | "allSubs" | "allSubsUnsubs";
  /** Whether subscriptions are only told, and the application decides what its peers get, with `subscribe` and `unsubscribe`. Default false. */
  manual: boolean;
  /** As `manual`; and what is sent first after an event was received goes to the peer of that event alone. Default false. */
  manualLastValue: boolean;
}

/** The option of XSUB alone. */
export interface UnsubscribeOptions {
  /** Whether every cancellation is sent to the peers, not only the last of a topic. Default false. */
  verboseUnsubscribe: boolean;
}

/** What can be read of every socket, and not set. */
export interface SocketFacts {
  /** The mechanism in force at what is bound and connected, the weakest if there are several; before, the one that the options ask for. Null for none: over `inproc` there is none. */
  readonly securityMechanism: null | "plain" | "curve";
  /** Whether threads may share the socket: false, a socket belongs to the thread that made it. */
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
