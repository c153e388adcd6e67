/**
 * Example: lazy pirate, by hand. A REQ that got no answer cannot send again, so
 * the client throws the socket away and opens another. A late answer finds its
 * socket gone. Needs nothing of its peer: any REP or ROUTER will do.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { PirateClient } from "./pirate_client.ts";

/** A client that opens a new socket for each further try. */
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
    // What was not sent yet goes away with the socket.
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
