/**
 * Layer: sockets. The rule of the draft types (RFC 41, 48, 49, 51, 52): they
 * MUST NOT send multipart messages.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import { SOCKET_TYPE_NAMES, type SocketType } from "../types.ts";

/**
 * Returns the message.
 *
 * @throws {ZmqError} `EINVAL` if it has more than one frame.
 */
export function requireSingleFrame(
  type: SocketType,
  message: Message,
): Message {
  if (message.length === 1) return message;
  throw new ZmqError(
    "EINVAL",
    `A ${
      SOCKET_TYPE_NAMES[type]
    } can only send messages of one frame, not of ${message.length}`,
  );
}
