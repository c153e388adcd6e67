/**
 * Example: lazy pirate, by options. One REQ for ever:
 *
 * - `relaxed`: it may send again before the answer came;
 * - `correlate`: each request has an id, and only the answer to the last one
 *   counts. `relaxed` alone would take a late answer for that to the next
 *   question;
 * - `immediate`: nothing waits for a server that is away, so that it does not
 *   find every try of every client when it comes back;
 * - heartbeats: a connection that is dead without saying so is noticed.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { PirateClient, type PirateOptions } from "./pirate_client.ts";

/** A client that asks again on the same socket. */
export class RelaxedClient extends PirateClient {
  readonly #socket: zmq.Request;

  constructor(address: string, options: PirateOptions = {}) {
    super(address, options);
    this.#socket = new zmq.Request({
      relaxed: true,
      correlate: true,
      immediate: true,
      heartbeatInterval: 1000,
      linger: 0,
    });
    this.#socket.connect(address);
  }

  protected override async attempt(
    message: zmq.MessageLike | readonly zmq.MessageLike[],
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<zmq.Message> {
    const end = performance.now() + timeout;
    // Waits for a connection, and then for the answer.
    await this.#socket.send(message, { timeout, signal });
    const left = Math.max(0, Math.ceil(end - performance.now()));
    return await this.#socket.receive({ timeout: left, signal });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }
}
