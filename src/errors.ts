/**
 * Layer: errors, below the manager, the serializers and the utilities.
 *
 * The error family of AgentZero. Every error has a stable `code` to match on, a
 * message, details as fields, and the underlying error as `cause`. Errors of the
 * ZeroMQ engine are a family of their own; here they are the `cause`.
 *
 * @module
 */

/** A stable code; {@linkcode errorCodes} has the meanings. */
export type ErrorCode =
  | "SOCKET_ERROR"
  | "SOCKET_ALREADY_EXISTS"
  | "SOCKET_NOT_FOUND"
  | "SOCKET_TYPE_MISMATCH"
  | "SOCKET_BIND_FAILED"
  | "SOCKET_CONNECT_FAILED"
  | "SOCKET_CLOSED"
  | "REQUEST_TIMEOUT"
  | "REQUEST_REFUSED"
  | "PACK_FAILED"
  | "UNPACK_FAILED"
  | "SCHEMA_INVALID"
  | "OPTION_INVALID"
  | "ADDRESS_INVALID"
  | "HOST_NOT_FOUND"
  | "PORT_NOT_AVAILABLE"
  | "PERMISSION_DENIED";

/**
 * Every code of this error family, with its meaning. Match on `error.code`:
 * messages may change, codes do not.
 *
 * @example
 * ```ts
 * import { errorCodes } from "@agentzero/agentzero";
 *
 * for (const [code, meaning] of Object.entries(errorCodes)) {
 *   console.log(`${code}: ${meaning}`);
 * }
 * ```
 */
export const errorCodes: Readonly<Record<ErrorCode, string>> =
  /* @__PURE__ */ Object.freeze({
    SOCKET_ERROR: "A socket operation failed for which there is no other code.",
    SOCKET_ALREADY_EXISTS: "The manager already has a socket with that name.",
    SOCKET_NOT_FOUND: "The manager has no socket with that name.",
    SOCKET_TYPE_MISMATCH: "The socket exists, but has another type.",
    SOCKET_BIND_FAILED: "A socket could not be bound to an address.",
    SOCKET_CONNECT_FAILED: "A socket could not be connected to an address.",
    SOCKET_CLOSED: "The socket was closed while a call waited for it.",
    REQUEST_TIMEOUT: "A request got no reply, even after its last attempt.",
    REQUEST_REFUSED: "A server replied to a request with an error.",
    PACK_FAILED: "A value could not be serialized; nothing was sent.",
    UNPACK_FAILED:
      "Received bytes could not be deserialized; they are in `raw`.",
    SCHEMA_INVALID: "A message does not match the schema of its socket.",
    OPTION_INVALID:
      "An option is unknown or invalid; the message suggests the nearest name.",
    ADDRESS_INVALID: "An address is malformed.",
    HOST_NOT_FOUND: "A host name could not be resolved.",
    PORT_NOT_AVAILABLE: "No free TCP port was found.",
    PERMISSION_DENIED: "The runtime denied a permission; the message names it.",
  });

/** The details of an {@linkcode AgentZeroSocketError}. */
export interface SocketErrorOptions {
  /** Stable code; by default `"SOCKET_ERROR"`. */
  code?: ErrorCode;
  /** Name of the socket in its manager. */
  socketName?: string;
  /** The address that was bound or connected. */
  address?: string;
  /** The underlying error. */
  cause?: unknown;
}

/**
 * Base of all errors of the manager, the serializers and the utilities.
 *
 * @example
 * ```ts
 * import { AgentZeroSocketError, SocketNotFound } from "@agentzero/agentzero";
 *
 * const error = new SocketNotFound("SocketManager(sockets=['a'])", "b");
 * console.log(error instanceof AgentZeroSocketError, error.code);
 * ```
 */
export class AgentZeroSocketError extends Error {
  /** Stable code, one of {@linkcode errorCodes}. */
  readonly code: ErrorCode;
  /** Name of the socket, if the error is about one. */
  declare readonly socketName?: string;
  /** The address, if the error is about one. */
  declare readonly address?: string;

  /**
   * Creates the error.
   *
   * @param message What happened.
   * @param options Code, socket name, address and cause.
   */
  constructor(message: string, options: SocketErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = options.code ?? "SOCKET_ERROR";
    // Absent details are not set to undefined, which would show in every printed error.
    if (options.socketName !== undefined) this.socketName = options.socketName;
    if (options.address !== undefined) this.address = options.address;
  }

  // On the prototype, so that the first line of `stack` has it, too.
  static {
    this.prototype.name = "AgentZeroSocketError";
  }
}

/** The manager already has a socket with that name. */
export class SocketAlreadyExists extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;

  /**
   * Creates the error.
   *
   * @param manager The manager, or anything with such a text.
   * @param socketName The name that is taken.
   */
  constructor(manager: { toString(): string }, socketName: string) {
    super(`${manager} already has a socket named '${socketName}'.`, {
      code: "SOCKET_ALREADY_EXISTS",
      socketName,
    });
  }

  static {
    this.prototype.name = "SocketAlreadyExists";
  }
}

