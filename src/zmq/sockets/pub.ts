/**
 * Layer: sockets. PUB (RFC 29): publishes, as XPUB does, but reports nothing to
 * the application.
 *
 * @module
 */
import type {
  ConflateOptions,
  MatchOptions,
  PublishModes,
} from "../options/values.ts";
import { PUB } from "../types.ts";
import { WritableSocket } from "./send_receive.ts";
import { PublishPattern } from "./publish_pattern.ts";
import type { PublishOptions } from "./xpub.ts";

/** The options of a PUB, as properties. */
export interface Publisher
  extends PublishModes, MatchOptions, ConflateOptions {}

/**
 * Sends each message to all subscribers of its topic, which is the start of its
 * first frame. Without a subscriber, or for one that is too slow, the message
 * is dropped: `send` does not wait.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using publisher = new zmq.Publisher();
 * await publisher.bind("tcp://127.0.0.1:*");
 * await publisher.send(["weather", "sunny"]);
 * ```
 */
export class Publisher extends WritableSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: PublishOptions & Partial<ConflateOptions> = {}) {
    super(PUB, options, (values) => new PublishPattern(values, false));
  }
}
