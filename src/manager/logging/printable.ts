/**
 * Layer: manager, logging (internal).
 *
 * Converts any logged value to plain data. Unlike a serializer it never throws:
 * a value that cannot be represented is described in words, because a record
 * with a description is better than none.
 *
 * @module
 */
import { serializedException } from "../../util/serialized_exception.ts";

/** Limits, so that logging a large object stays cheap. */
const maxDepth = 8;
const maxEntries = 100;
const maxValues = 5_000;

interface Walk {
  readonly ancestors: Set<object>;
  valuesLeft: number;
}

/**
 * Returns plain data: strings, finite numbers, booleans, null, arrays and
 * objects of these.
 *
 * Errors become `{ module, name, message, traceback }`, dates ISO texts, sets
 * arrays, maps objects, bytes their beginning in hexadecimal, bigints strings.
 *
 * @param value A value of any type.
 * @returns Data that JSON and MessagePack can represent.
 */
export function toPrintable(value: unknown): unknown {
  return convert(value, { ancestors: new Set(), valuesLeft: maxValues });
}

function convert(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case "string":
      return wellFormed(value);
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "undefined":
      return null;
    case "object":
      break;
    case "function":
      return `[function ${wellFormed(textOf(() => value.name))}]`;
    default: // bigint, symbol
      return wellFormed(String(value));
  }
  if (value === null) return null;
  if (walk.ancestors.has(value)) return "[circular]";
  if (walk.ancestors.size >= maxDepth || --walk.valuesLeft < 0) return "[…]";
  walk.ancestors.add(value);
  try {
    return convertObject(value, walk);
  } catch (error) {
    return unreadable(error);
  } finally {
    walk.ancestors.delete(value);
  }
}

function convertObject(value: object, walk: Walk): unknown {
  if (Array.isArray(value)) return convertItems(value, value.length, walk);
  if (value instanceof Error) {
    return convertEntries(Object.entries(serializedException(value)), 4, walk);
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  if (ArrayBuffer.isView(value)) return bytesText(value);
  if (value instanceof ArrayBuffer) return bytesText(new Uint8Array(value));
  if (value instanceof Map) return convertEntries(value, value.size, walk);
  if (value instanceof Set) return convertItems(value, value.size, walk);
  if (value instanceof RegExp) return wellFormed(String(value));
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return convert(toJSON.call(value), walk);
  const keys = Object.keys(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (keys.length === 0 && kind !== "Object") return `[${wellFormed(kind)}]`;
  return convertEntries(properties(value, keys), keys.length, walk);
}

function* properties(
  value: object,
  keys: readonly string[],
): Generator<[string, unknown]> {
  for (const key of keys) {
    let item: unknown;
    try {
      item = Reflect.get(value, key);
    } catch (error) {
      item = unreadable(error);
    }
    if (item !== undefined) yield [key, item];
  }
}

function convertItems(
  items: Iterable<unknown>,
  size: number,
  walk: Walk,
): unknown[] {
  const result: unknown[] = [];
  for (const item of items) {
    if (result.length === maxEntries) {
      result.push(`[… ${size - maxEntries} more]`);
      break;
    }
    result.push(convert(item, walk));
  }
  return result;
}

function convertEntries(
  entries: Iterable<readonly [unknown, unknown]>,
  size: number,
  walk: Walk,
): Record<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, item] of entries) {
    if (result.size === maxEntries) {
      result.set("…", `[… ${size - maxEntries} more]`);
      break;
    }
    result.set(wellFormed(textOf(() => key)), convert(item, walk));
  }
  // Unlike an assignment, this also works for the key "__proto__".
  return Object.fromEntries(result);
}

function bytesText(view: ArrayBufferView): string {
  const shown = new Uint8Array(
    view.buffer,
    view.byteOffset,
    Math.min(view.byteLength, 32),
  );
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0"));
  const more = view.byteLength > shown.length ? "…" : "";
  return `<${view.byteLength} bytes ${hex.join("")}${more}>`;
}

function unreadable(error: unknown): string {
  return wellFormed(`[unreadable: ${textOf(() => error)}]`);
}

function textOf(get: () => unknown): string {
  try {
    return String(get());
  } catch {
    return "(no text)";
  }
}

/** Replaces unpaired surrogates, which have no UTF-8. */
function wellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text)
    ? text.replace(/\p{Surrogate}/gu, "\ufffd")
    : text;
}
