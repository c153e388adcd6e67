/**
 * Layer: v5. Errors as programs written for zeromq.js 4 and 5 expect them: the
 * message is the text of the system, by which such programs tell errors apart;
 * `code`, `errno` and `address` are beside it, and the `cause` has the details.
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
  /** The endpoint concerned, where there is one. */
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
 * @param cause The error beneath; its text is the message if the code has none.
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

/** What the engine reported, as programs expect it. */
export function asSocketError(error: unknown, address?: string): SocketError {
  const { code, address: own } = error as { code?: unknown; address?: string };
  // libzmq takes a host that has no address for a network interface.
  const name = code === "ENOTFOUND" ? "ENODEV" : code;
  if (typeof name !== "string") return error as Error;
  return socketError(name, { address: own ?? address, cause: error });
}

/** What the engine reported of an option, in its own words: no text of the system says what is wrong. */
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

/** Throws where nobody catches it, so that it is an uncaught exception and breaks nothing here. */
export function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