/** The manager has no socket with that name. */
export class SocketNotFound extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;

  /**
   * Creates the error.
   *
   * @param manager The manager, or anything with such a text.
   * @param socketName The name.
   */
  constructor(manager: { toString(): string }, socketName: string) {
    super(`${manager} has no sockets named '${socketName}'.`, {
      code: "SOCKET_NOT_FOUND",
      socketName,
    });
  }

  static {
    this.prototype.name = "SocketNotFound";
  }
}

/** The socket exists, but has another type than the expected one. */
export class SocketTypeMismatch extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;
  /** The expected type, such as `"PUB"`. */
  readonly expected: string;
  /** The type of the socket, such as `"REP"`. */
  readonly actual: string;

  /**
   * Creates the error.
   *
   * @param socketName The name of the socket.
   * @param types The expected type and the actual one.
   */
  constructor(
    socketName: string,
    types: { expected: string; actual: string },
  ) {
    super(
      `The socket '${socketName}' is a ${types.actual} socket, not ${types.expected}.`,
      { code: "SOCKET_TYPE_MISMATCH", socketName },
    );
    this.expected = types.expected;
    this.actual = types.actual;
  }

  static {
    this.prototype.name = "SocketTypeMismatch";
  }
}

/** A socket could not be bound; `cause` has the reason. */
export class SocketBindError extends AgentZeroSocketError {
  /** The address as it was given. */
  declare readonly address: string;

  /**
   * Creates the error.
   *
   * @param address The address as it was given.
   * @param options Socket name and cause; the message ends with the cause's reason. The code is `"SOCKET_BIND_FAILED"` by default.
   */
  constructor(
    address: string,
    options: {
      socketName?: string;
      cause?: unknown;
      code?: "SOCKET_BIND_FAILED" | "PERMISSION_DENIED";
    } = {},
  ) {
    super(endpointMessage("bind", address, options), {
      ...options,
      code: options.code ?? "SOCKET_BIND_FAILED",
      address,
    });
  }

  static {
    this.prototype.name = "SocketBindError";
  }
}

/** A socket could not be connected; `cause` has the reason. */
export class SocketConnectError extends AgentZeroSocketError {
  /** The address as it was given. */
  declare readonly address: string;

  /**
   * Creates the error.
   *
   * @param address The address as it was given.
   * @param options Socket name and cause; the message ends with the cause's reason. The code is `"SOCKET_CONNECT_FAILED"` by default.
   */
  constructor(
    address: string,
    options: {
      socketName?: string;
      cause?: unknown;
      code?: "SOCKET_CONNECT_FAILED" | "PERMISSION_DENIED";
    } = {},
  ) {
    super(endpointMessage("connect", address, options), {
      ...options,
      code: options.code ?? "SOCKET_CONNECT_FAILED",
      address,
    });
  }

  static {
    this.prototype.name = "SocketConnectError";
  }
}

/** An address is malformed or cannot be resolved. */
export class AddressError extends AgentZeroSocketError {
  /**
   * Creates the error.
   *
   * @param message What happened.
   * @param options Code, address and cause.
   */
  constructor(
    message: string,
    options: SocketErrorOptions & {
      code:
        | "ADDRESS_INVALID"
        | "HOST_NOT_FOUND"
        | "PORT_NOT_AVAILABLE"
        | "PERMISSION_DENIED";
    },
  ) {
    super(message, options);
  }

  static {
    this.prototype.name = "AddressError";
  }
}

/** The details of a {@linkcode SerializationError}. */
export interface SerializationErrorOptions {
  /** `"PACK_FAILED"` or `"UNPACK_FAILED"`. */
  code: "PACK_FAILED" | "UNPACK_FAILED";
  /** Name of the serializer, such as `"JSON"`. */
  serializer: string;
  /** The reason, as the end of a sentence: `NaN cannot be serialized`. */
  reason: string;
  /** The path in the value, such as `$.a[3].b`. */
  path?: string;
  /** The bytes that cannot be deserialized. */
  raw?: Uint8Array;
  /** All frames of that message, including its envelope. */
  frames?: readonly Uint8Array[];
  /** Name of the socket of the message. */
  socketName?: string;
  /** The underlying error. */
  cause?: unknown;
}

/**
 * A value cannot be packed (nothing was sent), or bytes cannot be unpacked (they
 * are in `raw`).
 */
export class SerializationError extends AgentZeroSocketError {
  /** `"PACK_FAILED"` or `"UNPACK_FAILED"`. */
  declare readonly code: "PACK_FAILED" | "UNPACK_FAILED";
  /** Name of the serializer, such as `"JSON"`. */
  readonly serializer: string;
  /** The reason, without the rest of the message. */
  readonly reason: string;
  /** The path in the value, such as `$.a[3].b`; only when packing. */
  declare readonly path?: string;
  /** The received bytes; only when unpacking. */
  declare readonly raw?: Uint8Array;
  /** All frames of the received message; that of a ROUTER begins with the routing id of the peer. Only when unpacking a message of a socket. */
  declare readonly frames?: readonly Uint8Array[];

