/**
 * Layer: pipeline. The sockets of a pipeline that peers connect to, and the
 * largest messages that they accept.
 *
 * @module
 */
import type { SocketManager } from "../manager/mod.ts";
import {
  PULL,
  type Pull,
  ROUTER,
  type Router,
  SUB,
  type Subscriber,
  XPUB,
  type XPublisher,
} from "../zmq/mod.ts";
import {
  MAX_EVENT_BYTES,
  MAX_FEED_BYTES,
  maxMessageBytes,
} from "./model/bounds.ts";
import type { Role } from "./model/roles.ts";

/** How many answers may wait for a client that does not read. */
const MAX_ANSWERS = 10_000;

/** The sockets of a pipeline. */
export interface PipelineSockets {
  readonly requests: Router;
  readonly results: Pull;
  readonly events: Subscriber;
  readonly feed: XPublisher;
}

/**
 * Creates them; they are bound by their names.
 *
 * @param accept The options with which peers that have one of these roles may connect.
 */
export function openSockets(
  sockets: SocketManager,
  accept: (...roles: Role[]) => object,
  maxPayloadBytes: number,
): PipelineSockets {
  const maxMessageSize = maxMessageBytes(maxPayloadBytes);
  return {
    results: sockets.create("results", PULL, {
      ...accept("worker"),
      maxMessageSize,
    }),
    events: sockets.create("events", SUB, {
      ...accept("worker"),
      maxMessageSize: MAX_EVENT_BYTES,
    }),
    feed: sockets.create("feed", XPUB, {
      ...accept("client", "operator"),
      maxMessageSize: MAX_FEED_BYTES,
    }),
    requests: sockets.create("requests", ROUTER, {
      ...accept("client", "worker", "operator"),
      maxMessageSize,
      sendHighWaterMark: MAX_ANSWERS,
      handover: true, // to a client that reconnects before its old connection is noticed as lost
    }),
  };
}
