/**
 * Test support. Bytes to compare and to cut: hex both ways, messages as texts,
 * and the ways in which a stream can arrive in chunks. What ZMTP looks like on
 * the wire is in `peers/zmtp_bytes.ts`.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads hex; spaces and line ends do not count, `"text"` stands for its bytes. */
export function hex(source: string): Uint8Array {
  const bytes: number[] = [];
  for (const [, text, pair] of source.matchAll(/"([^"]*)"|([0-9a-f]{2})/gi)) {
    if (pair !== undefined) bytes.push(parseInt(pair, 16));
    else bytes.push(...encoder.encode(text));
  }
  return Uint8Array.from(bytes);
}

/** Writes hex, without spaces. */
export function toHex(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += byte.toString(16).padStart(2, "0");
  return out;
}

/** UTF-8. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The frames of a message as texts. */
export function texts(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => decoder.decode(frame));
}

/** The frames of a message as hex, to compare what has different types of bytes. */
export function hexes(frames: readonly Uint8Array[]): string[] {
  return frames.map(toHex);
}

/** `size` bytes in which each differs from its neighbours. */
export function pattern(size: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = i * 31 + (i >> 8) + seed;
  return bytes;
}

/** The same bytes, `count` times. */
export function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const whole = new Uint8Array(bytes.byteLength * count);
  for (let i = 0; i < count; i++) whole.set(bytes, i * bytes.byteLength);
  return whole;
}

/** Whether both hold the same bytes; quick, for large ones. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}

/** Chunks of `size` bytes; the last may be smaller. Each has memory of its own. */
export function chunksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += size) {
    chunks.push(bytes.slice(at, at + size));
  }
  return chunks;
}

/** The chunks that cuts at these offsets give. */
export function cutAt(
  bytes: Uint8Array,
  offsets: readonly number[],
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (const end of [...offsets, bytes.byteLength]) {
    if (end > start) chunks.push(bytes.slice(start, end));
    start = Math.max(start, end);
  }
  return chunks;
}

/** Every way to cut the bytes once and, if there are no more than `maxForTwo`, twice. */
export function* everySplit(
  bytes: Uint8Array,
  maxForTwo = 0,
): Generator<Uint8Array[]> {
  const size = bytes.byteLength;
  for (let a = 1; a < size; a++) {
    yield cutAt(bytes, [a]);
    if (size > maxForTwo) continue;
    for (let b = a + 1; b < size; b++) yield cutAt(bytes, [a, b]);
  }
}
