/**
 * Layer: sockets. What a user passes to `send`, as a message that this socket
 * may send.
 *
 * @module
 */
import {
  type Message,
  type MessageLike,
  requireSealable,
  toMessage,
} from "../message.ts";
import type { OptionValues } from "../options/values.ts";

/**
 * The frames of a message.
 *
 * @param maxBytes The most bytes over all frames; -1 for any number.
 * @param options Those of the socket.
 * @throws {ZmqError} `EINVAL` for what is no message, `EMSGSIZE` for one that is
 *   too large, over all or for CURVE.
 */
export function outgoing(
  input: MessageLike | readonly MessageLike[],
  maxBytes: number,
  options: Readonly<OptionValues>,
): Message {
  const message = toMessage(input, maxBytes);
  if (options.curveServer || options.curveServerKey !== null) {
    requireSealable(message, options.curveMaxFrameSize);
  }
  return message;
}
