/**
 * Layer: zmq, bottom. The one error class of the engine and its codes.
 *
 * Codes are the names libzmq and zeromq.js use (`EAGAIN`, `EADDRINUSE`, …), so
 * a program that matches on `error.code` runs unchanged. Match on `code`, not
 * on the message.
 *
 * @module
 */

import { errorNumber } from "./error_numbers.ts";

/**
 * What a {@link ZmqError} can report.
 *
 * | code | meaning |
 * |---|---|
 * | `EAGAIN` | the operation would block: its timeout ran out, its socket was closed meanwhile, or it was asked not to wait |
 * | `EFSM` | as `EAGAIN`, where the state of a REQ or REP does not allow the call, such as a second `send` on a REQ |
 * | `EHOSTUNREACH` | a ROUTER with `mandatory` has no peer of that routing id; a SOCKS proxy cannot reach the host |
 * | `EADDRINUSE` | the address is already bound |
 * | `EADDRNOTAVAIL` | the address does not belong to this machine |
 * | `EACCES` | the address may not be used by this process |
 * | `EINVAL` | an argument, address, message or option is malformed |
 * | `EPROTONOSUPPORT` | the transport is not known, or is ipc on Windows |
 * | `ENOTSUP` | known to ZeroMQ, but not possible in this engine; the message says why |
 * | `ENOENT` | the endpoint to unbind or disconnect is not in use |
 * | `ENAMETOOLONG` | the path of an ipc address is longer than the system takes |
 * | `ENOTFOUND` | the host name has no address |
 * | `ECONNREFUSED` | nothing listens at the address |
 * | `EBADF` | the socket was closed before the call, or during a call of `poll` |
 * | `ETERM` | the context is closed |
 * | `EMFILE` | the context has reached `maxSockets`; in `accept:error`: no file descriptors are left, or a limit of connections is reached |
 * | `EMSGSIZE` | the message is larger than the context's `maxMessageSize`, or a frame larger than `curveMaxFrameSize` |
 * | `EPROTO` | in events: the peer of a `ws` address does not speak WebSocket as it must, or refused to; something other than an `Error` ended the connection |
 * | `ERR_TLS_CERT_DATE` | in events: the certificate of a `wss` server has expired, or is not valid yet |
 * | `ERR_TLS_CERT_HOST` | in events: it is for another host |
 * | `ERR_TLS_CERT_UNTRUSTED` | in events: it is not from a trusted authority |
 * | `ERR_TLS` | in events: TLS failed for another reason |
 * | `EEXIST` | of the event `disconnect`: another peer has the same routing id, or is already connected to the PAIR |
 * | `ENOBUFS` | of the event `disconnect`: the peer has more than `maxSubscriptions`, or `maxSubscriptionBytes` of them |
 */
export type ZmqErrorCode =
  | "EAGAIN"
  | "EFSM"
  | "EHOSTUNREACH"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EACCES"
  | "EINVAL"
  | "EPROTO"
  | "EPROTONOSUPPORT"
  | "ENOTSUP"
  | "ENOENT"
  | "ENAMETOOLONG"
  | "ENOTFOUND"
  | "ECONNREFUSED"
  | "EBADF"
  | "ETERM"
  | "EMFILE"
  | "EMSGSIZE"
  | "ERR_TLS"
  | "ERR_TLS_CERT_DATE"
  | "ERR_TLS_CERT_HOST"
  | "ERR_TLS_CERT_UNTRUSTED"
  | "EEXIST"
  | "ENOBUFS";

/**
 * An operation on a ZeroMQ socket failed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * const pull = new zmq.Pull({ receiveTimeout: 0 });
 * try {
 *   await pull.receive();
 * } catch (error) {
 *   assertEquals((error as zmq.ZmqError).code, "EAGAIN");
 * } finally {
 *   await pull.close();
 * }
 * ```
 */
