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
import { REQUESTS } from "./coordinator/worker_connections.ts";
import { patientHeartbeats } from "./protocol/heartbeat.ts";
import { CLOSED_MESSAGE } from "./server/request_server.ts";

/** How many messages may wait for a client or a worker that does not read. */
const MAX_ANSWERS = 10_000;

/** The sockets of a pipeline. */
export interface PipelineSockets {
  /** For clients, and for workers of version 2. */
  readonly requests: Router;
  readonly feed: XPublisher;
}

/** The sockets for workers of version 1, which announce where they take jobs. */
export interface AnnouncedSockets {
  readonly results: Pull;
  readonly events: Subscriber;
}

/** What all of them have in common. */
export interface SocketSettings {
  /** The options with which peers that have one of these roles may connect. */
  readonly accept: (...roles: Role[]) => object;
  readonly maxPayloadBytes: number;
  readonly leaseMs: number;
}

/** Creates the sockets; they are bound by their names. */
export function openSockets(
  sockets: SocketManager,
  { accept, maxPayloadBytes, leaseMs }: SocketSettings,
): PipelineSockets {
  return {
    feed: sockets.create("feed", XPUB, {
      ...accept("client", "operator"),
      maxMessageSize: MAX_FEED_BYTES,
    }),
    requests: sockets.create(REQUESTS, ROUTER, {
      ...accept("client", "worker", "operator"),
      ...patientHeartbeats(leaseMs),
      maxMessageSize: maxMessageBytes(maxPayloadBytes),
      sendHighWaterMark: MAX_ANSWERS,
      handover: true, // to a client that reconnects before its old connection is noticed as lost
      disconnectMessage: CLOSED_MESSAGE,
    }),
  };
}

/** Creates the sockets for workers of version 1. */
export function openAnnouncedSockets(
  sockets: SocketManager,
  { accept, maxPayloadBytes }: SocketSettings,
): AnnouncedSockets {
  return {
    results: sockets.create("results", PULL, {
      ...accept("worker"),
      maxMessageSize: maxMessageBytes(maxPayloadBytes),
    }),
    events: sockets.create("events", SUB, {
      ...accept("worker"),
      maxMessageSize: MAX_EVENT_BYTES,
    }),
  };
}
