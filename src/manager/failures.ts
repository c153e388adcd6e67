/**
 * Layer: manager.
 *
 * The errors that only the manager makes: an operation of the ZeroMQ module
 * that failed, a socket that was closed, a request without an answer, or with
 * an error for an answer.
 *
 * @module
 */
import { AgentZeroSocketError } from "../errors.ts";
import type { ReplyError } from "../zmq/mod.ts";
import { PermissionError } from "../zmq/transport/permission.ts";

/** Something failed on a socket; the reason stands in the cause. */
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

/** Whether the runtime refuses a permission, which does not change while the process runs. */
export function isPermission(error: unknown): boolean {
  return error instanceof PermissionError ||
    (error instanceof AgentZeroSocketError &&
      error.code === "PERMISSION_DENIED");
}

/** The socket was closed while something waited for it. */
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
 * A request got no answer, however often it was sent. If the socket could not
 * connect, the message says why, and that error is the `cause`; where the
 * runtime refuses the permission to connect, the `code` is `PERMISSION_DENIED`.
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
  /** How often the request was tried. */
  readonly attempts: number;
  /** How long each attempt waited, in milliseconds. */
  readonly timeout: number;

  /**
   * Makes the error.
   *
   * @param socketName The name of the socket.
   * @param attempts How often the request was tried.
   * @param timeout How long each attempt waited, in milliseconds.
   * @param cause Why the last attempt to connect has failed, if it has.
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
      `The request on socket '${socketName}' got no answer: ${times} of ${timeout} ms.${why}`,
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
 * The answer to a request is an error reply: the server could not read the
 * request, or what handles requests there has failed. The reply itself is the
 * `cause`, a `zmq.ReplyError`.
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
  /** The code that the server sent, such as `"SCHEMA_INVALID"`, or one of its own. */
  readonly replyCode: string;
  /** The text that the server sent. */
  readonly reason: string;

  /**
   * Makes the error.
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
