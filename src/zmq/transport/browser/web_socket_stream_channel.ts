/**
 * Layer: transport. A channel over `WebSocketStream`, which Chromium has: the
 * browser reads on only when the page has taken what came, so TCP holds back the
 * peer of a slow page, and nothing has to be dropped.
 *
 * @module
 */
import { withResolvers } from "../../../async/promises.ts";
import { ZmqError } from "../../errors.ts";
import type { Channel, ChannelHandler } from "../channel/channel.ts";

/** What is used of `WebSocketStream`. */
export interface WebSocketStreamLike {
  readonly opened: Promise<OpenStream>;
  readonly closed: Promise<unknown>;
}

/** The streams of an open `WebSocketStream`. */
export interface OpenStream {
  readonly readable: ReadableStream<string | Uint8Array | ArrayBuffer>;
  readonly writable: WritableStream<Uint8Array>;
  readonly protocol: string;
}

/** A channel over an open `WebSocketStream`. */
export class WebSocketStreamChannel implements Channel {
  readonly #reader: ReadableStreamDefaultReader<
    string | Uint8Array | ArrayBuffer
  >;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #handler: ChannelHandler | undefined;
  /** Resolves when delivery may go on; undefined while it may. */
  #paused: ReturnType<typeof withResolvers<void>> | undefined;
  #isClosed = false;

  constructor({ readable, writable }: OpenStream) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {}); // the reader learns of it
  }

  start(handler: ChannelHandler): void {
    this.#handler = handler;
    this.#deliver().then(() => this.#end(undefined), (cause: unknown) => {
      this.#end(cause instanceof ZmqError ? cause : lost(cause));
    });
  }

  send(message: Uint8Array): void {
    this.#writer.write(message).catch(() => {}); // `whenDrained` reports it
  }

  whenDrained(done: (error?: Error) => void): void {
    this.#writer.ready.then(() => done(), (cause) => done(lost(cause)));
  }

  pause(): void {
    this.#paused ??= withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  end(): void {
    this.#writer.close().catch(() => {}); // after all that was written
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#writer.abort().catch(() => {});
    this.#reader.cancel().catch(() => {});
    queueMicrotask(() => this.#end(undefined));
  }

  async #deliver(): Promise<void> {
    for (;;) {
      await this.#paused?.promise;
      const { value, done } = await this.#reader.read();
      if (done) return;
      // A message that was on its way when the session paused.
      while (this.#paused !== undefined) await this.#paused.promise;
      if (typeof value === "string") {
        this.destroy();
        throw new ZmqError("EPROTO", "The peer has sent a text message");
      }
      this.#handler?.channelMessage(
        value instanceof ArrayBuffer ? new Uint8Array(value) : value,
      );
    }
  }

  #end(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.resume();
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.channelClosed(error);
  }
}

function lost(cause: unknown): ZmqError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ZmqError("ECONNRESET", `The WebSocket was closed: ${why}`, {
    cause,
  });
}
