/**
 * Layer: serializers (internal).
 *
 * Decodes MessagePack. The library's decoder loses information: a byte order
 * mark at the beginning of a long string, one of two map keys that become the
 * same property name, keys other than strings, timestamps beyond `Date`,
 * integers beyond 2^53. This one preserves it, or throws.
 *
 * It is a loop and not a recursion, and refuses values that are nested deeper
 * than the limit. It never allocates for a length that exceeds the message.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @module
 */
import { ExtData } from "@msgpack/msgpack";
import { maxDepth, tooDeep } from "./depth.ts";

/** How maps with keys other than strings are decoded. */
export interface DecodeOptions {
  /** As a `Map`; otherwise the keys become property names. */
  readonly maps: boolean;
}

/** The type of the timestamp extension. */
const TIMESTAMP = -1;

/** A longer string is faster with the decoder of the runtime. */
const SHORT = 200;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An array or a map that is being decoded. */
interface Open {
  /** The values so far. */
  readonly items: unknown[];
  /** The property names or keys; `undefined` for an array. */
  readonly keys: unknown[] | undefined;
  /** How many values are missing, including the keys of a map. */
  left: number;
}

/**
 * Decodes exactly one message.
 *
 * @param bytes The message.
 * @param options How maps are decoded.
 * @returns The value.
 * @throws {RangeError} With the reason, as the end of a sentence.
 */
export function decodeMsgpack(
  bytes: Uint8Array,
  options: DecodeOptions,
): unknown {
  const reader = new MsgpackReader(bytes);
  const stack: Open[] = [];
  for (;;) {
    let value = reader.next();
    if (value instanceof Container) {
      const { size, isMap } = value;
      if (stack.length >= maxDepth) throw new RangeError(tooDeep);
      if (size > 0) {
        const keys = isMap ? [] : undefined;
        stack.push({ items: [], keys, left: isMap ? 2 * size : size });
        continue;
      }
      value = isMap ? {} : [];
    }
    let top: Open | undefined;
    while ((top = stack.at(-1)) !== undefined) {
      const { keys, items } = top;
      if (keys !== undefined && top.left % 2 === 0) keys.push(value);
      else items.push(value);
      if (--top.left > 0) break;
      stack.pop();
      value = keys === undefined ? items : mapOf(keys, items, options);
    }
    if (top !== undefined) continue;
    reader.finish();
    return value;
  }
}

/** The head of an array or map. */
class Container {
  size = 0;
  isMap = false;
}

