/**
 * Layer: engine. Checks the shape of a peer's message by what the row of the
 * socket type says of it. What it means is the pattern's business.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Message } from "../message.ts";
import { replyEnvelopeSize } from "../reply_envelope.ts";
import { type SocketTraits, traitsOf } from "../socket_traits.ts";
import type { SocketType } from "../types.ts";
import { MAX_GROUP_SIZE } from "../zmtp/group.ts";

/**
 * Checks a message that a peer has sent.
 *
 * @returns Whether to deliver it; if not, it must be discarded.
 * @throws {ProtocolError} `ERR_ZMTP_INVALID_SEQUENCE`: no peer that follows the
 *   protocol sends such a message.
 */
export type IncomingValidator = (message: Message) => boolean;

const VALIDATORS: Readonly<
  Record<SocketTraits["incoming"], IncomingValidator | undefined>
> = {
  "any": undefined,
  // RFC 41, 49, 51, 52: messages of more frames MUST be discarded.
  "one frame": (message) => message.length === 1,
  "reply": validateReply,
  "group and body": validateOfGroup,
};

/** What checks the messages for a socket of `type`; undefined where all are delivered. */
export function incomingValidatorOf(
  type: SocketType,
): IncomingValidator | undefined {
  return VALIDATORS[traitsOf(type).incoming];
}

function validateReply(message: Message): boolean {
  if (replyEnvelopeSize(message) > 0) return true;
  throw new ProtocolError(
    "ERR_ZMTP_INVALID_SEQUENCE",
    "A reply has no empty delimiter frame before its body",
  );
}

/** RFC 48, in libzmq's wire format: the group in a frame of its own. */
function validateOfGroup(message: Message): boolean {
  if (message.length === 2 && message[0]!.byteLength <= MAX_GROUP_SIZE) {
    return true;
  }
  throw new ProtocolError(
    "ERR_ZMTP_INVALID_SEQUENCE",
    "A message from a RADIO is not a group and a body",
  );
}
