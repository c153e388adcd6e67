/**
 * Layer: sockets. SCATTER (RFC 49, draft): distributes work, as PUSH does.
 *
 * - SHALL route outgoing messages to available peers using a round-robin strategy.
 * - SHALL block on sending, or return a suitable error, when it has no available peers.
 * - SHALL NOT discard messages that it cannot queue.
 * - MUST NOT send multipart messages.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { ConflateOptions, SendOptions } from "../options/values.ts";
import { SCATTER } from "../types.ts";
import { WritableSocket } from "./send_receive.ts";
import { PushPattern } from "./push.ts";
import { requireSingleFrame } from "./single_frame.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a SCATTER, as properties. */
export interface Scatter extends ConflateOptions {}

/**
 * Sends each message to one of its {@link Gather} peers, in turn. A message has
 * one frame.
 *
 * Draft: it may change with RFC 49.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using scatter = new zmq.Scatter();
 * await using gather = new zmq.Gather();
 * await scatter.bind("tcp://127.0.0.1:*");
 * gather.connect(scatter.lastEndpoint!);
 *
 * await scatter.send("work");
 * const [work] = await gather.receive();
 * ```
 */
export class Scatter extends WritableSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(
    options: SocketOptions & Partial<SendOptions & ConflateOptions> = {},
  ) {
    super(SCATTER, options, () => new ScatterPattern());
  }
}

class ScatterPattern extends PushPattern {
  override send(message: Message): boolean {
    return super.send(requireSingleFrame(SCATTER, message));
  }
}
