/**
 * Layer: v5. Errors as programs written for zeromq.js 4 and 5 expect them: the
 * message is the text of the system, by which such programs distinguish errors;
 * `code`, `errno` and `address` are properties, and the `cause` has the
 * details.
 *
 * @module
 */
import { errorNumber } from "../error_numbers.ts";
import { ZmqError } from "../errors.ts";

/** An error of a socket. */
export interface SocketError extends Error {
  /** The stable name, such as `"EADDRINUSE"`. */
  readonly code?: string;
  /** Its number on this system. */
  readonly errno?: number;
  /** The endpoint, if there is one. */
  readonly address?: string;
}

/** The texts of libzmq, which are those of the C library on Linux. */
const TEXTS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAGAIN: "Resource temporarily unavailable",
  EBADF: "Socket is closed",
  ECONNREFUSED: "Connection refused",
  EFSM: "Operation cannot be accomplished in current state",
  EHOSTUNREACH: "Host unreachable",
  EINVAL: "Invalid argument",
  EMFILE: "Too many open files",
  EMSGSIZE: "Message too long",
  ENODEV: "No such device",
  ENOENT: "No such file or directory",
  ENOTSUP: "Operation not supported",
  EPROTONOSUPPORT: "Protocol not supported",
  ETERM: "Context was terminated",
};

/**
 * An error by its code.
 *
 * @param cause The underlying error; its text is the message if the code has
 *   none.
 */
export function socketError(
  code: string,
  details: { address?: string | undefined; cause?: unknown } = {},
): SocketError {
  const { address, cause } = details;
  const text = TEXTS[code] ?? (cause instanceof Error ? cause.message : code);
  return Object.assign(
    new Error(text, cause === undefined ? undefined : { cause }),
    {
      code,
      ...(errorNumber(code) === undefined ? {} : { errno: errorNumber(code) }),
      ...(address === undefined ? {} : { address }),
    },
  );
}

/** An error of the engine, as programs expect it. */
export function asSocketError(error: unknown, address?: string): SocketError {
  const { code, address: own } = error as { code?: unknown; address?: string };
  // libzmq treats a host without an address as a network interface.
  const name = code === "ENOTFOUND" ? "ENODEV" : code;
  if (typeof name !== "string") return error as Error;
  return socketError(name, { address: own ?? address, cause: error });
}

/** An error of the engine about an option, with its own text, as no text of the system fits. */
export function asOptionError(error: unknown): SocketError {
  if (!(error instanceof ZmqError)) return error as Error;
  return Object.assign(socketError(error.code, { cause: error }), {
    message: error.message,
  });
}

/** An argument of the wrong type. */
export function argumentError(text: string): SocketError {
  return Object.assign(new TypeError(text), { code: "EINVAL" });
}

/** Throws in a microtask, as an uncaught exception that interrupts nothing here. */
export function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
