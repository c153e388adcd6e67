/**
 * Layer: manager.
 *
 * The event streams of one socket. While at least one of them waits, this
 * receives, and passes each message to every stream of its topic: two loops
 * over two topics of one socket do not take each other's events.
 *
 * @module
 */
import { Deadline } from "../async/deadline.ts";
import type { SocketEventStream } from "./event_stream.ts";
import type { Frames, MessageIO } from "./message_io.ts";

/** Dispatches messages to streams. */
export class EventDispatcher {
  readonly #messages: MessageIO;
  readonly #streams: Set<SocketEventStream> = new Set();
  #receiving: AbortController | undefined;

  constructor(messages: MessageIO) {
    this.#messages = messages;
  }

  /** Adds a stream. */
  add(stream: SocketEventStream): void {
    this.#streams.add(stream);
  }

  /** Removes a stream. */
  delete(stream: SocketEventStream): void {
    this.#streams.delete(stream);
    this.update();
  }

  /** Ends all streams. */
  end(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Receives while a stream waits, and stops when none does, so that other calls can receive. */
  update(): void {
    if (!this.#hasDemand) this.#receiving?.abort();
    else if (this.#receiving === undefined) {
      try {
        this.#messages.receiveNow(this.#dispatch);
      } catch (error) {
        this.#fail(error);
      }
      if (this.#hasDemand) void this.#receive();
    }
  }

  get #hasDemand(): boolean {
    for (const stream of this.#streams) if (stream.isWaiting) return true;
    return false;
  }

  async #receive(): Promise<void> {
    const receiving = this.#receiving = new AbortController();
    try {
      const deadline = new Deadline({ signal: receiving.signal });
      await this.#messages.receive(deadline, this.#dispatch);
    } catch (error) {
      if (!receiving.signal.aborted) this.#fail(error);
    }
    this.#receiving = undefined;
    this.update();
  }

  #fail(error: unknown): void {
    if (this.#messages.socket.closed) return this.end();
    for (const stream of this.#streams) stream.fail(error);
  }

  /** A message of no stream's topic goes to all streams: the socket has further topics. */
  readonly #dispatch = (frames: Frames): void => {
    let isTaken = false;
    for (const stream of this.#streams) {
      if (!stream.matches(frames)) continue;
      stream.deliver(frames);
      isTaken = true;
    }
    if (isTaken) return;
    for (const stream of this.#streams) stream.deliver(frames);
  };
}
