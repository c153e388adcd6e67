/**
 * Layer: cli. The errors of the program itself; the exit code, and the message in
 * one line, of any error.
 *
 * @module
 */

/**
 * The codes of a {@link CliError}.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_CLI_USAGE` | the command line cannot be understood |
 * | `ERR_CLI_FILE` | a file cannot be read or written |
 * | `ERR_CLI_LINES` | some lines of many could not be submitted |
 * | `ERR_CLI_MODULE` | a module cannot be loaded, or its exports cannot be used |
 * | `ERR_CLI_TIMEOUT` | there was no peer, or no answer, in time |
 */
export type CliErrorCode =
  | "ERR_CLI_USAGE"
  | "ERR_CLI_FILE"
  | "ERR_CLI_LINES"
  | "ERR_CLI_MODULE"
  | "ERR_CLI_TIMEOUT";

/** An error of the program itself. */
export class CliError extends Error {
  /** The name of the class. */
  override readonly name: string = "CliError";
  /** The stable code to match on. */
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Success, or terminated by a signal as intended. */
export const DONE = 0;
/** Failed. */
export const FAILED = 1;
/** Invalid command line. */
export const USAGE = 2;
/** Unreachable, refused by the peer, or timed out. */
export const UNREACHABLE = 3;

const USAGE_CODES = new Set(["ERR_CLI_USAGE", "EINVAL", "EPROTONOSUPPORT"]);
const UNREACHABLE_CODES = new Set([
  "ERR_CLI_TIMEOUT",
  "ERR_PIPELINE_TIMEOUT",
  "ERR_PIPELINE_REFUSED",
  "ERR_PIPELINE_FORBIDDEN",
  "ERR_ZAP_REFUSED",
]);

/** The error of an invalid command line. */
export function usageError(message: string): CliError {
  return new CliError("ERR_CLI_USAGE", message);
}

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  const { cause } = Object(error) as { cause?: unknown };
  const code = codeOf(error);
  if (UNREACHABLE_CODES.has(code)) return UNREACHABLE;
  // An error of the manager has that of the engine, such as for an address, as cause.
  return USAGE_CODES.has(code) || USAGE_CODES.has(codeOf(cause))
    ? USAGE
    : FAILED;
}

/** The stable code of an error; without one, its class. */
export function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name ?? "Error");
}

/** The message of an error, in one line. */
export function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return String(message ?? error).trim().replace(/\s*\n\s*/g, " ");
}

/** The stack of an error and of its causes. */
export function stackOf(error: unknown): string {
  const { stack, cause } = Object(error) as { stack?: string; cause?: unknown };
  const own = stack ?? String(error);
  return cause === undefined ? own : `${own}\nCaused by: ${stackOf(cause)}`;
}