export class ZmqError extends Error {
  /** The name of the class. */
  override readonly name: string = "ZmqError";
  /** The stable code to match on; may also be a code of the runtime. */
  readonly code: ZmqErrorCode | (string & Record<never, never>);
  /** The endpoint, if there is one. */
  readonly address: string | undefined;
  /** Why, without what failed and where, such as `connection refused`; `undefined` if the message is all there is. */
  readonly reason: string | undefined;

  /**
   * Creates the error.
   *
   * @param code The stable code.
   * @param message What happened, for humans.
   * @param details The endpoint, the reason and the underlying error.
   */
  constructor(
    code: ZmqErrorCode | (string & Record<never, never>),
    message: string,
    details: { address?: string; reason?: string; cause?: unknown } = {},
  ) {
    super(
      message,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.address = details.address;
    this.reason = details.reason;
  }

  /**
   * The number of the code, as in zeromq.js: that of the system, such as 11 for
   * `EAGAIN` on Linux, or that of libzmq; `undefined` for a code without one.
   */
  get errno(): number | undefined {
    return errorNumber(this.code);
  }
}

/** Marks the errors of the engine, in all copies of this module. */
const MARK = Symbol.for("agentzero.ZmqError");

/**
 * An argument is invalid, such as an unknown option, a wrong value, or an
 * object that is not a socket. It is a `TypeError`, as in zeromq.js, and
 * `instanceof ZmqError` holds for it, too; its code is `EINVAL`.
 *
 * @example
 * ```ts
 * import { assert, assertThrows } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using pull = new zmq.Pull();
 * const error = assertThrows(() => pull.setOption("linger", "long"), TypeError);
 * assert(error instanceof zmq.ZmqError && error.code === "EINVAL");
 * ```
 */
export class ArgumentError extends TypeError {
  /** The name of the class. */
  override readonly name: string = "ArgumentError";
  /** The stable code to match on. */
  readonly code = "EINVAL";
  /** Always `undefined`. */
  readonly address: string | undefined = undefined;

