/**
 * Layer: util.
 *
 * An exception as plain data, to be sent to another process, possibly one in
 * Python. It never throws, for any value.
 *
 * @module
 */
import { AgentZeroSocketError } from "../errors.ts";

/** An exception as plain data; the keys are those of the Python library. */
export interface SerializedException {
  /** The module of the class, or the file that threw. */
  readonly module: string;
  /** Name of the class, such as `"TypeError"`. */
  readonly name: string;
  /** The message. */
  readonly message: string;
  /** The stack, followed by those of the causes; may be empty. */
  readonly traceback: string;
}

/** The maximum length of a chain of causes. */
const maxCauses = 10;

/**
 * Describes an exception in plain strings.
 *
 * `module` is `"builtins"` for the error classes of the language,
 * `"agentzero.errors"` for those of this library, else the file that threw.
 *
 * @param error What was thrown: an Error, or anything else.
 * @returns Module, name, message and traceback.
 *
 * @example
 * ```ts
 * import { serializedException } from "@agentzero/agentzero";
 *
 * const { module, name, message } = serializedException(new TypeError("no"));
 * console.log(module, name, message); // builtins TypeError no
 * ```
 */
export function serializedException(error: unknown): SerializedException {
  if (!isErrorLike(error)) {
    return {
      module: "builtins",
      name: read(() => thrownTypeName(error)),
      message: read(() => String(error)),
      traceback: "",
    };
  }
  return {
    module: read(() => moduleOf(error)),
    name: read(() => nameOf(error)),
    message: read(() => error.message),
    traceback: tracebackOf(error),
  };
}

/** Getters and `toString` of a thrown value may throw. */
function read(get: () => string): string {
  try {
    return String(get());
  } catch {
    return "(unreadable)";
  }
}

/** Errors of another realm are not `instanceof Error` here. */
function isErrorLike(error: unknown): error is Error {
  try {
    return error instanceof Error ||
      Object.prototype.toString.call(error) === "[object Error]";
  } catch {
    return false;
  }
}

function thrownTypeName(value: unknown): string {
  return typeof value === "object" && value !== null
    ? (value.constructor?.name || "Object")
    : value === null
    ? "null"
    : typeof value;
}

/** A subclass that does not set its name inherits "Error". */
function nameOf(error: Error): string {
  return error.name === "Error"
    ? error.constructor.name || "Error"
    : error.name || error.constructor.name;
}

function moduleOf(error: Error): string {
  if (error instanceof AgentZeroSocketError) return "agentzero.errors";
  const builtin: unknown = Reflect.get(globalThis, error.constructor.name);
  if (builtin === error.constructor && Reflect.has(globalThis, error.name)) {
    return "builtins";
  }
  // The first frame: `at f (file:///a.ts:1:2)`, or `f@/a.ts:1:2` in JavaScriptCore.
  return /(?:\(|at |@)((?:[a-z]+:\/\/)?[^\s()@]+?):\d+:\d+\)?$/m
    .exec(error.stack ?? "")?.[1] ?? "unknown";
}

function tracebackOf(error: Error): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let next: unknown = error;
  while (isErrorLike(next) && !seen.has(next) && seen.size < maxCauses) {
    seen.add(next);
    const current: Error = next;
    parts.push(
      read(() => current.stack || `${current.name}: ${current.message}`),
    );
    try {
      next = current.cause;
    } catch {
      next = undefined;
    }
  }
  return parts.join("\nCaused by: ");
}
