/**
 * Layer: engine. Checks the shape of a peer's message by what the row of the
 * socket type says of it. What it means is the pattern's business.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Message } from "../message.ts";
import { replyEnvelopeSize } from "../reply_envelope.ts";
import { traitsOf } from "../socket_traits.ts";
import type { SocketType } from "../types.ts";
import { MAX_GROUP_SIZE } from "../zmtp/group.ts";

/**
 * Checks a message that a peer sent to a socket of `type`.
 *
 * @returns Whether to deliver it; if not, it must be discarded.
 * @throws {ProtocolError} `ERR_ZMTP_INVALID_SEQUENCE`: no peer that follows the
 *   protocol sends such a message.
 */
export function validateIncoming(type: SocketType, message: Message): boolean {
  switch (traitsOf(type).incoming) {
    case "any":
      return true;
    case "one frame": // RFC 41, 49, 51, 52: others MUST be discarded
      return message.length === 1;
    case "reply":
      if (replyEnvelopeSize(message) > 0) return true;
      throw new ProtocolError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "A reply has no empty delimiter frame before its body",
      );
    case "group and body":
      if (isOfGroup(message)) return true;
      throw new ProtocolError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "A message from a RADIO is not a group and a body",
      );
  }
}

/** RFC 48, in libzmq's wire format: the group in a frame of its own. */
function isOfGroup(message: Message): boolean {
  return message.length === 2 && message[0]!.byteLength <= MAX_GROUP_SIZE;
}
