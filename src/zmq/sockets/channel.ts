/**
 * Layer: sockets. CHANNEL (RFC 52, draft): exchanges messages with one peer, as
 * PAIR does.
 *
 * - MAY be connected to at most one CHANNEL peer; further ones are rejected.
 * - SHALL block on sending, or return a suitable error, when it has no available peer.
 * - SHALL NOT discard messages that it cannot queue.
 * - MUST NOT send multipart messages, and MUST discard those that come.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { ReceiveOptions, SendOptions } from "../options/values.ts";
import { CHANNEL } from "../types.ts";
import { DuplexSocket } from "./send_receive.ts";
import { PairPattern } from "./pair.ts";
import { requireSingleFrame } from "./single_frame.ts";
import type { SocketOptions } from "./socket.ts";

/**
 * Exchanges messages with exactly one other CHANNEL. A message has one frame.
 *
 * Draft: it may change with RFC 52.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using here = new zmq.Channel();
 * await using there = new zmq.Channel();
 * await here.bind("inproc://channel");
 * there.connect("inproc://channel");
 *
 * await here.send("ping");
 * await there.receive();
 * await there.send("pong");
 * await here.receive();
 * ```
 */
export class Channel extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(
    options: SocketOptions & Partial<SendOptions & ReceiveOptions> = {},
  ) {
    super(CHANNEL, options, () => new ChannelPattern());
  }
}

class ChannelPattern extends PairPattern {
  override send(message: Message): boolean {
    return super.send(requireSingleFrame(CHANNEL, message));
  }
}
