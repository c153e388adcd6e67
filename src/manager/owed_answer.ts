/**
 * Layer: manager.
 *
 * The answer that a REP owes. A REP gives no further request before it has
 * answered the last one, so one that nobody answers makes it deaf. This keeps
 * which request is unanswered, and answers it with an error reply when the
 * program has given it up.
 *
 * @module
 */
import { SchemaValidationError, SerializationError } from "../errors.ts";
import { ReplyError } from "../zmq/mod.ts";
import type { ZmqSocket } from "./contract.ts";

/** What one REP owes. */
export class OwedAnswer {
  readonly #socket: ZmqSocket;
  /** The request that was received last, until it is answered. */
  #request: Uint8Array[] | undefined;
  /** What to answer to it, once nobody else does. */
  #refusal: Uint8Array[] | undefined;

  constructor(socket: ZmqSocket) {
    this.#socket = socket;
  }

  /** A request was received. */
  received(request: Uint8Array[]): void {
    this.#request = request;
    this.#refusal = undefined;
  }

  /** An answer was sent. */
  sent(): void {
    this.#request = undefined;
    this.#refusal = undefined;
  }

  /**
   * The unanswered request cannot be answered.
   *
   * @param refusal What its peer shall get, if nobody answers.
   * @param request That one; if another one was received since, nothing is done.
   */
  giveUp(refusal: ReplyError, request: Uint8Array[] | undefined): void {
    if (this.#request === undefined) return;
    if (request !== undefined && request !== this.#request) return;
    this.#refusal = refusal.toMessage();
  }

  /** Answers a request that was given up. */
  refuse(): void {
    const refusal = this.#refusal;
    if (refusal === undefined) return;
    this.sent();
    try {
      this.#socket.trySend!(refusal);
    } catch {
      // The program has answered with the socket's own methods, or closed it.
    }
  }
}

/** What the peer learns: what is wrong with its request, and nothing of what went wrong here. */
export function refusalOf(error: unknown, isRequest: boolean): ReplyError {
  const isKnown = isRequest &&
    (error instanceof SerializationError ||
      error instanceof SchemaValidationError);
  return isKnown
    ? new ReplyError(
      error.code,
      `The request was not understood: ${error.reason}`,
    )
    : ReplyError.of(error);
}
