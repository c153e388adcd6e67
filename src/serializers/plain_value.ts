/**
 * Layer: serializers (internal).
 *
 * The thorough way to pack: copies a value into plain arrays and objects, and
 * throws for whatever a format would silently change or lose, with its path. It
 * is slower than the fast check of the formats, and runs only for values that
 * fail that.
 *
 * @module
 */
import { SerializationError } from "../errors.ts";
import { maxDepth, tooDeep } from "./depth.ts";

/** How a format treats values that not every format can represent. */
export interface PlainFormat {
  /** Name of the serializer. */
  readonly name: string;
  /** Whether to omit properties that are undefined; otherwise they throw. */
  readonly omitUndefined: boolean;
  /** The replacement of a number, bigint or string; throws {@linkcode Refusal}. */
  scalar(value: number | bigint | string): unknown;
  /** The replacement of a special object; `undefined` if it is not one. */
  object(value: object): unknown;
  /** Checks the name of a property; by default as {@linkcode scalar} does. */
  property?(name: string): unknown;
  /** How a `Map` is represented; left out, it throws. */
  readonly map?: MapFormat;
}

/** How a format treats the keys of a `Map`. */
export interface MapFormat {
  /** The replacement of a key; throws {@linkcode Refusal}. */
  key(key: unknown): unknown;
  /** Equal for keys that are the same key in the decoded map. */
  identity(key: unknown): string;
}

/** A copy of a value that a format can represent. */
export interface Plain {
  readonly plain: unknown;
  /** Whether it contains a `Map`. */
  readonly hasMaps: boolean;
}

/** Why a value cannot be serialized. */
export class Refusal extends Error {}

/** The content of these is not in their properties: they would be serialized as `{}`. */
const opaque: ReadonlySet<string> = new Set(
  "Error Map Promise RegExp Set WeakMap WeakRef WeakSet".split(" "),
);

interface Walk {
  readonly format: PlainFormat;
  readonly path: (string | number)[];
  readonly ancestors: Set<object>;
  hasMaps: boolean;
}

/**
 * Copies a value into plain data that the format can represent.
 *
 * @throws {SerializationError} With the path of what cannot be represented.
 */
export function toPlain(value: unknown, format: PlainFormat): Plain {
  const walk: Walk = {
    format,
    path: [],
    ancestors: new Set(),
    hasMaps: false,
  };
  try {
    const plain = convert(value, "", walk);
    return { plain, hasMaps: walk.hasMaps };
  } catch (error) {
    throw new SerializationError({
      code: "PACK_FAILED",
      serializer: format.name,
      reason: error instanceof Error ? error.message : String(error),
      path: pathText(walk.path),
      cause: error instanceof Refusal ? undefined : error,
    });
  }
}

/**
 * Makes a SerializationError of any error while packing, such as that of a
 * getter, or of a text longer than a string can be.
 */
export function packError(
  serializer: string,
  cause: unknown,
): SerializationError {
  if (cause instanceof SerializationError) return cause;
  return new SerializationError({
    code: "PACK_FAILED",
    serializer,
    reason: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

/** Formats a path as `$.a[3]["two words"]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
      ? `${text}.${key}`
      : `${text}[${JSON.stringify(key)}]`;
  }, "$");
}

function convert(
  value: unknown,
  key: string,
  walk: Walk,
  isFromToJson = false,
): unknown {
  switch (typeof value) {
    case "boolean":
      return value;
    case "number":
    case "string":
      return walk.format.scalar(value);
    case "bigint":
      // Programs that teach bigint a toJSON expect it to be used.
      return hasToJson(value) && !isFromToJson
        ? convert(value.toJSON(key), key, walk, true)
        : walk.format.scalar(value);
    case "object":
      if (value === null) return null;
      return walk.format.object(value) ??
        (hasToJson(value) && !isFromToJson
          ? convert(value.toJSON(key), key, walk, true)
          : convertContainer(value, walk));
    default:
      throw new Refusal(`${described(value)} cannot be serialized`);
  }
}

function described(value: unknown): string {
  if (typeof value === "function") {
    return `the function ${value.name || "without a name"}`;
  }
  return typeof value === "symbol" ? String(value) : "undefined";
}

function convertContainer(value: object, walk: Walk): unknown {
  const { ancestors, path } = walk;
  if (ancestors.has(value)) {
    throw new Refusal("a cycle cannot be serialized");
  }
  if (path.length >= maxDepth) {
    path.length = 0; // too long to be useful
    throw new Refusal(tooDeep);
  }
  ancestors.add(value);
  const result = Array.isArray(value)
    ? convertArray(value, walk)
    : value instanceof Map && walk.format.map
    ? convertMap(value, walk, walk.format.map)
    : convertProperties(value, walk);
  ancestors.delete(value);
  return result;
}

function convertArray(value: readonly unknown[], walk: Walk): unknown[] {
  const result: unknown[] = [];
  for (let i = 0; i < value.length; i++) {
    walk.path.push(i);
    result.push(convert(value[i], String(i), walk));
    walk.path.pop();
  }
  return result;
}

function convertMap(
  value: ReadonlyMap<unknown, unknown>,
  walk: Walk,
  format: MapFormat,
): Map<unknown, unknown> {
  walk.hasMaps = true;
  const result = new Map<unknown, unknown>();
  const seen = new Set<string>();
  for (const [key, item] of value) {
    walk.path.push(typeof key === "number" ? key : describedKey(key));
    const written = format.key(key);
    const identity = format.identity(key);
    if (seen.has(identity)) {
      throw new Refusal("two keys of a Map would be read as one");
    }
    seen.add(identity);
    result.set(written, convert(item, String(key), walk));
    walk.path.pop();
  }
  return result;
}

/** A key may be an object, whose text is its own code. */
function describedKey(key: unknown): string {
  return typeof key === "object" && key !== null || typeof key === "function"
    ? `(${typeof key})`
    : String(key);
}

function convertProperties(value: object, walk: Walk): unknown {
  const keys = Object.keys(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind === "Number" || kind === "String" || kind === "Boolean") {
    return convert(value.valueOf(), "", walk, true);
  }
  if (opaque.has(kind) || (kind !== "Object" && keys.length === 0)) {
    throw new Refusal(`an object of type ${kind} cannot be serialized`);
  }
  // Without a prototype, a key named "__proto__" is a key like any other.
  const result: Record<string, unknown> = Object.create(null);
  for (const key of keys) {
    walk.path.push(key); // first of all, because a getter may throw
    const item: unknown = Reflect.get(value, key);
    const isLeftOut = item === undefined
      ? walk.format.omitUndefined
      : key === "toJSON" && typeof item === "function";
    if (!isLeftOut) {
      if (walk.format.property) walk.format.property(key);
      else walk.format.scalar(key);
      result[key] = convert(item, key, walk);
    }
    walk.path.pop();
  }
  return result;
}

function hasToJson(
  value: bigint | object,
): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}
