/**
 * Layer: errors, below the manager, the serializers and the utilities.
 *
 * The error family of AgentZero. Every error has a stable `code` to match on,
 * a message for people, the facts as fields, and the `cause` where another
 * error stands behind it.
 *
 * What it does not do: the ZeroMQ engine has errors of its own; they arrive
 * here as the `cause`.
 *
 * @module
 */

/** A stable code; {@linkcode errorCodes} tells what each means. */
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
 * Every code that an error of this family can carry, with its meaning.
 * Match on `error.code`: messages may become better, codes stay.
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
export const errorCodes: Readonly<Record<ErrorCode, string>> = Object.freeze({
  SOCKET_ERROR: "A socket operation failed in a way no other code names.",
  SOCKET_ALREADY_EXISTS: "The manager already has a socket of that name.",
  SOCKET_NOT_FOUND: "The manager has no socket of that name.",
  SOCKET_TYPE_MISMATCH: "The socket of that name exists, with another type.",
  SOCKET_BIND_FAILED: "A socket could not be bound to an address.",
  SOCKET_CONNECT_FAILED: "A socket could not be connected to an address.",
  SOCKET_CLOSED: "The socket was closed while something waited for it.",
  REQUEST_TIMEOUT: "A request got no answer after its last attempt.",
  REQUEST_REFUSED: "A server answered a request with an error.",
  PACK_FAILED: "A value could not be turned into bytes; nothing was sent.",
  UNPACK_FAILED: "Received bytes could not be read; they are in `raw`.",
  SCHEMA_INVALID: "A message does not match the schema of its socket.",
  OPTION_INVALID: "An option does not exist; the text names the nearest one.",
  ADDRESS_INVALID: "An address is malformed.",
  HOST_NOT_FOUND: "A host name could not be resolved.",
  PORT_NOT_AVAILABLE: "No TCP port could be found.",
  PERMISSION_DENIED: "The runtime refuses a permission; the text names it.",
});

/** What an {@linkcode AgentZeroSocketError} can be told. */
export interface SocketErrorOptions {
  /** Stable code; `"SOCKET_ERROR"` if absent. */
  code?: ErrorCode;
  /** Name of the socket in its manager. */
  socketName?: string;
  /** The address that was bound or connected. */
  address?: string;
  /** The error behind this one. */
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
  /** Name of the socket, where one is concerned. */
  declare readonly socketName?: string;
  /** The address, where one is concerned. */
  declare readonly address?: string;

  /**
   * Makes the error.
   *
   * @param message What happened, for people.
   * @param options Code, socket name, address and cause.
   */
  constructor(message: string, options: SocketErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = options.code ?? "SOCKET_ERROR";
    // Absent facts are no properties: they would show in every printed error.
    if (options.socketName !== undefined) this.socketName = options.socketName;
    if (options.address !== undefined) this.address = options.address;
  }

  // On the prototype, so that the first line of `stack` has it as well.
  static {
    this.prototype.name = "AgentZeroSocketError";
  }
}

/** A socket of that name exists already in the manager. */
export class SocketAlreadyExists extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;

  /**
   * Makes the error.
   *
   * @param manager The manager, or anything whose text describes it.
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

/** The manager has no socket of that name. */
export class SocketNotFound extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;

  /**
   * Makes the error.
   *
   * @param manager The manager, or anything whose text describes it.
   * @param socketName The name that was looked for.
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

/** The socket of that name exists, with another type than the one asked for. */
export class SocketTypeMismatch extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;
  /** Type that was asked for, such as `"PUB"`. */
  readonly expected: string;
  /** Type that the socket has, such as `"REP"`. */
  readonly actual: string;

  /**
   * Makes the error.
   *
   * @param socketName The name of the socket.
   * @param types The type asked for and the type it has.
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
   * Makes the error.
   *
   * @param address The address as it was given.
   * @param options Socket name and cause; the message ends with the cause's reason. The code is `"SOCKET_BIND_FAILED"` if it is left out.
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
   * Makes the error.
   *
   * @param address The address as it was given.
   * @param options Socket name and cause; the message ends with the cause's reason. The code is `"SOCKET_CONNECT_FAILED"` if it is left out.
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

/** An address is malformed, or what it names cannot be found. */
export class AddressError extends AgentZeroSocketError {
  /**
   * Makes the error.
   *
   * @param message What happened, for people.
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

/** What a {@linkcode SerializationError} is about. */
export interface SerializationErrorOptions {
  /** `"PACK_FAILED"` or `"UNPACK_FAILED"`. */
  code: "PACK_FAILED" | "UNPACK_FAILED";
  /** Name of the serializer, such as `"JSON"`. */
  serializer: string;
  /** Why, as the end of a sentence: `NaN cannot be written`. */
  reason: string;
  /** Where in the value, such as `$.a[3].b`. */
  path?: string;
  /** The bytes that could not be read. */
  raw?: Uint8Array;
  /** All frames of the message that could not be read, with its envelope. */
  frames?: readonly Uint8Array[];
  /** Socket that the message belongs to. */
  socketName?: string;
  /** The error behind this one. */
  cause?: unknown;
}

/**
 * A value cannot be packed (nothing was sent), or bytes cannot be unpacked
 * (they are kept in `raw`).
 */
export class SerializationError extends AgentZeroSocketError {
  /** `"PACK_FAILED"` or `"UNPACK_FAILED"`. */
  declare readonly code: "PACK_FAILED" | "UNPACK_FAILED";
  /** Name of the serializer, such as `"JSON"`. */
  readonly serializer: string;
  /** Why, without the rest of the message. */
  readonly reason: string;
  /** Where in the value, such as `$.a[3].b`; only when packing. */
  declare readonly path?: string;
  /** The received bytes; only when unpacking. */
  declare readonly raw?: Uint8Array;
  /** All frames of the received message: a ROUTER finds the routing id of the peer there. Only when unpacking a message of a socket. */
  declare readonly frames?: readonly Uint8Array[];

  /**
   * Makes the message from the facts.
   *
   * @param options The facts.
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
   * The same error, naming the socket. The original becomes the `cause`.
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

/** One thing that is wrong with a message, in the shape of Standard Schema. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where: keys, or objects with a `key`. */
  readonly path?:
    | ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>
    | undefined;
}

/** A message does not match the schema of its socket. */
export class SchemaValidationError extends AgentZeroSocketError {
  /** Everything that is wrong, as the schema library reported it. */
  readonly issues: readonly SchemaIssue[];
  /** What is wrong, without the rest of the message. */
  readonly reason: string;
  /** The received bytes, where there are any. */
  declare readonly raw?: Uint8Array;
  /** All frames of the received message: a ROUTER finds the routing id of the peer there. */
  declare readonly frames?: readonly Uint8Array[];

  /**
   * Makes the error.
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

/** Texts of the system errors that people meet. */
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
  // An engine's own `Cannot bind to "…": reason` would repeat the address.
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
