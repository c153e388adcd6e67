/**
 * Example: lazy pirate, by hand. A REQ without a reply cannot send again, so the
 * client closes the socket and opens another. A late reply then has no socket to
 * go to. It works with any REP or ROUTER.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { PirateClient } from "./pirate_client.ts";

/** A client that opens a new socket for each retry. */
export class ReopeningClient extends PirateClient {
  #socket: zmq.Request | undefined;

  protected override async attempt(
    message: zmq.MessageLike | readonly zmq.MessageLike[],
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<zmq.Message> {
    const socket = this.#socket ??= this.#open();
    try {
      await socket.send(message, { timeout, signal });
      return await socket.receive({ timeout, signal });
    } catch (error: unknown) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  #open(): zmq.Request {
    // A request that was not sent is dropped with the socket.
    const socket = new zmq.Request({ linger: 0 });
    socket.connect(this.address);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
  }
}
