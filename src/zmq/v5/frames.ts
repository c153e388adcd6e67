/**
 * Layer: v5. Converts what programs pass to `send` into frames: bytes
 * unchanged, everything else as its text.
 *
 * @module
 */
import { encodeText } from "../bytes.ts";
import { type Message, toFrame } from "../message.ts";

/** The frames of a message: one for each item of an array, or one for a single value. */
export function toFrames(message: unknown): Message {
  return Array.isArray(message) ? message.map(frameOf) : [frameOf(message)];
}

function frameOf(value: unknown): Uint8Array {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
    ? toFrame(value)
    : encodeText(String(value));
}
