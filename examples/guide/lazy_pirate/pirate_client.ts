/**
 * Example: lazy pirate. What a client does whose server may be slow, crash or
 * be away: it waits for so long, asks again, and gives up in the end. How it
 * asks again is up to the two classes beside this one.
 *
 * A request may be served more than once; servers must not mind.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";

/** How patient a client is. */
export interface PirateOptions {
  /** How long one try may take, in milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
  /** How often it asks. Default 3. */
  readonly tries?: number;
  /** Told each time that no answer came. */
  readonly onNoAnswer?: (attempt: number) => void;
}

/** There was no answer, however often the client asked. */
export class GaveUpError extends Error {
  override readonly name = "GaveUpError";
  readonly code = "EGAVEUP";
  readonly tries: number;

  constructor(address: string, tries: number, timeoutMs: number) {
    super(
      `Cannot get an answer from "${address}": ${tries} tries of ${timeoutMs} ms`,
    );
    this.tries = tries;
  }
}

/** A client that asks again. */
export abstract class PirateClient implements AsyncDisposable {
  /** Where the server is. */
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
   * Asks, one request at a time.
   *
   * @returns the frames of the answer
   * @throws {GaveUpError} when no answer came; the signal's reason when aborted
   */
  async request(
    message: zmq.MessageLike | readonly zmq.MessageLike[],
    signal?: AbortSignal,
  ): Promise<zmq.Message> {
    if (this.#isBusy) throw new Error("Cannot ask twice at a time");
    this.#isBusy = true;
    try {
      for (let attempt = 1; attempt <= this.#tries; attempt++) {
        try {
          return await this.attempt(message, this.#timeoutMs, signal);
        } catch (error: unknown) {
          // EAGAIN: the time is over. All else is no reason to ask again.
          if ((error as zmq.ZmqError).code !== "EAGAIN") throw error;
          this.#onNoAnswer(attempt);
        }
      }
      throw new GaveUpError(this.address, this.#tries, this.#timeoutMs);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Asks once. */
  protected abstract attempt(
    message: zmq.MessageLike | readonly zmq.MessageLike[],
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<zmq.Message>;

  /** Closes it. */
  abstract [Symbol.asyncDispose](): Promise<void>;
}
