/**
 * Layer: engine. Whether a message of a peer has the shape that the socket's
 * type asks for. What it means is the pattern's business.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Message } from "../message.ts";
import {
  CHANNEL,
  CLIENT,
  DISH,
  GATHER,
  PEER,
  REQ,
  SERVER,
  type SocketType,
} from "../types.ts";
import { MAX_GROUP_SIZE } from "../zmtp/group.ts";

/**
 * Whether a message is for the socket, or is to be dropped.
 *
 * @throws {ProtocolError} Nobody who keeps to the protocol sends such a message.
 */
export function validateIncoming(type: SocketType, message: Message): boolean {
  switch (type) {
    case REQ:
      if (isReply(message)) return true;
      throw new ProtocolError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "A reply has no empty delimiter frame before its body",
      );
    case DISH:
      if (isOfGroup(message)) return true;
      throw new ProtocolError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "A message of a RADIO is not a group and a body",
      );
    // RFC 41, 49, 51, 52: these MUST discard messages of more than one frame.
    case SERVER:
    case CLIENT:
    case GATHER:
    case PEER:
    case CHANNEL:
      return message.length === 1;
    default:
      return true;
  }
}

/** RFC 28: the body comes behind an empty frame, and with REQ_CORRELATE an id before that. */
function isReply(message: Message): boolean {
  if (message.length < 2) return false;
  if (message[0]!.byteLength === 0) return true;
  return message.length > 2 && message[0]!.byteLength === 4 &&
    message[1]!.byteLength === 0;
}

/** RFC 48, as libzmq has it on the wire: the group in a frame of its own. */
function isOfGroup(message: Message): boolean {
  return message.length === 2 && message[0]!.byteLength <= MAX_GROUP_SIZE;
}
