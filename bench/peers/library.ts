/**
 * Benchmark peers. What they need of a ZeroMQ module, which the engine and
 * npm:zeromq have alike: so both run the same code.
 *
 * @module
 */
import type * as zmq from "../../src/zmq/mod.ts";

/** The socket classes. */
export type Library = Pick<
  typeof zmq,
  | "Context"
  | "Dealer"
  | "Publisher"
  | "Pull"
  | "Push"
  | "Reply"
  | "Request"
  | "Router"
  | "Subscriber"
>;
