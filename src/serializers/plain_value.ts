/**
 * Layer: serializers (internal).
 *
 * The careful way to pack: copies a value into plain arrays and objects and
 * refuses whatever a format would write wrongly or lose without a word. It
 * names the place of what it refuses. It is slower than the formats' own fast
 * check, and runs only for values that did not pass that.
 *
 * @module
 */
import { SerializationError } from "../errors.ts";
import { maxDepth, tooDeep } from "./depth.ts";

/** What a format says about the values that not every format can write. */
export interface PlainFormat {
  /** Name of the serializer. */
  readonly name: string;
  /** Leave out properties that are undefined instead of refusing them. */
  readonly omitUndefined: boolean;
  /** What to write for a number, bigint or string; throws {@linkcode Refusal}. */
  scalar(value: number | bigint | string): unknown;
  /** What to write for a special object; `undefined` if it is none. */
  object(value: object): unknown;
  /** Checks the name of a property; as {@linkcode scalar} if left out. */
  property?(name: string): unknown;
  /** How a `Map` is written; left out, it is refused. */
  readonly map?: MapFormat;
}

/** What a format says about the keys of a `Map`. */
export interface MapFormat {
  /** What to write for a key; throws {@linkcode Refusal}. */
  key(key: unknown): unknown;
  /** Tells keys apart as those who read them do. */
  identity(key: unknown): string;
}

/** A copy of a value that a format can write. */
export interface Plain {
  readonly plain: unknown;
  /** Whether it holds a `Map`. */
  readonly hasMaps: boolean;
}

/** Why a value cannot be written. */
export class Refusal extends Error {}

/** What these hold is not in their properties: they would be written as `{}`. */
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
 * Copies a value into plain data that the format can write.
 *
 * @throws {SerializationError} With the path of what cannot be written.
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
 * Makes a SerializationError of whatever went wrong while packing, such as a
 * getter that threw, or a text longer than a string can be.
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

/** Writes a path as `$.a[3]["two words"]`. */
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
      throw new Refusal(`${described(value)} cannot be written`);
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
    throw new Refusal("a cycle cannot be written");
  }
  if (path.length >= maxDepth) {
    path.length = 0; // nobody wants to read it
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
    throw new Refusal(`an object of type ${kind} cannot be written`);
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
