/**
 * The envelope of a reply to a REQ (RFC 28): an empty delimiter frame, and with
 * `ZMQ_REQ_CORRELATE` the id of the request ahead of it. The body follows.
 *
 * @module
 */
import type { Message } from "./message.ts";

/** The size of a request's id in bytes. */
export const REQUEST_ID_SIZE = 4;

/**
 * How many frames the envelope of a reply has: 1, or 2 if it starts with an id.
 *
 * @returns 0 if the message is not a reply.
 */
export function replyEnvelopeSize(message: Message): 0 | 1 | 2 {
  const [first, second] = message;
  if (message.length < 2) return 0;
  if (first!.byteLength === 0) return 1;
  const hasId = message.length > 2 && first!.byteLength === REQUEST_ID_SIZE &&
    second!.byteLength === 0;
  return hasId ? 2 : 0;
}
