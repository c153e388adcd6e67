/**
 * Layer: manager.
 *
 * The reply that a REP has still to send. A REP receives no request before it
 * has replied to the last one, so a request without a reply blocks it for ever.
 * This remembers the request, and replies with an error when the application
 * will not reply.
 *
 * @module
 */
import { SchemaValidationError, SerializationError } from "../errors.ts";
import { ReplyError } from "../zmq/mod.ts";
import type { ZmqSocket } from "./contract.ts";

/** The pending reply of one REP. */
export class PendingReply {
  readonly #socket: ZmqSocket;
  /** The last request that was received, until the reply to it is sent. */
  #request: Uint8Array[] | undefined;
  /** The error reply to it, to be sent unless the application replies first. */
  #errorReply: Uint8Array[] | undefined;

  constructor(socket: ZmqSocket) {
    this.#socket = socket;
  }

  /** A request was received. */
  received(request: Uint8Array[]): void {
    this.#request = request;
    this.#errorReply = undefined;
  }

  /** A reply was sent. */
  sent(): void {
    this.#request = undefined;
    this.#errorReply = undefined;
  }

  /**
   * Prepares an error reply to the pending request.
   *
   * @param request That request; if another one was received since, nothing happens.
   */
  prepareError(reply: ReplyError, request: Uint8Array[] | undefined): void {
    if (this.#request === undefined) return;
    if (request !== undefined && request !== this.#request) return;
    this.#errorReply = reply.toMessage();
  }

  /** Sends the prepared error reply, if there is one. */
  sendError(): void {
    const reply = this.#errorReply;
    if (reply === undefined) return;
    this.sent();
    try {
      this.#socket.trySend!(reply);
    } catch {
      // The application has replied with the socket's own methods, or closed it.
    }
  }
}

/** The error reply for a peer: what is wrong with its request, but no internals of this process. */
export function errorReplyFor(error: unknown, isRequest: boolean): ReplyError {
  const isKnown = isRequest &&
    (error instanceof SerializationError ||
      error instanceof SchemaValidationError);
  return isKnown
    ? new ReplyError(error.code, `Invalid request: ${error.reason}`)
    : ReplyError.of(error);
}
