/**
 * Layer: pipeline. The sockets of a pipeline that others connect to, and how
 * large what they receive may be.
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
 * Makes them; they are bound by their names.
 *
 * @param curve The options for CURVE.
 */
export function openSockets(
  sockets: SocketManager,
  curve: object,
  maxPayloadBytes: number,
): PipelineSockets {
  const maxMessageSize = maxMessageBytes(maxPayloadBytes);
  return {
    results: sockets.create("results", PULL, { ...curve, maxMessageSize }),
    events: sockets.create("events", SUB, {
      ...curve,
      maxMessageSize: MAX_EVENT_BYTES,
    }),
    feed: sockets.create("feed", XPUB, {
      ...curve,
      maxMessageSize: MAX_FEED_BYTES,
    }),
    requests: sockets.create("requests", ROUTER, {
      ...curve,
      maxMessageSize,
      sendHighWaterMark: MAX_ANSWERS,
      handover: true, // to a client that comes back before we have missed it
    }),
  };
}
