/**
 * Layer: manager.
 *
 * The streams of one socket. While at least one waits, it receives, and gives
 * each message to every stream of its topic; so two loops over two topics of
 * one socket do not take each other's events.
 *
 * @module
 */
import type { Channel, Frames } from "./channel.ts";
import type { Stream } from "./event_stream.ts";
import { Deadline } from "../async/deadline.ts";

/** Hands messages out to streams. */
export class EventHub {
  readonly #channel: Channel;
  readonly #streams: Set<Stream> = new Set();
  #receiving: AbortController | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Adds a stream. */
  add(stream: Stream): void {
    this.#streams.add(stream);
  }

  /** Forgets a stream. */
  delete(stream: Stream): void {
    this.#streams.delete(stream);
    this.update();
  }

  /** Ends all streams. */
  end(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Receives if a stream waits, and stops if none does: others may want to receive. */
  update(): void {
    if (!this.#isWanted) this.#receiving?.abort();
    else if (this.#receiving === undefined) {
      try {
        this.#channel.receiveNow(this.#handOut);
      } catch (error) {
        this.#fail(error);
      }
      if (this.#isWanted) void this.#receive();
    }
  }

  get #isWanted(): boolean {
    for (const stream of this.#streams) if (stream.isHungry) return true;
    return false;
  }

  async #receive(): Promise<void> {
    const receiving = this.#receiving = new AbortController();
    try {
      const wait = new Deadline({ signal: receiving.signal });
      await this.#channel.receive(wait, this.#handOut);
    } catch (error) {
      if (!receiving.signal.aborted) this.#fail(error);
    }
    this.#receiving = undefined;
    this.update();
  }

  #fail(error: unknown): void {
    if (this.#channel.socket.closed) return this.end();
    for (const stream of this.#streams) stream.fail(error);
  }

  /** A message of no stream's topic (the socket has other topics too) goes to all. */
  readonly #handOut = (frames: Frames): void => {
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
