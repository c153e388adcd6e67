/**
 * Layer: zmq, bottom. Byte arrays: allocation, text, comparison. No I/O.
 *
 * Frames are `Uint8Array` in every type. Where the runtime has the global
 * `Buffer` (Deno, Node and Bun do) they are Buffers, so `frame.toString()`
 * decodes as users of zeromq.js expect; elsewhere they are plain arrays.
 *
 * @module
 */

interface BufferLike {
  allocUnsafe(size: number): Uint8Array;
  allocUnsafeSlow(size: number): Uint8Array;
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
  from(text: string, encoding: "utf8"): Uint8Array;
  isBuffer(value: unknown): boolean;
  readonly [Symbol.species]?: new (
    memory: ArrayBufferLike,
    offset: number,
    length: number,
  ) => Uint8Array;
}

const buffer = (globalThis as { Buffer?: BufferLike }).Buffer;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Memory whose content is not cleared; the caller overwrites all of it. */
export const allocate: (size: number) => Uint8Array = buffer
  ? (size) => buffer.allocUnsafeSlow(size)
  : (size) => new Uint8Array(size);

/** The same for short-lived small arrays: many share a block of 8 KiB. */
export const allocateSmall: (size: number) => Uint8Array = buffer
  ? (size) => buffer.allocUnsafe(size)
  : (size) => new Uint8Array(size);

/** No bytes. */
export const EMPTY: Uint8Array = allocate(0);

/** A view on the same memory, of the type that the runtime has for received bytes. */
export function asFrame(bytes: Uint8Array): Uint8Array {
  if (!buffer || buffer.isBuffer(bytes)) return bytes;
  return buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A part of an array, on the same memory and of the type that received frames
 * have.
 *
 * `Buffer.subarray` takes 70 ns on Node 20 and its species, the class that it
 * instantiates itself, 24; on Deno 34 and 26. Bun's `subarray` is the quickest
 * way there (31 ns).
 */
export const partOf: (
  bytes: Uint8Array,
  start: number,
  end: number,
) => Uint8Array = partMaker();

function partMaker(): typeof partOf {
  const Species = buffer?.[Symbol.species];
  const isOwn = Species !== undefined && Species !== (buffer as unknown) &&
    buffer!.isBuffer(new Species(new ArrayBuffer(1), 0, 1));
  return isOwn
    ? (bytes, start, end) =>
      new Species(bytes.buffer, bytes.byteOffset + start, end - start)
    : (bytes, start, end) => bytes.subarray(start, end);
}

/** UTF-8. */
export function encodeText(text: string): Uint8Array {
  return buffer ? buffer.from(text, "utf8") : asFrame(encoder.encode(text));
}

/** UTF-8; invalid bytes become U+FFFD. A byte order mark is a character like any other. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A copy of a small array. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = allocateSmall(bytes.byteLength);
  copyInto(copy, 0, bytes);
  return copy;
}

/** Below this many bytes a loop is faster than `TypedArray.set` (measured on V8 and JSC). */
const LOOP_COPY = 24;

/** Copies bytes to a position of an array, which has room for them. */
export function copyInto(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
): void {
  const size = bytes.byteLength;
  if (size >= LOOP_COPY) return target.set(bytes, at);
  for (let i = 0; i < size; i++) target[at + i] = bytes[i]!;
}

/** One array made of many, with its own memory. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.byteLength;
  const whole = allocate(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}

/** Whether both hold the same bytes. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let i = 0; i < a.byteLength; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * A string with one character per byte, to use bytes as a key in a Map.
 *
 * Built with `+=`, a long string is a tree with a node for each character until
 * it is read; so it is built in flat pieces.
 */
export function bytesKey(bytes: Uint8Array): string {
  let key = "";
  if (bytes.byteLength <= SMALL_KEY) {
    for (const byte of bytes) key += String.fromCharCode(byte);
    return key;
  }
  if (bytes.byteLength <= KEY_PIECE) return flatKey(bytes);
  for (let at = 0; at < bytes.byteLength; at += KEY_PIECE) {
    key += flatKey(bytes.subarray(at, at + KEY_PIECE));
  }
  return key;
}

function flatKey(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Up to this length, that of the routing ids of a ROUTER, a loop is faster. */
const SMALL_KEY = 8;
/** Few enough arguments for one call, in every runtime. */
const KEY_PIECE = 4096;

/** The bytes of a string made by {@link bytesKey}. */
export function bytesOf(key: string): Uint8Array {
  const bytes = allocate(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}
