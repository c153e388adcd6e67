/**
 * Layer: native.
 *
 * The error of a binding that cannot be loaded, and the conversion of libzmq's
 * errors to those of the engine, with the same codes.
 *
 * @module
 */
import { ZmqError } from "../zmq/mod.ts";

/**
 * Why {@linkcode loadNative} rejects.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_NATIVE_UNSUPPORTED` | npm:zeromq is known to fail on this runtime |
 * | `ERR_NATIVE_NOT_INSTALLED` | the package is not installed |
 * | `ERR_NATIVE_NOT_LOADED` | it is installed, but cannot be loaded or used; see `cause` |
 */
export type NativeErrorCode =
  | "ERR_NATIVE_UNSUPPORTED"
  | "ERR_NATIVE_NOT_INSTALLED"
  | "ERR_NATIVE_NOT_LOADED";

/**
 * The binding to libzmq could not be loaded.
 *
 * @example
 * ```ts
 * import { loadNative, NativeError } from "@agentzero/agentzero/native";
 *
 * try {
 *   console.log(`libzmq ${(await loadNative()).version}`);
 * } catch (error) {
 *   if (!(error instanceof NativeError)) throw error;
 *   console.log(error.code); // ERR_NATIVE_UNSUPPORTED, on Deno and Bun
 * }
 * ```
 */
export class NativeError extends Error {
  /** The name of the class. */
  override readonly name: string = "NativeError";
  /** The stable code to match on. */
  readonly code: NativeErrorCode;

  /**
   * Creates the error.
   *
   * @param code The stable code.
   * @param message What happened.
   * @param options The underlying error.
   */
  constructor(
    code: NativeErrorCode,
    message: string,
    options?: { cause: unknown },
  ) {
    super(message, options);
    this.code = code;
  }
}

/** Clearer texts than libzmq's own. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is already in use",
  EADDRNOTAVAIL: "the address does not belong to this machine",
  EACCES: "permission denied",
  EINVAL: "it is malformed",
  ENOENT: "it is not in use",
  EPROTONOSUPPORT: "unknown transport",
};

/** An error about an address. */
export function addressError(
  what: string,
  address: string,
  cause: unknown,
): ZmqError {
  const code = codeOf(cause);
  return new ZmqError(
    code,
    `Cannot ${what} "${address}": ${REASONS[code] ?? reasonOf(cause)}`,
    { address, cause },
  );
}

/** An error of sending, receiving or polling. */
export function socketError(cause: unknown): ZmqError {
  const code = codeOf(cause);
  const message = code === "EHOSTUNREACH"
    ? "No peer has this routing id"
    : reasonOf(cause);
  return new ZmqError(code, message, { cause });
}

/** The code of an error of npm:zeromq, which throws a TypeError without a code for a wrong type. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === "ENOTSOCK") return "EBADF";
  return typeof code === "string" ? code : "EINVAL";
}

/** The message of an error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
