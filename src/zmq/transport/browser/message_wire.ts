/**
 * Layer: transport. A wire over a WebSocket of the browser.
 *
 * @module
 */
import type { Wire, WireHandler } from "../wire.ts";
import type { Channel, ChannelHandler } from "./channel.ts";
import { IncomingMessages, OutgoingMessages } from "./zws_messages.ts";

/** How long to wait for the peer's end after ours. */
const END_TIMEOUT_MS = 500;

/** A wire that carries the frames of ZeroMQ as messages of a channel. */
export class MessageWire implements Wire, ChannelHandler {
  readonly remoteAddress: string;
  readonly #channel: Channel;
  readonly #incoming = new IncomingMessages();
  readonly #outgoing = new OutgoingMessages();
  #handler: WireHandler | undefined;
  #isTypeKnown = false;
  #endTimer: ReturnType<typeof setTimeout> | undefined;
  #failure: Error | undefined;

  constructor(channel: Channel, remoteAddress: string) {
    this.#channel = channel;
    this.remoteAddress = remoteAddress;
  }

  start(handler: WireHandler): void {
    this.#handler = handler;
    queueMicrotask(() => {
      this.#handler?.wireData(this.#incoming.greeting());
      this.#channel.start(this);
    });
  }

  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
    progressed?: (size: number) => void,
  ): void {
    for (const message of this.#outgoing.translate(chunks)) {
      this.#channel.send(message);
    }
    const { type } = this.#outgoing;
    if (type !== undefined && !this.#isTypeKnown) {
      this.#isTypeKnown = true;
      queueMicrotask(() => this.#deliver(this.#incoming.typeKnown(type)));
    }
    this.#channel.whenDrained((error) => {
      if (error === undefined) {
        progressed?.(
          chunks.reduce((sum, { byteLength }) => sum + byteLength, 0),
        );
      }
      done(error);
    });
  }

  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  end(): void {
    this.#channel.resume(); // to learn of the peer's end
    this.#channel.end();
    this.#endTimer ??= setTimeout(
      () => this.#channel.destroy(),
      END_TIMEOUT_MS,
    );
  }

  destroy(): void {
    this.#channel.destroy();
  }

  // Called by the channel.

  channelMessage(message: Uint8Array): void {
    try {
      this.#deliver(this.#incoming.translate(message));
    } catch (error) {
      this.#failure ??= error as Error;
      this.#channel.destroy();
    }
  }

  channelClosed(error: Error | undefined): void {
    clearTimeout(this.#endTimer);
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.wireClosed(this.#failure ?? error);
  }

  #deliver(parts: readonly Uint8Array[]): void {
    for (const part of parts) this.#handler?.wireData(part);
  }
}
