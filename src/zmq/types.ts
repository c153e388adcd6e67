/**
 * Layer: zmq, bottom. The numbers of socket types and of poll events, as in
 * libzmq's `zmq.h`.
 *
 * @module
 */

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
/** A PEER socket. Draft: it may change with RFC 51. */
export const PEER = 19 as const;
/** A CHANNEL socket. Draft: it may change with RFC 52. */
export const CHANNEL = 20 as const;

/** The number of a socket type. */
export type SocketType =
  | typeof PAIR
  | typeof PUB
  | typeof SUB
  | typeof REQ
  | typeof REP
  | typeof DEALER
  | typeof ROUTER
  | typeof PULL
  | typeof PUSH
  | typeof XPUB
  | typeof XSUB
  | typeof STREAM
  | typeof SERVER
  | typeof CLIENT
  | typeof RADIO
  | typeof DISH
  | typeof GATHER
  | typeof SCATTER
  | typeof PEER
  | typeof CHANNEL;

/**
 * The names that travel in the `Socket-Type` property of READY (RFC 37), at
 * the place of their number. DGRAM, which is UDP, is not among the types here.
 */
export const SOCKET_TYPE_NAMES = [
  "PAIR",
  "PUB",
  "SUB",
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "PULL",
  "PUSH",
  "XPUB",
  "XSUB",
  "STREAM",
  "SERVER",
  "CLIENT",
  "RADIO",
  "DISH",
  "GATHER",
  "SCATTER",
  "DGRAM",
  "PEER",
  "CHANNEL",
] as const;

/** A message can be received without waiting. */
export const POLLIN = 1 as const;
/** A message can be sent without waiting. */
export const POLLOUT = 2 as const;
