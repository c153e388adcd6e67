/**
 * Layer: v5. What programs pass to `send`, as frames: bytes as they are, all
 * else as its text.
 *
 * @module
 */
import { encodeText } from "../bytes.ts";
import { type Message, toFrame } from "../message.ts";

/** The frames of a message: of each item if it is an array, of the one value if not. */
export function toFrames(message: unknown): Message {
  return Array.isArray(message) ? message.map(frameOf) : [frameOf(message)];
}

function frameOf(value: unknown): Uint8Array {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
    ? toFrame(value)
    : encodeText(String(value));
}
