/**
 * Layer: manager.
 *
 * Reliable requests over a REQ socket: a request is sent again when no reply
 * comes, and only the reply to the last attempt counts. The requests of one
 * socket queue (FIFO).
 *
 * @module
 */
import { isIntegerIn } from "../zmq/integers.ts";
import { checkTimeout, Deadline } from "../async/deadline.ts";
import { Mutex } from "../async/mutex.ts";
import { SocketTypeMismatch } from "../errors.ts";
import { REQ } from "../zmq/mod.ts";
import { RequestTimeoutError, socketFailure } from "./failures.ts";
import type { Frames, MessageIO } from "./message_io.ts";
import { typeName } from "./socket_types.ts";

/** How long a request is tried. */
export interface RequestLimits {
  /** How long each attempt waits, in milliseconds; -1 for ever. */
  readonly timeout: number;
  /** How often the request is sent again. */
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
}

/** Sends the requests of one socket. */
export class ReliableRequests {
  readonly #messages: MessageIO;
  readonly #mutex = new Mutex();
  #isReady = false;

  constructor(messages: MessageIO) {
    this.#messages = messages;
  }

  /**
   * Sends a request and receives its reply.
   *
   * @throws {RequestTimeoutError} After the last attempt.
   */
  async request(
    frames: Frames,
    { timeout, retries, signal }: RequestLimits,
  ): Promise<Frames> {
    const timeoutMs = checkTimeout(timeout);
    if (!isIntegerIn(retries, 0)) {
      throw new RangeError(
        `The retries cannot be ${retries}: expected an integer from 0`,
      );
    }
    this.#prepare();
    await this.#mutex.lock(new Deadline({ signal }));
    try {
      for (let attempt = 0; attempt <= retries; attempt++) {
        const deadline = new Deadline({ signal }, timeoutMs);
        if (!await this.#messages.send(frames, deadline)) continue;
        const reply = await this.#messages.receive(deadline);
        if (reply !== undefined) return reply;
      }
    } finally {
      this.#mutex.unlock();
    }
    const { name, socket } = this.#messages;
    throw new RequestTimeoutError(
      name,
      retries + 1,
      timeoutMs,
      socket.lastConnectError,
    );
  }

  /** Lets the socket send before it has the reply, and match replies with requests. */
  #prepare(): void {
    if (this.#isReady) return;
    const { name, socket } = this.#messages;
    if (socket.type !== REQ) {
      const actual = typeName(socket.type);
      throw new SocketTypeMismatch(name, { expected: "REQ", actual });
    }
    try {
      socket.setOption("relaxed", true);
      socket.setOption("correlate", true);
    } catch (error) {
      throw socketFailure("Cannot send requests through", name, error);
    }
    this.#isReady = true;
  }
}
