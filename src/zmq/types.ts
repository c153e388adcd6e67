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
  | typeof XSUB;

/** The names that travel in the `Socket-Type` property of READY (RFC 37). */
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
] as const;

/** A message can be received without waiting. */
export const POLLIN = 1 as const;
/** A message can be sent without waiting. */
export const POLLOUT = 2 as const;
