/**
 * Layer: serializers (internal).
 *
 * Looks through a MessagePack message before it is decoded, and refuses what
 * the decoder would accept or answer with garbage: strings that are not UTF-8,
 * and lengths that promise more than the message holds (for which the decoder
 * would allocate). It does not build values.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @module
 */
import { decodeUtf8 } from "./utf8.ts";

/** Sizes after the heads 0xc4 to 0xdf: `[bytes of length, fixed bytes]`. */
const sizes: Readonly<Record<number, readonly [number, number]>> = {
  0xc4: [1, 0],
  0xc5: [2, 0],
  0xc6: [4, 0],
  0xc7: [1, 1],
  0xc8: [2, 1],
  0xc9: [4, 1],
  0xca: [0, 4],
  0xcb: [0, 8],
  0xcc: [0, 1],
  0xcd: [0, 2],
  0xce: [0, 4],
  0xcf: [0, 8],
  0xd0: [0, 1],
  0xd1: [0, 2],
  0xd2: [0, 4],
  0xd3: [0, 8],
  0xd4: [0, 2],
  0xd5: [0, 3],
  0xd6: [0, 5],
  0xd7: [0, 9],
  0xd8: [0, 17],
};

/**
 * Checks that the bytes are exactly one well-formed message.
 *
 * @param bytes The message.
 * @returns Whether it holds 64-bit integers, which need care in JavaScript.
 * @throws {RangeError} With the reason, as the end of a sentence.
 */
export function scanMsgpack(bytes: Uint8Array): boolean {
  const { length } = bytes;
  let hasInt64 = false;
  let at = 0;
  // Containers only add to what is still to come: no stack, no recursion.
  let itemsLeft = 1;
  while (itemsLeft > 0) {
    // Every item takes a byte at least, so a promise beyond that is a lie.
    if (itemsLeft > length - at) throw truncated(length);
    itemsLeft--;
    const head = bytes[at++]!;
    if (head < 0x80 || head >= 0xe0) continue;
    if (head < 0x90) itemsLeft += (head & 0x0f) * 2;
    else if (head < 0xa0) itemsLeft += head & 0x0f;
    else if (head < 0xc0) at = skipString(bytes, at, head & 0x1f);
    else if (head === 0xc0 || head === 0xc2 || head === 0xc3) continue;
    else if (head === 0xc1) {
      throw new RangeError(`0xc1 at byte ${at - 1} is no MessagePack type`);
    } else if (head >= 0xd9) {
      // str 8, 16, 32; array 16, 32; map 16, 32.
      const wide = head <= 0xdb ? 1 << (head - 0xd9) : head % 2 === 0 ? 2 : 4;
      const size = readLength(bytes, at, wide);
      at += wide;
      if (head <= 0xdb) at = skipString(bytes, at, size);
      else itemsLeft += head <= 0xdd ? size : size * 2;
    } else {
      const [width, fixed] = sizes[head]!;
      if (head === 0xcf || head === 0xd3) hasInt64 = true;
      at += width + fixed + (width > 0 ? readLength(bytes, at, width) : 0);
    }
    if (at > length) throw truncated(length);
  }
  if (at < length) {
    throw new RangeError(`${length - at} bytes follow the end of the message`);
  }
  return hasInt64;
}

function readLength(bytes: Uint8Array, at: number, width: number): number {
  if (at + width > bytes.length) throw truncated(bytes.length);
  let size = 0;
  for (let i = 0; i < width; i++) size = size * 256 + bytes[at + i]!;
  return size;
}

function skipString(bytes: Uint8Array, start: number, size: number): number {
  const end = start + size;
  if (end > bytes.length) throw truncated(bytes.length);
  for (let i = start; i < end; i++) {
    if (bytes[i]! < 0x80) continue;
    try {
      decodeUtf8(bytes.subarray(start, end));
    } catch {
      throw new RangeError(`the string at byte ${start} is not UTF-8`);
    }
    break;
  }
  return end;
}

function truncated(length: number): RangeError {
  return new RangeError(`the message ends too early, after ${length} bytes`);
}
