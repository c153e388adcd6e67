/**
 * Layer: sockets. Converts what a user passes to `send` into a message that
 * this socket may send.
 *
 * @module
 */
import {
  type Message,
  type MessageLike,
  requireSealable,
  toMessage,
} from "../message.ts";
import { OPTIONS } from "../options/table.ts";
import type { OptionValues } from "../options/values.ts";

/** The smallest value of `curveMaxFrameSize`, in bytes. */
const SMALL_FRAME = OPTIONS.curveMaxFrameSize.min!;

/**
 * The frames of a message.
 *
 * @param maxBytes The largest message in bytes, over all frames; -1 for no
 *   limit.
 * @param options The options of the socket.
 * @throws {ZmqError} `EINVAL` for an invalid message, `EMSGSIZE` for one that
 *   is too large, in total or for CURVE.
 */
export function outgoing(
  input: MessageLike | readonly MessageLike[],
  maxBytes: number,
  options: Readonly<OptionValues>,
): Message {
  const message = toMessage(input, maxBytes);
  // As most messages are.
  if (message.length === 1 && message[0]!.byteLength <= SMALL_FRAME) {
    return message;
  }
  if (options.curveServer || options.curveServerKey !== null) {
    requireSealable(message, options.curveMaxFrameSize);
  }
  return message;
}
