/**
 * Layer: cli. The errors of the program itself, and how any error ends it: the
 * exit code, and one line for a person or a program.
 *
 * @module
 */

/**
 * What a {@link CliError} can report.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_CLI_USAGE` | the command line cannot be understood |
 * | `ERR_CLI_FILE` | a file cannot be read or written |
 * | `ERR_CLI_LINES` | some lines of many could not be submitted |
 * | `ERR_CLI_MODULE` | a module cannot be loaded, or exports nothing of use |
 * | `ERR_CLI_TIMEOUT` | there was no peer, or no answer, in time |
 */
export type CliErrorCode =
  | "ERR_CLI_USAGE"
  | "ERR_CLI_FILE"
  | "ERR_CLI_LINES"
  | "ERR_CLI_MODULE"
  | "ERR_CLI_TIMEOUT";

/** Something that the program could not do. */
export class CliError extends Error {
  /** The class, for those who read logs. */
  override readonly name: string = "CliError";
  /** The stable code to match on. */
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** It is done, or was ended by a signal, as it should. */
export const DONE = 0;
/** It failed. */
export const FAILED = 1;
/** The command line cannot be used. */
export const USAGE = 2;
/** Not reachable, refused by the other side, or not in time. */
export const UNREACHABLE = 3;

const USAGE_CODES = new Set(["ERR_CLI_USAGE", "EINVAL", "EPROTONOSUPPORT"]);
const UNREACHABLE_CODES = new Set([
  "ERR_CLI_TIMEOUT",
  "ERR_PIPELINE_TIMEOUT",
  "ERR_PIPELINE_REFUSED",
  "ERR_PIPELINE_FORBIDDEN",
  "ERR_ZAP_REFUSED",
]);

/** The error of a command line that cannot be used. */
export function usageError(message: string): CliError {
  return new CliError("ERR_CLI_USAGE", message);
}

/** The exit code that an error ends the program with. */
export function exitCodeOf(error: unknown): number {
  const { cause } = Object(error) as { cause?: unknown };
  const code = codeOf(error);
  if (UNREACHABLE_CODES.has(code)) return UNREACHABLE;
  // What the manager refuses, the engine below has refused for an address.
  return USAGE_CODES.has(code) || USAGE_CODES.has(codeOf(cause))
    ? USAGE
    : FAILED;
}

/** The stable code of an error; its class where it has none. */
export function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name ?? "Error");
}

/** The message of an error, in one line. */
export function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return String(message ?? error).trim().replace(/\s*\n\s*/g, " ");
}

/** The stack of an error, and of those beneath it. */
export function stackOf(error: unknown): string {
  const { stack, cause } = Object(error) as { stack?: string; cause?: unknown };
  const own = stack ?? String(error);
  return cause === undefined ? own : `${own}\nCaused by: ${stackOf(cause)}`;
}
