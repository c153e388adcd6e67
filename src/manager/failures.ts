/**
 * Layer: manager.
 *
 * The errors that only the manager throws: a failed operation of the ZeroMQ
 * module, a closed socket, a request without a reply, or with an error reply.
 *
 * @module
 */
import { AgentZeroSocketError } from "../errors.ts";
import type { ReplyError } from "../zmq/mod.ts";
import { PermissionError } from "../zmq/transport/permission_error.ts";

/** An operation on a socket failed; the reason is the `cause`. */
export function socketFailure(
  what: string,
  socketName: string,
  cause: unknown,
): AgentZeroSocketError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AgentZeroSocketError(`${what} socket '${socketName}': ${reason}`, {
    socketName,
    cause,
  });
}

/** Whether the runtime denied a permission, which does not change while the process runs. */
export function isPermission(error: unknown): boolean {
  return error instanceof PermissionError ||
    (error instanceof AgentZeroSocketError &&
      error.code === "PERMISSION_DENIED");
}

/** The socket was closed while a call waited for it. */
export function socketClosed(
  socketName: string,
  cause?: unknown,
): AgentZeroSocketError {
  return new AgentZeroSocketError(`The socket '${socketName}' was closed.`, {
    code: "SOCKET_CLOSED",
    socketName,
    cause,
  });
}

/**
 * A request got no reply, even after the last attempt. If the socket could not
 * connect, the message has the reason, and that error is the `cause`; if the
 * runtime denied the permission to connect, the `code` is `PERMISSION_DENIED`.
 *
 * @example
 * ```ts
 * import { RequestTimeoutError, SocketManager, zmq } from "@agentzero/agentzero";
 *
 * await using sockets = new SocketManager();
 * sockets.create("client", zmq.REQ);
 * try {
 *   await sockets.request("client", "hello?", { timeout: 10, retries: 1 });
 * } catch (error) {
 *   if (!(error instanceof RequestTimeoutError)) throw error;
 *   console.log(error.code, error.attempts); // REQUEST_TIMEOUT 2
 * }
 * ```
 */
export class RequestTimeoutError extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;
  /** The number of attempts. */
  readonly attempts: number;
  /** How long each attempt waited, in milliseconds. */
  readonly timeout: number;

  /**
   * Creates the error.
   *
   * @param socketName The name of the socket.
   * @param attempts The number of attempts.
   * @param timeout How long each attempt waited, in milliseconds.
   * @param cause Why the last attempt to connect failed, if it did.
   */
  constructor(
    socketName: string,
    attempts: number,
    timeout: number,
    cause?: Error,
  ) {
    const times = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
    const why = cause === undefined ? "" : ` Last error: ${cause.message}`;
    super(
      `The request on socket '${socketName}' got no reply: ${times} of ${timeout} ms.${why}`,
      {
        code: isPermission(cause) ? "PERMISSION_DENIED" : "REQUEST_TIMEOUT",
        socketName,
        cause,
      },
    );
    this.attempts = attempts;
    this.timeout = timeout;
  }

  static {
    this.prototype.name = "RequestTimeoutError";
  }
}

/**
 * The reply to a request is an error: the server could not unpack the request,
 * or its handler failed. The `cause` is the reply, a `zmq.ReplyError`.
 *
 * @example
 * ```ts
 * import { RequestRefusedError, SocketManager, zmq } from "@agentzero/agentzero";
 *
 * await using sockets = new SocketManager();
 * await sockets.ensureAndBind("server", zmq.REP, "inproc://roots");
 * await sockets.ensureAndConnect("client", zmq.REQ, "inproc://roots");
 * void sockets.serve("server", () => {
 *   throw new zmq.ReplyError("ERANGE", "It has no root");
 * }, { onError: () => {} });
 * try {
 *   await sockets.request("client", -9);
 * } catch (error) {
 *   if (!(error instanceof RequestRefusedError)) throw error;
 *   console.log(error.replyCode, error.reason); // ERANGE It has no root
 * }
 * ```
 */
export class RequestRefusedError extends AgentZeroSocketError {
  /** Name of the socket. */
  declare readonly socketName: string;
  /** The code from the server: such as `"SCHEMA_INVALID"`, or one of the application. */
  readonly replyCode: string;
  /** The message from the server. */
  readonly reason: string;

  /**
   * Creates the error.
   *
   * @param socketName The name of the socket.
   * @param reply The error reply.
   */
  constructor(socketName: string, reply: ReplyError) {
    super(
      `The server refused a request on socket '${socketName}': ${reply.message} (${reply.code})`,
      { code: "REQUEST_REFUSED", socketName, cause: reply },
    );
    this.replyCode = reply.code;
    this.reason = reply.message;
  }

  static {
    this.prototype.name = "RequestRefusedError";
  }
}