  /** The number of the code; see {@link ZmqError.errno}. */
  get errno(): number | undefined {
    return errorNumber(this.code);
  }
}

for (const { prototype } of [ZmqError, ArgumentError]) {
  Object.defineProperty(prototype, MARK, { value: true });
}

/** Another copy of this module, such as that for CommonJS, has its own classes, so the mark decides. */
Object.defineProperty(ZmqError, Symbol.hasInstance, {
  value: function (this: unknown, error: unknown): boolean {
    return this === ZmqError
      ? typeof error === "object" && error !== null && MARK in error
      : Function.prototype[Symbol.hasInstance].call(this, error);
  },
});

/**
 * The codes of a {@link ProtocolError}; the names are those of zeromq.js.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_ZMTP_UNSPECIFIED` | the bytes are not ZMTP |
 * | `ERR_ZMTP_UNSUPPORTED_VERSION` | the peer speaks an unknown version of ZMTP, or one without security where the socket requires it |
 * | `ERR_ZMTP_MECHANISM_MISMATCH` | the peer uses another security mechanism |
 * | `ERR_ZMTP_UNEXPECTED_COMMAND` | a command that is not allowed at this point |
 * | `ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED` | a malformed command |
 * | `ERR_ZMTP_MALFORMED_COMMAND_HELLO` | a malformed HELLO |
 * | `ERR_ZMTP_MALFORMED_COMMAND_WELCOME` | a malformed WELCOME |
 * | `ERR_ZMTP_MALFORMED_COMMAND_INITIATE` | a malformed INITIATE |
 * | `ERR_ZMTP_MALFORMED_COMMAND_READY` | a malformed READY |
 * | `ERR_ZMTP_MALFORMED_COMMAND_MESSAGE` | a malformed CURVE frame |
 * | `ERR_ZMTP_MALFORMED_COMMAND_ERROR` | a malformed ERROR |
 * | `ERR_ZMTP_CRYPTOGRAPHIC` | a box that cannot be decrypted: a wrong key, or a forgery |
 * | `ERR_ZMTP_INVALID_METADATA` | malformed metadata, or an incompatible socket type |
 * | `ERR_ZMTP_INVALID_SEQUENCE` | a frame flag that is not allowed at this point |
 * | `ERR_ZMTP_MESSAGE_TOO_LARGE` | a message above `maxMessageSize` or `maxMessageFrames`, a frame above `curveMaxFrameSize`, or a command above its limit |
 * | `ERR_ZMTP_PEER_ERROR` | the peer sent ERROR; the message holds its reason |
 * | `ERR_ZAP_MALFORMED_REPLY` | the ZAP handler of this side replied with other than 7 frames |
 * | `ERR_ZAP_BAD_VERSION` | it replied in another version of ZAP than 1.0 |
 * | `ERR_ZAP_INVALID_STATUS_CODE` | its status is not 200, 300, 400 or 500 |
 */
export type ProtocolErrorCode =
  | "ERR_ZMTP_UNSPECIFIED"
  | "ERR_ZMTP_UNSUPPORTED_VERSION"
  | "ERR_ZMTP_MECHANISM_MISMATCH"
  | "ERR_ZMTP_UNEXPECTED_COMMAND"
  | "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED"
  | "ERR_ZMTP_MALFORMED_COMMAND_HELLO"
  | "ERR_ZMTP_MALFORMED_COMMAND_WELCOME"
  | "ERR_ZMTP_MALFORMED_COMMAND_INITIATE"
  | "ERR_ZMTP_MALFORMED_COMMAND_READY"
  | "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE"
  | "ERR_ZMTP_CRYPTOGRAPHIC"
  | "ERR_ZMTP_MALFORMED_COMMAND_ERROR"
  | "ERR_ZMTP_INVALID_METADATA"
  | "ERR_ZMTP_INVALID_SEQUENCE"
  | "ERR_ZMTP_MESSAGE_TOO_LARGE"
  | "ERR_ZMTP_PEER_ERROR"
  | ZapErrorCode;

/** How the reply of a ZAP handler violates ZAP (RFC 27). */
export type ZapErrorCode =
  | "ERR_ZAP_MALFORMED_REPLY"
  | "ERR_ZAP_BAD_VERSION"
  | "ERR_ZAP_INVALID_STATUS_CODE";

/**
 * A peer broke the protocol, or the ZAP handler did while authenticating it.
 * Only the connection to that peer is closed; applications see the error on
 * `socket.events`.
 */
export class ProtocolError extends Error {
  /** The name of the class. */
  override readonly name: string = "ProtocolError";
  /** The stable code to match on. */
  readonly code: ProtocolErrorCode;
  /** The peer's security mechanism, such as `CURVE`, for `ERR_ZMTP_MECHANISM_MISMATCH`. */
  readonly peerMechanism: string | undefined;

  /**
   * Creates the error.
   *
   * @param code The stable code.
   * @param message What the peer did, for humans.
   * @param details The peer's mechanism.
   */
  constructor(
    code: ProtocolErrorCode,
    message: string,
    details: { peerMechanism?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.peerMechanism = details.peerMechanism;
  }
}

/** The ZAP status of a failed authentication: 300 temporary, 400 refused, 500 internal error. */
export type AuthStatus = 300 | 400 | 500;

/**
 * A peer was not authenticated, or did not authenticate us (RFC 27).
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_ZAP_REFUSED` | a peer was refused, or refused us |
 */
export class AuthError extends Error {
  /** The name of the class. */
  override readonly name: string = "AuthError";
  /** The stable code to match on. */
  readonly code = "ERR_ZAP_REFUSED";
  /** The ZAP status code. */
  readonly status: AuthStatus;

  /**
   * Creates the error.
   *
   * @param status The ZAP status code.
   * @param message What happened, for humans.
   */
  constructor(status: AuthStatus, message: string) {
    super(message);
    this.status = status;
  }
}
