/**
 * Layer: sockets. What SUB and XPUB share: topics that are given by the
 * application, as arguments or as libzmq's options.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";

/** The number in libzmq of what is an option there, and the method `subscribe` here. */
export const SUBSCRIBE = 6;
/** The same for `unsubscribe`. */
export const UNSUBSCRIBE = 7;

/**
 * A topic as bytes.
 *
 * @throws {ZmqError} `EINVAL` for what is neither text nor bytes.
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
