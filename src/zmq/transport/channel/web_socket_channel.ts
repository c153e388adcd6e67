/**
 * Layer: transport. A channel over `WebSocket`, which every browser has,
 * and servers of some runtimes.
 *
 * It cannot be paused: what arrives meanwhile waits here, up to a limit, beyond
 * which the connection is closed, as the page's memory would grow without end.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";
import type { Channel, ChannelHandler } from "./channel.ts";
import { closedError } from "./closed_error.ts";

/** The bytes that may wait for a slow page; 32 MiB. */
export const MAX_WAITING_BYTES: number = 32 * 1024 * 1024;

/** So much may wait in the browser to be sent, before the session writes more. */
const SEND_LIMIT_BYTES = 256 * 1024;
/** There is no event for it, so the amount is looked at so often. */
const DRAIN_CHECK_MS = 4;

const OPEN = 1;

/** What is used of a `WebSocket`. */
export interface WebSocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(message: Uint8Array<ArrayBuffer>): void;
  close(code: number): void;
}

/** A channel over an open `WebSocket`. */
export class WebSocketChannel implements Channel {
  readonly #socket: WebSocketLike;
  readonly #limit: number;
  #handler: ChannelHandler | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = true;
  /** How it ended, once it has. */
  #closed: { readonly error: Error | undefined } | undefined;
  #failure: Error | undefined;

  /** @param limit For tests: the bytes that may wait for a slow page. */
  constructor(socket: WebSocketLike, limit: number = MAX_WAITING_BYTES) {
    this.#socket = socket;
    this.#limit = limit;
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code, reason }) => this.#end(closedError(code, reason));
  }

  start(handler: ChannelHandler): void {
    this.#handler = handler;
    this.resume();
  }

  send(message: Uint8Array): void {
    // After its end a WebSocket would only count what it drops.
    if (this.#socket.readyState !== OPEN) return;
    this.#socket.send(message as Uint8Array<ArrayBuffer>);
  }

  whenDrained(done: (error?: Error) => void): void {
    if (this.#socket.readyState !== OPEN) {
      const error = new ZmqError("ECONNRESET", "The WebSocket is closed");
      queueMicrotask(() => done(error));
    } else if (this.#socket.bufferedAmount <= SEND_LIMIT_BYTES) {
      queueMicrotask(done);
    } else setTimeout(() => this.whenDrained(done), DRAIN_CHECK_MS);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (this.#handler === undefined) return;
    this.#isPaused = false;
    this.#deliver();
  }

  end(): void {
    this.#socket.close(1000);
  }

  destroy(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#socket.close(1000);
    this.#isPaused = false;
    // The browser waits for the peer's answer before it reports the end.
    queueMicrotask(() => this.#end(undefined));
  }

  #received(data: unknown): void {
    if (this.#closed !== undefined) return;
    if (!(data instanceof ArrayBuffer)) {
      return this.#fail("EPROTO", "The peer has sent a text message");
    }
    this.#waiting.push(new Uint8Array(data));
    this.#waitingBytes += data.byteLength;
    if (!this.#isPaused) this.#deliver();
    else if (this.#waitingBytes > this.#limit) {
      this.#fail(
        "ENOBUFS",
        `More than ${this.#limit} bytes wait to be received: a WebSocket cannot hold back its peer`,
      );
    }
  }

  #fail(code: string, message: string): void {
    this.#failure = new ZmqError(code, message);
    this.destroy();
  }

  #end(error: Error | undefined): void {
    this.#closed ??= { error: this.#failure ?? error };
    this.#deliver();
  }

  /** What has arrived reaches the handler before it learns of the end. */
  #deliver(): void {
    const handler = this.#handler;
    let next = 0;
    while (!this.#isPaused && next < this.#waiting.length) {
      const message = this.#waiting[next++]!;
      this.#waitingBytes -= message.byteLength;
      handler?.channelMessage(message);
    }
    this.#waiting = this.#waiting.slice(next);
    const isDone = !this.#isPaused && this.#waiting.length === 0;
    if (!isDone || this.#closed === undefined) return;
    this.#handler = undefined;
    handler?.channelClosed(this.#closed.error);
  }
}
