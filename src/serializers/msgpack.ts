/**
 * Layer: serializers.
 *
 * MessagePack by way of npm:@msgpack/msgpack, so that whole 64-bit integers
 * survive in both directions and what the library would lose is refused.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @module
 */
import { Decoder, Encoder, ExtData } from "@msgpack/msgpack";
import { SerializationError } from "../errors.ts";
import { BaseSerializer } from "./base_serializer.ts";
import type { SerializerOptions } from "./json.ts";
import {
  maxDepth,
  packError,
  type PlainFormat,
  Refusal,
  toPlain,
} from "./plain_value.ts";
import { scanMsgpack } from "./msgpack_scan.ts";
import { isWellFormed } from "./utf8.ts";

/** An encoder keeps its buffer; after a message of this size it is replaced. */
const largeMessageBytes = 1 << 20;

/**
 * Messages as MessagePack, as Python's `msgpack` reads and writes it.
 *
 * Strings are UTF-8. Bytes are read as `Uint8Array` (views of the message) and
 * written from any buffer or view. Integers beyond 2^53 are bigints in both
 * directions; a smaller bigint is written like the same number. Dates travel as
 * the timestamp extension; unknown extensions are `ExtData` of the library.
 * Integer, boolean and nil map keys become property names. It throws for
 * `undefined`, functions, symbols, cycles, bigints beyond 64 bits, Maps and
 * other objects that would become `{}`.
 *
 * @example
 * ```ts
 * import { MSGPACK } from "@agentzero/agentzero";
 *
 * const msgpack = new MSGPACK();
 * const bytes = msgpack.pack({ size: 2n ** 60n, data: new Uint8Array([1, 2]) });
 * console.log(msgpack.unpack(bytes));
 * ```
 */
export class MSGPACK extends BaseSerializer {
  /** `"MSGPACK"`. */
  override readonly name: string = "MSGPACK";
  readonly #format: PlainFormat;
  #encoder: Encoder;
  readonly #decoder = new Decoder({ mapKeyConverter });
  readonly #bigDecoder = new Decoder({ mapKeyConverter, useBigInt64: true });

  /**
   * Makes a serializer.
   *
   * @param options What to do with undefined properties.
   */
  constructor(options: SerializerOptions = {}) {
    super();
    this.#format = {
      name: this.name,
      omitUndefined: options.omitUndefined ?? false,
      scalar,
      object,
    };
    this.#encoder = this.#newEncoder();
  }

  /**
   * Writes a value as MessagePack.
   *
   * @param value Any value that MessagePack can carry.
   * @returns The bytes.
   * @throws {SerializationError} `PACK_FAILED`, with the path of what it cannot carry.
   */
  override pack(value: unknown): Uint8Array {
    const format = this.#format;
    try {
      if (!isPlain(value, 0, format.omitUndefined)) {
        return new Encoder({ maxDepth: maxDepth + 2, useBigInt64: true })
          .encode(toPlain(value, format));
      }
      const bytes = this.#encoder.encode(value);
      if (bytes.length > largeMessageBytes) this.#encoder = this.#newEncoder();
      return bytes;
    } catch (cause) {
      throw packError(this.name, cause);
    }
  }

  /**
   * Reads MessagePack.
   *
   * @param bytes One whole message.
   * @returns The value.
   * @throws {SerializationError} `UNPACK_FAILED`, with the bytes in `raw`.
   */
  override unpack(bytes: Uint8Array): unknown {
    try {
      // A Buffer would give Buffers for the binary values inside.
      const message = bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return scanMsgpack(message)
        ? withNumbers(this.#bigDecoder.decode(message))
        : this.#decoder.decode(message);
    } catch (cause) {
      throw new SerializationError({
        code: "UNPACK_FAILED",
        serializer: this.name,
        reason: cause instanceof Error ? cause.message : String(cause),
        raw: bytes,
        cause,
      });
    }
  }

  #newEncoder(): Encoder {
    return new Encoder({
      maxDepth: maxDepth + 2,
      ignoreUndefined: this.#format.omitUndefined,
    });
  }
}

/** Whether the encoder writes the value as it is; else a closer look is needed. */
function isPlain(
  value: unknown,
  depth: number,
  omitUndefined: boolean,
): boolean {
  switch (typeof value) {
    case "number":
    case "boolean":
      return true;
    case "string":
      return isWellFormed(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth >= maxDepth) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) {
    const items = value as readonly unknown[];
    for (let i = 0; i < items.length; i++) {
      if (!isPlain(items[i], depth + 1, omitUndefined)) return false;
    }
    return true;
  }
  if (prototype === Object.prototype || prototype === null) {
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key];
      if (!isWellFormed(key)) return false;
      if (!isPlain(item, depth + 1, omitUndefined)) {
        if (item !== undefined || !omitUndefined) return false;
      }
    }
    return true;
  }
  return ArrayBuffer.isView(value);
}

function scalar(value: number | bigint | string): unknown {
  if (typeof value === "string") {
    if (isWellFormed(value)) return value;
    throw new Refusal("a string with half a surrogate pair cannot be written");
  }
  if (typeof value === "number") {
    // The encoder for bigints writes larger numbers as floats.
    return Number.isSafeInteger(value) && value !== (value | 0)
      ? BigInt(value)
      : value;
  }
  if (value >= -(2n ** 63n) && value < 2n ** 64n) return value;
  throw new Refusal(`the bigint ${value} does not fit into 64 bits`);
}

function object(value: object): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ExtData) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return value;
    throw new Refusal("an invalid date cannot be written");
  }
  return undefined;
}

function mapKeyConverter(key: unknown): string | number {
  switch (typeof key) {
    case "string":
    case "number":
      return key;
    case "bigint":
    case "boolean":
      return String(key);
  }
  if (key === null) return "null";
  throw new RangeError("a map key is no string, number, boolean or nil");
}

/** Makes numbers of the bigints that fit, in place; iterative, for deep values. */
function withNumbers(root: unknown): unknown {
  const holder = [root];
  const waiting: unknown[] = [holder];
  while (waiting.length > 0) {
    const target = waiting.pop() as Record<PropertyKey, unknown>;
    if (Array.isArray(target)) {
      for (let i = 0; i < target.length; i++) narrow(target, i, waiting);
    } else {
      for (const key in target) narrow(target, key, waiting);
    }
  }
  return holder[0];
}

function narrow(
  target: Record<PropertyKey, unknown>,
  key: PropertyKey,
  waiting: unknown[],
): void {
  const item = target[key];
  if (typeof item === "bigint") {
    const number = Number(item);
    if (Number.isSafeInteger(number)) target[key] = number;
  } else if (
    typeof item === "object" && item !== null && !ArrayBuffer.isView(item)
  ) {
    waiting.push(item);
  }
}
