/**
 * Layer: v5. The names and numbers of zeromq.js 5: socket types, options,
 * flags, states and the events of a monitor.
 *
 * @module
 */

/** A PAIR socket. */
export const ZMQ_PAIR = 0;
/** A PUB socket. */
export const ZMQ_PUB = 1;
/** A SUB socket. */
export const ZMQ_SUB = 2;
/** A REQ socket. */
export const ZMQ_REQ = 3;
/** A REP socket. */
export const ZMQ_REP = 4;
/** A DEALER socket. */
export const ZMQ_DEALER = 5;
/** The old name of a DEALER. */
export const ZMQ_XREQ = 5;
/** A ROUTER socket. */
export const ZMQ_ROUTER = 6;
/** The old name of a ROUTER. */
export const ZMQ_XREP = 6;
/** A PULL socket. */
export const ZMQ_PULL = 7;
/** A PUSH socket. */
export const ZMQ_PUSH = 8;
/** An XPUB socket. */
export const ZMQ_XPUB = 9;
/** An XSUB socket. */
export const ZMQ_XSUB = 10;
/** A STREAM socket. */
export const ZMQ_STREAM = 11;

/** Option `hwm`: both high-water marks. */
export const ZMQ_HWM = 1;
/** Option of ZeroMQ 2; not supported. */
export const ZMQ_SWAP = 3;
/** Option `affinity`. */
export const ZMQ_AFFINITY = 4;
/** Option `identity`. */
export const ZMQ_IDENTITY = 5;
/** A topic to subscribe to. */
export const ZMQ_SUBSCRIBE = 6;
/** A topic to unsubscribe from. */
export const ZMQ_UNSUBSCRIBE = 7;
/** Option `rate`. */
export const ZMQ_RATE = 8;
/** Option `recovery_ivl`. */
export const ZMQ_RECOVERY_IVL = 9;
/** Option of ZeroMQ 2; not supported. */
export const ZMQ_MCAST_LOOP = 10;
/** Option `sndbuf`. */
export const ZMQ_SNDBUF = 11;
/** Option `rcvbuf`. */
export const ZMQ_RCVBUF = 12;
/** Whether more frames follow: always 0, as messages are received completely. */
export const ZMQ_RCVMORE = 13;
/** The file descriptor of a socket; not supported. */
export const ZMQ_FD = 14;
/** What is possible without waiting: `ZMQ_POLLIN`, `ZMQ_POLLOUT`. */
export const ZMQ_EVENTS = 15;
/** The number of the socket type. */
export const ZMQ_TYPE = 16;
/** Option `linger`. */
export const ZMQ_LINGER = 17;
/** Option `reconnect_ivl`. */
export const ZMQ_RECONNECT_IVL = 18;
/** Option `backlog`. */
export const ZMQ_BACKLOG = 19;
/** Option of ZeroMQ 2; not supported. */
export const ZMQ_RECOVERY_IVL_MSEC = 20;
/** The longest wait before reconnecting, in milliseconds. */
export const ZMQ_RECONNECT_IVL_MAX = 21;
/** The largest message to receive, in bytes. */
export const ZMQ_MAXMSGSIZE = 22;
/** How many messages may wait to be sent to each peer. */
export const ZMQ_SNDHWM = 23;
/** How many messages of each peer may wait to be received. */
export const ZMQ_RCVHWM = 24;
/** Option of an unsupported transport. */
export const ZMQ_MULTICAST_HOPS = 25;
/** How long a receive waits; without effect on `"message"` events. */
export const ZMQ_RCVTIMEO = 27;
/** How long a send waits; without effect on `send`, which queues. */
export const ZMQ_SNDTIMEO = 28;
/** Whether names and `*` mean IPv4 only. */
export const ZMQ_IPV4ONLY = 31;
/** The endpoint that was bound or connected last. */
export const ZMQ_LAST_ENDPOINT = 32;
/** Whether a ROUTER reports a message that cannot be routed. */
export const ZMQ_ROUTER_MANDATORY = 33;
/** TCP keep-alive: -1, 0 or 1. */
export const ZMQ_TCP_KEEPALIVE = 34;
/** How many TCP keep-alive probes; stored, without effect. */
export const ZMQ_TCP_KEEPALIVE_CNT = 35;
/** Seconds of idle time before TCP keep-alive. */
export const ZMQ_TCP_KEEPALIVE_IDLE = 36;
/** Seconds between TCP keep-alive probes; stored, without effect. */
export const ZMQ_TCP_KEEPALIVE_INTVL = 37;
/** An address to accept connections from; not supported. */
export const ZMQ_TCP_ACCEPT_FILTER = 38;
/** Whether messages wait only for peers that are connected. */
export const ZMQ_DELAY_ATTACH_ON_CONNECT = 39;
/** Whether an XPUB delivers duplicate subscriptions. */
export const ZMQ_XPUB_VERBOSE = 40;
/** A ROUTER without ZMTP; not supported, use a STREAM. */
export const ZMQ_ROUTER_RAW = 41;
/** Whether names and `*` mean IPv6 too. */
export const ZMQ_IPV6 = 42;
/** The security mechanism: 0 for NULL, 1 for PLAIN, 2 for CURVE. */
export const ZMQ_MECHANISM = 43;
/** Option `plain_server`. */
export const ZMQ_PLAIN_SERVER = 44;
/** Option `plain_username`. */
export const ZMQ_PLAIN_USERNAME = 45;
/** Option `plain_password`. */
export const ZMQ_PLAIN_PASSWORD = 46;
/** Option `curve_server`. */
export const ZMQ_CURVE_SERVER = 47;
/** Option `curve_publickey`. */
export const ZMQ_CURVE_PUBLICKEY = 48;
/** Option `curve_secretkey`. */
export const ZMQ_CURVE_SECRETKEY = 49;
/** Option `curve_serverkey`. */
export const ZMQ_CURVE_SERVERKEY = 50;
/** Option `zap_domain`. */
export const ZMQ_ZAP_DOMAIN = 55;
/** Whether a new peer replaces an older one with the same identity. */
export const ZMQ_ROUTER_HANDOVER = 56;
/** Option `heartbeat_ivl`. */
export const ZMQ_HEARTBEAT_IVL = 75;
/** Option `heartbeat_ttl`. */
export const ZMQ_HEARTBEAT_TTL = 76;
/** Option `heartbeat_timeout`. */
export const ZMQ_HEARTBEAT_TIMEOUT = 77;
/** Option `connect_timeout`. */
export const ZMQ_CONNECT_TIMEOUT = 79;

