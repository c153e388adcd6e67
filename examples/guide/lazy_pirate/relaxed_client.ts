/**
 * Example: lazy pirate, with options. The client keeps one REQ:
 *
 * - `relaxed`: it may send again before the reply has arrived;
 * - `correlate`: each request has an id, and only the reply to the last one is
 *   received. `relaxed` alone would mistake a late reply for the reply to the
 *   next request;
 * - `immediate`: nothing is queued while the server is away, so that it does not
 *   find every attempt of every client when it comes back;
 * - heartbeats: a connection that broke silently is noticed.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { PirateClient, type PirateOptions } from "./pirate_client.ts";

/** A client that retries on the same socket. */
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
    // Waits for a connection, and then for the reply.
    await this.#socket.send(message, { timeout, signal });
    const left = Math.max(0, Math.ceil(end - performance.now()));
    return await this.#socket.receive({ timeout: left, signal });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }
}
