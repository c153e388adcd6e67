/**
 * Test support. The test files that clauses refer to often.
 *
 * @module
 */
import type { TestRef } from "./clause.ts";

const ZMQ = "tests/zmq";
export const ADDRESSED = `${ZMQ}/sockets/addressed.test.ts`;
export const BOTH = `${ZMQ}/sockets/both_directions.test.ts`;
export const MARKS = `${ZMQ}/sockets/high_water_marks.test.ts`;
export const PIPELINE = `${ZMQ}/sockets/pipeline.test.ts`;
export const PUBSUB = `${ZMQ}/sockets/publish_subscribe.test.ts`;
export const RECONNECTING = `${ZMQ}/sockets/reconnecting.test.ts`;
export const REQREP = `${ZMQ}/sockets/request_reply.test.ts`;
export const STREAMS = `${ZMQ}/sockets/streams.test.ts`;
export const FAIR = `${ZMQ}/routing/fair_queue.test.ts`;
export const IDENTITIES = `${ZMQ}/routing/identity_table.test.ts`;
export const ROBIN = `${ZMQ}/routing/round_robin.test.ts`;
export const TRIE = `${ZMQ}/routing/subscription_trie.test.ts`;
export const SESSION = `${ZMQ}/engine/session.test.ts`;
export const COMMAND = `${ZMQ}/zmtp/command.test.ts`;
export const CONNECTION = `${ZMQ}/zmtp/connection.test.ts`;
export const DECODER = `${ZMQ}/zmtp/frame_decoder.test.ts`;
export const ENCODER = `${ZMQ}/zmtp/frame_encoder.test.ts`;
export const GREETING = `${ZMQ}/zmtp/greeting.test.ts`;
export const HANDSHAKE = `${ZMQ}/hostile/handshake.test.ts`;
export const LIFE = `${ZMQ}/hostile/life.test.ts`;
export const OPEN = `${ZMQ}/hostile/open.test.ts`;
export const HOSTILE_SUBS = `${ZMQ}/hostile/subscriptions.test.ts`;
export const TOLERATED = `${ZMQ}/hostile/tolerated.test.ts`;
export const ADMISSION = `${ZMQ}/security/admission.test.ts`;
export const MECHANISMS = `${ZMQ}/security/mechanisms.test.ts`;
export const MIDDLE = `${ZMQ}/security/middle.test.ts`;
export const SECURE = `${ZMQ}/security/sockets.test.ts`;
export const ZAP = `${ZMQ}/security/zap.test.ts`;

/** The queue of an address that is not connected yet. */
export const KEPT: TestRef = [
  MARKS,
  "a peer that is not connected yet gets exactly sendHighWaterMark messages",
];

/** A case of what turns a peer away in its handshake. */
export function turnedAwayFor(example: string): TestRef {
  return [HANDSHAKE, "a ${role} socket turns ${name} away", example];
}

/** A case of what costs an open connection. */
export function droppedFor(example: string): TestRef {
  return [OPEN, "a ${role} socket drops a peer for ${name}", example];
}

/** A case of what is let pass. */
export function servedWith(example: string): TestRef {
  return [TOLERATED, "a ${role} socket serves a peer with ${name}", example];
}