/** Decodes values one after the other, and the heads of containers. */
class MsgpackReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** The last head that was decoded; one object is reused. */
  readonly #container = new Container();
  #at = 0;
  /** How many values are missing in all containers. */
  #itemsLeft = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  /** The next value; of an array or map, its head. */
  next(): unknown {
    this.#itemsLeft--;
    const head = this.#bytes[this.#take(1)]!;
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head < 0x90) return this.#open(head & 0x0f, true);
    if (head < 0xa0) return this.#open(head & 0x0f, false);
    if (head < 0xc0) return this.#text(head & 0x1f);
    return this.#long(head);
  }

  /** Throws if bytes follow. */
  finish(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) {
      throw new RangeError(`the message is followed by ${rest} extra bytes`);
    }
  }

  // One case for each type of the format: parts would be harder to compare with it.
  // deno-lint-ignore sizes/functions
  #long(head: number): unknown {
    const view = this.#view;
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#length(1 << (head - 0xc4)));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(1 << (head - 0xc7)));
      case 0xca:
        return view.getFloat32(this.#take(4));
      case 0xcb:
        return view.getFloat64(this.#take(8));
      case 0xcc:
        return view.getUint8(this.#take(1));
      case 0xcd:
        return view.getUint16(this.#take(2));
      case 0xce:
        return view.getUint32(this.#take(4));
      case 0xcf:
        return whole(view.getBigUint64(this.#take(8)));
      case 0xd0:
        return view.getInt8(this.#take(1));
      case 0xd1:
        return view.getInt16(this.#take(2));
      case 0xd2:
        return view.getInt32(this.#take(4));
      case 0xd3:
        return whole(view.getBigInt64(this.#take(8)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (head - 0xd4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#open(this.#length(head === 0xdc ? 2 : 4), false);
      case 0xde:
      case 0xdf:
        return this.#open(this.#length(head === 0xde ? 2 : 4), true);
    }
    throw new RangeError(
      `0xc1 at byte ${this.#at - 1} is not a MessagePack type`,
    );
  }

  /** Skips some bytes and returns the index of the first. */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) throw this.#tooShort();
    this.#at += count;
    return start;
  }

  #length(width: number): number {
    const at = this.#take(width);
    if (width === 1) return this.#bytes[at]!;
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** Every value takes at least one byte, so a message cannot hold more values than bytes. */
  #open(size: number, isMap: boolean): Container {
    this.#itemsLeft += isMap ? 2 * size : size;
    if (this.#itemsLeft > this.#bytes.length - this.#at) throw this.#tooShort();
    this.#container.size = size;
    this.#container.isMap = isMap;
    return this.#container;
  }

  #binary(size: number): Uint8Array {
    const start = this.#take(size);
    return this.#bytes.subarray(start, start + size);
  }

  #text(size: number): string {
    const start = this.#take(size);
    const end = start + size;
    if (size <= SHORT) {
      let text = "";
      let at = start;
      for (; at < end; at++) {
        const byte = this.#bytes[at]!;
        if (byte > 0x7f) break;
        text += String.fromCharCode(byte);
      }
      if (at === end) return text;
    }
    try {
      return utf8.decode(this.#bytes.subarray(start, end));
    } catch (cause) {
      throw new RangeError(`the string at byte ${start} is not UTF-8`, {
        cause,
      });
    }
  }

  #extension(size: number): Date | ExtData {
    const type = this.#view.getInt8(this.#take(1));
    const start = this.#take(size);
    if (type === TIMESTAMP) return this.#timestamp(start, size);
    return new ExtData(type, this.#bytes.subarray(start, start + size));
  }

  #timestamp(at: number, size: number): Date {
    const view = this.#view;
    let seconds: number;
    let nanoseconds = 0;
    if (size === 4) seconds = view.getUint32(at);
    else if (size === 8) {
      const word = view.getUint32(at);
      nanoseconds = word >>> 2;
      seconds = (word & 3) * 2 ** 32 + view.getUint32(at + 4);
    } else if (size === 12) {
      nanoseconds = view.getUint32(at);
      seconds = Number(view.getBigInt64(at + 4));
    } else {
      throw new RangeError(`a timestamp cannot have ${size} bytes`);
    }
    if (nanoseconds > 999_999_999) {
      throw new RangeError("a timestamp has more than 999999999 nanoseconds");
    }
    const date = new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
    if (!Number.isNaN(date.getTime())) return date;
    throw new RangeError("a timestamp is beyond what a Date can hold");
  }

  #tooShort(): RangeError {
    return new RangeError(
      `the message is incomplete: it ends after ${this.#bytes.length} bytes`,
    );
  }
}

/** An integer of 64 bits: a number, if that can hold it. */
function whole(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function mapOf(
  keys: readonly unknown[],
  items: readonly unknown[],
  { maps }: DecodeOptions,
): unknown {
  if (maps && keys.some((key) => typeof key !== "string")) {
    return keyedMap(keys, items);
  }
  const map: Record<string, unknown> = {};
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const name = typeof key === "string" ? key : nameOf(key);
    if (name === "__proto__") {
      throw new RangeError("a map has the key __proto__");
    }
    if (Object.hasOwn(map, name)) {
      throw new RangeError(
        `two keys of a map become the same property name: ${
          JSON.stringify(name)
        }`,
      );
    }
    map[name] = items[i];
  }
  return map;
}

function keyedMap(
  keys: readonly unknown[],
  items: readonly unknown[],
): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (const [i, key] of keys.entries()) {
    nameOf(key); // refuses what is no key
    if (map.has(key)) {
      throw new RangeError(`a map has the key ${String(key)} twice`);
    }
    map.set(key, items[i]);
  }
  return map;
}

function nameOf(key: unknown): string {
  switch (typeof key) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return String(key);
  }
  if (key === null) return "null";
  throw new RangeError("a map key is not a string, number, boolean or nil");
}
