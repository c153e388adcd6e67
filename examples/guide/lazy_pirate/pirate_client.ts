/**
 * Example: lazy pirate. A client for a server that may be slow, crash or be
 * away: it waits for a reply, retries, and finally gives up. Its two subclasses
 * differ in how they retry.
 *
 * A request may be served more than once, so serving it must be idempotent.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";

/** The options of a client. */
export interface PirateOptions {
  /** The timeout of one attempt, in milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
  /** The number of attempts. Default 3. */
  readonly tries?: number;
  /** Called after each attempt without a reply. */
  readonly onNoAnswer?: (attempt: number) => void;
}

/** None of the attempts got a reply. */
export class GaveUpError extends Error {
  override readonly name = "GaveUpError";
  readonly code = "EGAVEUP";
  readonly tries: number;

  constructor(address: string, tries: number, timeoutMs: number) {
    super(
      `No reply from "${address}" in ${tries} attempts of ${timeoutMs} ms`,
    );
    this.tries = tries;
  }
}

/** A client that retries. */
export abstract class PirateClient implements AsyncDisposable {
  /** The address of the server. */
  readonly address: string;
  readonly #timeoutMs: number;
  readonly #tries: number;
  readonly #onNoAnswer: (attempt: number) => void;
  #isBusy = false;

  constructor(address: string, options: PirateOptions = {}) {
    const { timeoutMs = 1000, tries = 3, onNoAnswer = () => {} } = options;
    this.address = address;
    this.#timeoutMs = timeoutMs;
    this.#tries = tries;
    this.#onNoAnswer = onNoAnswer;
  }

  /**
   * Sends a request and returns the reply; one request at a time.
   *
   * @returns The frames of the reply.
   * @throws {GaveUpError} If there is no reply; the signal's reason if it is aborted.
   */
  async request(
    message: zmq.MessageLike | readonly zmq.MessageLike[],
    signal?: AbortSignal,
  ): Promise<zmq.Message> {
    if (this.#isBusy) {
      throw new Error("Cannot send two requests at the same time");
    }
    this.#isBusy = true;
    try {
      for (let attempt = 1; attempt <= this.#tries; attempt++) {
        try {
          return await this.attempt(message, this.#timeoutMs, signal);
        } catch (error: unknown) {
          // EAGAIN is a timeout; after any other error there is no point in retrying.
          if ((error as zmq.ZmqError).code !== "EAGAIN") throw error;
          this.#onNoAnswer(attempt);
        }
      }
      throw new GaveUpError(this.address, this.#tries, this.#timeoutMs);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Makes one attempt. */
  protected abstract attempt(
    message: zmq.MessageLike | readonly zmq.MessageLike[],
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<zmq.Message>;

  /** Closes it. */
  abstract [Symbol.asyncDispose](): Promise<void>;
}
