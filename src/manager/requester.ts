/**
 * Layer: manager.
 *
 * The reliable request over a REQ socket: sent again when no answer comes, and
 * only the answer to what was sent last counts. Requests on one socket queue.
 *
 * @module
 */
import { SocketTypeMismatch } from "../errors.ts";
import { REQ } from "../zmq/mod.ts";
import type { Channel, Frames } from "./channel.ts";
import { RequestTimeoutError, socketFailure } from "./failures.ts";
import { Mutex } from "../async/mutex.ts";
import { typeName } from "./socket_types.ts";
import { checkTimeout, Deadline } from "../async/deadline.ts";

/** How a request is made. */
export interface RequestWait {
  /** How long each attempt waits, in milliseconds; -1 for ever. */
  readonly timeout: number;
  /** How often the request is sent again. */
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
}

/** Makes the requests of one socket. */
export class Requester {
  readonly #channel: Channel;
  readonly #mutex = new Mutex();
  #isReady = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws {RequestTimeoutError} After the last attempt.
   */
  async request(
    frames: Frames,
    { timeout, retries, signal }: RequestWait,
  ): Promise<Frames> {
    const timeoutMs = checkTimeout(timeout);
    if (!Number.isSafeInteger(retries) || retries < 0) {
      throw new RangeError(
        `The retries cannot be ${retries}: expected an integer from 0`,
      );
    }
    this.#prepare();
    await this.#mutex.lock(new Deadline({ signal }));
    try {
      for (let attempt = 0; attempt <= retries; attempt++) {
        const wait = new Deadline({ signal }, timeoutMs);
        if (!await this.#channel.send(frames, wait)) continue;
        const answer = await this.#channel.receive(wait);
        if (answer !== undefined) return answer;
      }
    } finally {
      this.#mutex.unlock();
    }
    const { name, socket } = this.#channel;
    throw new RequestTimeoutError(
      name,
      retries + 1,
      timeoutMs,
      socket.lastConnectError,
    );
  }

  /** Lets the socket send again before an answer, and know which answer is to what. */
  #prepare(): void {
    if (this.#isReady) return;
    const { name, socket } = this.#channel;
    if (socket.type !== REQ) {
      const actual = typeName(socket.type);
      throw new SocketTypeMismatch(name, { expected: "REQ", actual });
    }
    try {
      socket.setOption("relaxed", true);
      socket.setOption("correlate", true);
    } catch (error) {
      throw socketFailure("Cannot make requests on", name, error);
    }
    this.#isReady = true;
  }
}
