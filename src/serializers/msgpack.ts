/**
 * Layer: serializers.
 *
 * MessagePack, encoded by npm:@msgpack/msgpack and decoded by our own decoder. A
 * decoded value equals the encoded one; otherwise there is an error.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @module
 */
import { Encoder, ExtData } from "@msgpack/msgpack";
import { SerializationError } from "../errors.ts";
import { BaseSerializer } from "./base_serializer.ts";
import type { SerializerOptions } from "./json.ts";
import { optionNames, requireKnown } from "../util/check_options.ts";
import { maxDepth } from "./depth.ts";
import {
  packError,
  type PlainFormat,
  Refusal,
  toPlain,
} from "./plain_value.ts";
import { decodeMsgpack } from "./msgpack_decode.ts";
import { encodeWithMaps } from "./msgpack_maps.ts";
import { isWellFormed } from "./utf8.ts";

/** The type of the timestamp extension. */
const TIMESTAMP = -1;

/** An encoder keeps its buffer; it is replaced after a message above this size. */
const largeMessageBytes = 1 << 20;

/** The options of {@linkcode MSGPACK}. */
export interface MsgpackOptions extends SerializerOptions {
  /**
   * Whether to decode maps with keys other than strings as a `Map`, which
   * preserves the keys. Otherwise numbers, booleans and nil become property
   * names, and a map in which two keys become the same name is an error.
   * Default: `false`.
   */
  maps?: boolean;
}

const optionsOfMsgpack = optionNames<MsgpackOptions>({
  omitUndefined: true,
  maps: true,
});

/**
 * Messages as MessagePack, compatible with Python's `msgpack`.
 *
 * Strings are UTF-8. Bytes are decoded as `Uint8Array` (views of the message)
 * and encoded from any buffer or view. Integers have one type, whatever encoded
 * them: up to 2^53 they are decoded as numbers, beyond that as bigints up to 64
 * bits, so `10n` is decoded as `10`. NaN and infinities are ordinary numbers.
 * Dates are encoded as the timestamp extension, exact to the millisecond;
 * unknown extensions are `ExtData` of the library.
 *
 * A `Map` may have keys that are strings, numbers, bigints, booleans or null;
 * the option `maps` decides how it is decoded. Object properties that are
 * `undefined` are omitted, as in JSON. It throws for `undefined` elsewhere,
 * functions, symbols, cycles, bigints beyond 64 bits, the key `__proto__`, and
 * objects that would become `{}`.
 *
 * Arrays and maps may be nested up to 500 levels, in both directions.
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
  readonly #maps: boolean;
  #encoder: Encoder;

  /**
   * Creates a serializer.
   *
   * @param options How to treat properties that are undefined, and keys other than strings.
   * @throws {AgentZeroSocketError} `OPTION_INVALID` for an unknown option.
   */
  constructor(options: MsgpackOptions = {}) {
    super();
    requireKnown(options, optionsOfMsgpack, "MSGPACK");
    const maps = this.#maps = options.maps ?? false;
    this.#format = {
      name: this.name,
      omitUndefined: options.omitUndefined ?? true,
      scalar,
      object,
      property: (name) => {
        if (name !== "__proto__") return scalar(name);
        throw new Refusal("the key __proto__ cannot be deserialized");
      },
      map: { key: mapKey, identity: (key) => identity(key, maps) },
    };
    this.#encoder = this.#newEncoder();
  }

  /**
   * Serializes a value as MessagePack.
   *
   * @param value Any value that MessagePack can represent.
   * @returns The bytes.
   * @throws {SerializationError} `PACK_FAILED`, with the path of what it cannot represent.
   */
  override pack(value: unknown): Uint8Array {
    const format = this.#format;
    try {
      if (!isPlain(value, 0, format.omitUndefined)) {
        const encoder = new Encoder({
          maxDepth: maxDepth + 2,
          useBigInt64: true,
        });
        const { plain, hasMaps } = toPlain(value, format);
        return hasMaps ? encodeWithMaps(plain, encoder) : encoder.encode(plain);
      }
      const bytes = this.#encoder.encode(value);
      if (bytes.length > largeMessageBytes) this.#encoder = this.#newEncoder();
      return bytes;
    } catch (cause) {
      throw packError(this.name, cause);
    }
  }

  /**
   * Deserializes MessagePack.
   *
   * @param bytes One complete message.
   * @returns The value.
   * @throws {SerializationError} `UNPACK_FAILED`, with the bytes in `raw`.
   */
  override unpack(bytes: Uint8Array): unknown {
    try {
      // From a Buffer, the binary values inside would be Buffers.
      const message = bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return decodeMsgpack(message, { maps: this.#maps });
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

/** Whether the encoder serializes the value without loss; `false` means that a closer look is needed. */
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
      if (!isWellFormed(key) || key === "__proto__") return false;
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
    throw new Refusal(
      "a string with half a surrogate pair cannot be serialized",
    );
  }
  if (typeof value === "number") {
    // The encoder for bigints encodes larger numbers as floats.
    return Number.isSafeInteger(value) && value !== (value | 0)
      ? BigInt(value)
      : value;
  }
  if (value >= -(2n ** 63n) && value < 2n ** 64n) return value;
  throw new Refusal(`the bigint ${value} does not fit into 64 bits`);
}

function object(value: object): unknown {
  if (ArrayBuffer.isView(value)) return value;
  if (value instanceof ExtData) {
    if (value.type !== TIMESTAMP) return value;
    throw new Refusal("an extension of type -1 is a timestamp: use a Date");
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return value;
    throw new Refusal("an invalid date cannot be serialized");
  }
  return undefined;
}

/** The encoded form of a key of a `Map`. */
function mapKey(key: unknown): unknown {
  switch (typeof key) {
    case "string":
    case "number":
    case "bigint":
      return scalar(key);
    case "boolean":
      return key;
  }
  if (key === null) return null;
  throw new Refusal(
    "a key of a Map is not a string, number, bigint, boolean or null",
  );
}

/** Keys with the same identity are one key in a decoded map. */
function identity(key: unknown, maps: boolean): string {
  // 1 and 1n are the same bytes.
  const kind = typeof key === "bigint" ? "number" : typeof key;
  return maps ? `${kind} ${key}` : String(key);
}
