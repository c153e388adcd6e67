/**
 * Layer: sockets. PUB (RFC 29): publishes. What XPUB does, without telling.
 *
 * @module
 */
import type { SendOptions } from "../options.ts";
import { PUB } from "../types.ts";
import { WritableSocket } from "./flow.ts";
import { type PublishOptions, PublishPattern } from "./xpub.ts";

export interface Publisher extends SendOptions {
  noDrop: boolean;
  invertMatching: boolean;
}

/**
 * Sends each message to all subscribers of its topic: of the beginning of its
 * first frame. Nobody there, or a subscriber that is too slow: the message is
 * dropped for these, and `send` does not wait.
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
  /** @throws {ZmqError} `EINVAL` for an option that is unknown or out of range. */
  constructor(options: PublishOptions = {}) {
    super(PUB, options, (values) => new PublishPattern(values, false));
  }
}
