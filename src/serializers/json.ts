/**
 * Layer: serializers.
 *
 * JSON (RFC 8259) in UTF-8, compatible with Python's `json`. It refuses values
 * that `JSON.stringify` would silently change or drop.
 *
 * @module
 */
import { SerializationError } from "../errors.ts";
import { optionNames, requireKnown } from "../util/check_options.ts";
import { BaseSerializer } from "./base_serializer.ts";
import { isNestedTooDeep, maxDepth, tooDeep } from "./depth.ts";
import {
  packError,
  type PlainFormat,
  Refusal,
  toPlain,
} from "./plain_value.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

// The class below has the name of the global.
const { parse, stringify } = globalThis.JSON;

/** The options of {@linkcode JSON} and MSGPACK. */
export interface SerializerOptions {
  /**
   * Whether to omit object properties that are `undefined`, as
   * `JSON.stringify` does; `false` throws for them. An `undefined` elsewhere,
   * alone or in an array, always throws. Default: `true`.
   */
  omitUndefined?: boolean;
}

const optionsOfJson = optionNames<SerializerOptions>({ omitUndefined: true });

/**
 * Messages as JSON text.
 *
 * Object properties that are `undefined` are omitted. It throws for values that
 * JSON cannot represent, at any depth: NaN and infinities, `undefined` alone or
 * in an array (where `JSON.stringify` writes null), functions, symbols, bigints,
 * cycles, bytes, invalid dates, Maps and other objects that would become `{}`.
 * Of objects with `toJSON`, such as dates and URLs, it serializes the result of
 * that. Integers beyond 2^53 lose digits when they are read, as everywhere in
 * JavaScript: use MSGPACK for those.
 *
 * Arrays and objects may be nested up to 500 levels, in both directions.
 *
 * @example
 * ```ts
 * import { JSON as JSONSerializer } from "@agentzero/agentzero";
 *
 * const json = new JSONSerializer();
 * const bytes = json.pack({ payload: { url: "http://localhost/" } });
 * console.log(json.unpack(bytes));
 * ```
 */
export class JSON extends BaseSerializer {
  /** `"JSON"`. */
  override readonly name: string = "JSON";
  readonly #format: PlainFormat;

  /**
   * Creates a serializer.
   *
   * @param options How to treat properties that are undefined.
   * @throws {AgentZeroSocketError} `OPTION_INVALID` for an unknown option.
   */
  constructor(options: SerializerOptions = {}) {
    super();
    requireKnown(options, optionsOfJson, "JSON");
    this.#format = {
      name: this.name,
      omitUndefined: options.omitUndefined ?? true,
      scalar,
      object,
    };
  }

  /**
   * Serializes a value as JSON.
   *
   * @param value Any value that JSON can represent.
   * @returns UTF-8 bytes.
   * @throws {SerializationError} `PACK_FAILED`, with the path of what JSON cannot represent.
   */
  override pack(value: unknown): Uint8Array {
    const format = this.#format;
    try {
      const plain = isPlain(value, 0, format.omitUndefined)
        ? value
        : toPlain(value, format).plain;
      return encodeUtf8(stringify(plain));
    } catch (cause) {
      throw packError(this.name, cause);
    }
  }

  /**
   * Deserializes JSON.
   *
   * @param bytes UTF-8 bytes, with or without a byte order mark.
   * @returns The value.
   * @throws {SerializationError} `UNPACK_FAILED`, with the bytes in `raw`.
   */
  override unpack(bytes: Uint8Array): unknown {
    try {
      const text = decodeUtf8(bytes);
      // The parser takes seconds for deeply nested text, or overflows the stack.
      if (isNestedTooDeep(text)) throw new SyntaxError(tooDeep);
      return parse(text);
    } catch (cause) {
      throw new SerializationError({
        code: "UNPACK_FAILED",
        serializer: this.name,
        reason: cause instanceof SyntaxError
          ? cause.message
          : "the bytes are not UTF-8",
        raw: bytes,
        cause,
      });
    }
  }
}

export { JSON as JSONSerializer };

/**
 * Whether `JSON.stringify` serializes the value without loss. `false` may only
 * mean that a closer look is needed. One walk without allocation, because a
 * replacer function costs several times the whole stringify.
 */
function isPlain(
  value: unknown,
  depth: number,
  omitUndefined: boolean,
): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
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
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (!isPlain(item, depth + 1, omitUndefined)) {
      if (item !== undefined || !omitUndefined) return false;
    }
  }
  return true;
}

function scalar(value: number | bigint | string): unknown {
  if (typeof value === "string" || Number.isFinite(value)) return value;
  throw new Refusal(
    typeof value === "bigint"
      ? `the bigint ${value} cannot be serialized`
      : `${value} cannot be serialized`,
  );
}

function object(value: object): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    throw new Refusal("bytes cannot be serialized, use MSGPACK or RAW");
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    throw new Refusal("an invalid date cannot be serialized");
  }
  return undefined;
}