/** Option of a context: its threads. */
export const ZMQ_IO_THREADS = 1;
/** Option of a context: how many sockets it may have. */
export const ZMQ_MAX_SOCKETS = 2;

/** A message can be received. */
export const ZMQ_POLLIN = 1;
/** A message can be sent. */
export const ZMQ_POLLOUT = 2;
/** An error; never reported. */
export const ZMQ_POLLERR = 4;
/** The flag of `send`: more frames of the same message follow. */
export const ZMQ_SNDMORE = 2;

/** Whether `monitor` is there: 1. */
export const ZMQ_CAN_MONITOR = 1;
/** Whether `disconnect` is there: 1. */
export const ZMQ_CAN_DISCONNECT = 1;
/** Whether `unbind` is there: 1. */
export const ZMQ_CAN_UNBIND = 1;
/** Whether options of a context can be set: 1. */
export const ZMQ_CAN_SET_CTX = 1;

/** The state of an open socket. */
export const STATE_READY = 0;
/** The state of a socket that binds; no call is refused for it here. */
export const STATE_BUSY = 1;
/** The state of a closed socket. */
export const STATE_CLOSED = 2;

/** The socket types by their names. */
export const types = {
  pub: ZMQ_PUB,
  xpub: ZMQ_XPUB,
  sub: ZMQ_SUB,
  xsub: ZMQ_XSUB,
  req: ZMQ_REQ,
  xreq: ZMQ_XREQ,
  rep: ZMQ_REP,
  xrep: ZMQ_XREP,
  push: ZMQ_PUSH,
  pull: ZMQ_PULL,
  dealer: ZMQ_DEALER,
  router: ZMQ_ROUTER,
  pair: ZMQ_PAIR,
  stream: ZMQ_STREAM,
} as const;

/** The name of a socket type. */
export type SocketType = keyof typeof types;

/** The options that are properties of a socket, with their numbers. */
export const options = {
  _fd: ZMQ_FD,
  _ioevents: ZMQ_EVENTS,
  _receiveMore: ZMQ_RCVMORE,
  _subscribe: ZMQ_SUBSCRIBE,
  _unsubscribe: ZMQ_UNSUBSCRIBE,
  affinity: ZMQ_AFFINITY,
  backlog: ZMQ_BACKLOG,
  hwm: ZMQ_HWM,
  identity: ZMQ_IDENTITY,
  linger: ZMQ_LINGER,
  mcast_loop: ZMQ_MCAST_LOOP,
  rate: ZMQ_RATE,
  rcvbuf: ZMQ_RCVBUF,
  last_endpoint: ZMQ_LAST_ENDPOINT,
  reconnect_ivl: ZMQ_RECONNECT_IVL,
  recovery_ivl: ZMQ_RECOVERY_IVL,
  sndbuf: ZMQ_SNDBUF,
  swap: ZMQ_SWAP,
  mechanism: ZMQ_MECHANISM,
  plain_server: ZMQ_PLAIN_SERVER,
  plain_username: ZMQ_PLAIN_USERNAME,
  plain_password: ZMQ_PLAIN_PASSWORD,
  curve_server: ZMQ_CURVE_SERVER,
  curve_publickey: ZMQ_CURVE_PUBLICKEY,
  curve_secretkey: ZMQ_CURVE_SECRETKEY,
  curve_serverkey: ZMQ_CURVE_SERVERKEY,
  zap_domain: ZMQ_ZAP_DOMAIN,
  heartbeat_ivl: ZMQ_HEARTBEAT_IVL,
  heartbeat_ttl: ZMQ_HEARTBEAT_TTL,
  heartbeat_timeout: ZMQ_HEARTBEAT_TIMEOUT,
  connect_timeout: ZMQ_CONNECT_TIMEOUT,
} as const;

/** The name of an option that is a property. */
export type OptionName = keyof typeof options;

/** The events of a monitor by their numbers in libzmq. */
export const events = {
  1: "connect",
  2: "connect_delay",
  4: "connect_retry",
  8: "listen",
  16: "bind_error",
  32: "accept",
  64: "accept_error",
  128: "close",
  256: "close_error",
  512: "disconnect",
} as const;

/** The name of an event of a monitor. */
export type MonitorEvent = (typeof events)[keyof typeof events];
