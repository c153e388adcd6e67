/**
 * Layer: pipeline/model. Checks the arguments of public calls. Callers in
 * JavaScript can pass anything, so each value is checked where it enters.
 *
 * @module
 */
import { isIntegerIn } from "../../zmq/integers.ts";
import { checkOptions, type OptionNames } from "../../util/check_options.ts";
import { PipelineError } from "./pipeline_error.ts";

/** The error of something that is malformed. @param options Those that the message names. */
export function invalid(
  message: string,
  ...options: readonly string[]
): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message, { options });
}

/**
 * Throws for options that do not exist; the message has the nearest name.
 *
 * @param what What they are of, such as `submit()`.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireOptions(
  given: unknown,
  known: OptionNames,
  what: string,
): void {
  checkOptions(given, known, what, (message) => invalid(message));
}

/**
 * Throws unless the value is a whole number within bounds, or undefined.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireWhole(
  name: string,
  value: unknown,
  least: number = -Number.MAX_SAFE_INTEGER,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined || isIntegerIn(value, least, most)) return;
  const from = least === -Number.MAX_SAFE_INTEGER ? "" : ` from ${least}`;
  const to = most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`;
  throw invalid(
    `${name} must be a whole number${from}${to}, not ${shown(value)}`,
    name,
  );
}

/**
 * Throws unless the value is text of an allowed length, or undefined.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkOptionalText(
  name: string,
  value: unknown,
  least = 0,
  most = Infinity,
): void {
  if (value === undefined) return;
  if (typeof value !== "string") {
    throw invalid(`${name} must be text, not ${shown(value)}`);
  }
  if (value.length >= least && value.length <= most) return;
  throw invalid(
    `${name} must have ${least} to ${most} characters, not ${value.length}`,
  );
}

/**
 * Throws unless the value is text.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireText(name: string, value: unknown): void {
  if (typeof value === "string") return;
  throw invalid(`${name} must be text, not ${shown(value)}`);
}

/**
 * Throws unless the value is a duration in milliseconds, `Infinity` or undefined.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireDuration(name: string, value: unknown): void {
  if (value === undefined || (typeof value === "number" && value >= 0)) return;
  throw invalid(`${name} must be a number from 0, not ${shown(value)}`);
}

/**
 * Throws unless the value is a function, or undefined.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw invalid(`${name} must be a function, not ${shown(value)}`);
}

/**
 * Throws unless the value is true, false or undefined.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireBoolean(name: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw invalid(`${name} must be true or false, not ${shown(value)}`);
}

/**
 * Throws unless the value is an `AbortSignal`, or undefined.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw invalid(`signal must be an AbortSignal, not ${shown(signal)}`);
}

/** A value as a message can show it, whatever it is. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 100 ? value.slice(0, 100) : value);
    case "bigint":
      return `${value}n`;
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "a list" : "an object";
  }
  return `a ${typeof value}`;
}
