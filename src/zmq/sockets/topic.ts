/**
 * Layer: sockets. What SUB and XPUB share: topics that the application passes
 * as arguments or as libzmq's options.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";

/** libzmq's number for the option that is the method `subscribe` here. */
export const SUBSCRIBE = 6;
/** libzmq's number for the option that is the method `unsubscribe` here. */
export const UNSUBSCRIBE = 7;

/**
 * A topic as bytes.
 *
 * @throws {ZmqError} `EINVAL` for anything but text or bytes.
 */
export function toTopic(topic: unknown): Uint8Array {
  if (typeof topic === "string" || topic instanceof Uint8Array) {
    return toFrame(topic);
  }
  throw new ZmqError(
    "EINVAL",
    `A topic cannot be ${String(topic)}: expected text or bytes`,
  );
}
