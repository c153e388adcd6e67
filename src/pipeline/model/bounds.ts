/**
 * Layer: pipeline/model. The bounds of messages: how large one may be, how
 * deeply nested, and how many jobs it may name. A socket refuses what is larger by the
 * header of its frame, before it takes memory for it.
 *
 * @module
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** The longest topic of the feed, in bytes. */
export const MAX_TOPIC_BYTES: number = KIB;
/** The largest message that the feed takes: a subscription. */
export const MAX_FEED_BYTES: number = 64 * KIB;
/** The largest log record or metric, with its topic, in bytes. */
export const MAX_EVENT_BYTES: number = MIB;
/** How many bytes a message may have in addition to its payload. */
export const MESSAGE_ROOM_BYTES: number = MIB;

/** How deep lists and objects of a payload may be nested. */
export const MAX_PAYLOAD_DEPTH = 500;
/** How deep those of a message may be nested: joins and lists are around payloads. */
export const MAX_MESSAGE_DEPTH = 1000;
/** How many lists and objects a payload, or a message, may have. */
export const MAX_NODES = 500_000;
/** How many commas a message may have beside its payload, and a log record: lists of claims are as long as that, and no others. */
export const MAX_PARTS = 50_000;

/** How many submissions one request may have: they are handled in one turn of the event loop. */
export const MAX_SUBMISSIONS = 1000;
/** How long their list may be, in characters of JSON: it is parsed as a whole. */
export const MAX_SUBMISSIONS_LENGTH: number = MIB;
/** How many jobs a worker may have, or claim to have. */
export const MAX_CLAIMS = 10_000;
/** The longest text that is no payload, such as a name or an id, in characters. */
export const MAX_TEXT = 1024;

/**
 * The largest message with a payload, in bytes.
 *
 * @param maxPayloadBytes The largest payload. What JSON escapes needs a tenth more.
 */
export function maxMessageBytes(maxPayloadBytes: number): number {
  const bytes = Math.ceil(1.1 * maxPayloadBytes) + MESSAGE_ROOM_BYTES;
  return Math.min(bytes, Number.MAX_SAFE_INTEGER);
}