  /**
   * Creates the error.
   *
   * @param options Its details; the message is composed of them.
   */
  constructor(options: SerializationErrorOptions) {
    const { code, serializer, reason, path, raw, socketName } = options;
    const what = code === "PACK_FAILED"
      ? `Cannot pack a value as ${serializer}`
      : `Cannot unpack a message as ${serializer}`;
    const where = socketName === undefined ? "" : ` for socket '${socketName}'`;
    const at = path === undefined ? "" : ` (at ${path})`;
    super(`${what}${where}: ${reason}${at}`, options);
    this.serializer = serializer;
    this.reason = reason;
    if (path !== undefined) this.path = path;
    if (raw !== undefined) {
      // Not enumerable: a printed error must not dump a whole payload.
      Object.defineProperty(this, "raw", { value: raw });
    }
    if (options.frames !== undefined) {
      Object.defineProperty(this, "frames", { value: options.frames });
    }
  }

  /**
   * The same error with the name of the socket. The original is the `cause`.
   *
   * @param socketName Name of the socket in its manager.
   * @param frames All frames of the message, if one was received.
   * @returns A new error.
   */
  forSocket(
    socketName: string,
    frames?: readonly Uint8Array[],
  ): SerializationError {
    return new SerializationError({
      code: this.code,
      serializer: this.serializer,
      reason: this.reason,
      path: this.path,
      raw: this.raw,
      frames: frames ?? this.frames,
      socketName,
      cause: this.cause ?? this,
    });
  }

  static {
    this.prototype.name = "SerializationError";
  }
}

/** One violation of a schema, in the shape of Standard Schema. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** The path: keys, or objects with a `key`. */
  readonly path?:
    | ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>
    | undefined;
}

/** A message does not match the schema of its socket. */
export class SchemaValidationError extends AgentZeroSocketError {
  /** All violations, as the schema library reported them. */
  readonly issues: readonly SchemaIssue[];
  /** The reason, without the rest of the message. */
  readonly reason: string;
  /** The received bytes, if there are any. */
  declare readonly raw?: Uint8Array;
  /** All frames of the received message; that of a ROUTER begins with the routing id of the peer. */
  declare readonly frames?: readonly Uint8Array[];

  /**
   * Creates the error.
   *
   * @param issues What the schema library reported.
   * @param options Socket name, received bytes, all frames, and cause.
   */
  constructor(
    issues: readonly SchemaIssue[],
    options: {
      socketName?: string;
      raw?: Uint8Array;
      frames?: readonly Uint8Array[];
      cause?: unknown;
    } = {},
  ) {
    const { socketName, raw, frames, cause } = options;
    const where = socketName === undefined ? "" : ` of socket '${socketName}'`;
    const reason = summary(issues);
    super(
      `A message${where} does not match its schema: ${reason}`,
      { code: "SCHEMA_INVALID", socketName, cause },
    );
    this.issues = issues;
    this.reason = reason;
    if (raw !== undefined) Object.defineProperty(this, "raw", { value: raw });
    if (frames !== undefined) {
      Object.defineProperty(this, "frames", { value: frames });
    }
  }

  static {
    this.prototype.name = "SchemaValidationError";
  }
}

/** Texts for common system errors. */
const systemReasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "address not available on this machine",
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "host unreachable",
  EINVAL: "invalid address",
  ENETUNREACH: "network unreachable",
  ENOTFOUND: "host name not found",
  EPROTONOSUPPORT: "transport not supported",
  ETIMEDOUT: "timed out",
};

function endpointMessage(
  verb: "bind" | "connect",
  address: string,
  { socketName, cause }: { socketName?: string; cause?: unknown },
): string {
  if (address === "" && socketName !== undefined) {
    return `socket "${socketName}" received an empty address and cannot ${verb}`;
  }
  const who = socketName === undefined ? "" : ` '${socketName}'`;
  const reason = cause === undefined ? "" : `: ${reasonOf(cause)}`;
  return `Cannot ${verb}${who} to "${address}"${reason}`;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // The engine's `Cannot bind to "…": reason` would repeat the address.
  const own = /^Cannot [^"]*"[^"]*"[^:]*: ([\s\S]+)$/.exec(cause.message)?.[1];
  if (own !== undefined) return own;
  const code = "code" in cause ? String(cause.code) : "";
  return systemReasons[code] ?? (cause.message || code || cause.name);
}

function summary(issues: readonly SchemaIssue[]): string {
  const shown = issues.slice(0, 3).map((issue) =>
    `${pathText(issue.path)}: ${issue.message}`
  );
  const more = issues.length - shown.length;
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function pathText(path: SchemaIssue["path"] = []): string {
  return path.reduce<string>((text, step) => {
    const key = typeof step === "object" ? step.key : step;
    return typeof key === "number"
      ? `${text}[${key}]`
      : `${text}.${String(key)}`;
  }, "$");
}
