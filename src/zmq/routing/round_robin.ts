/**
 * Layer: routing. Sends one message to each peer in turn and skips those that
 * are full (RFC 28, RFC 30: "round-robin"). No I/O.
 *
 * @module
 */
import type { Message } from "../message.ts";
import { ActiveList } from "./active_list.ts";
import type { Pipe } from "./pipe.ts";

/** Sends to many pipes. */
export class RoundRobin {
  /** The pipe that the last message was sent to. */
  lastPipe: Pipe | undefined;
  readonly #pipes: ActiveList = new ActiveList();

  /** Adds a pipe; it is assumed to have room until a write fails. */
  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
  }

  /** Removes a pipe, if it is there. */
  detach(pipe: Pipe): void {
    this.#pipes.remove(pipe);
    if (this.lastPipe === pipe) this.lastPipe = undefined;
  }

  /** Notes that there is room. */
  writable(pipe: Pipe): void {
    this.#pipes.activate(pipe);
  }

  /** Whether a pipe has room. */
  get canSend(): boolean {
    return this.#pipes.seek((pipe) => pipe.canWrite) !== undefined;
  }

  /** Sends to the next pipe with room; returns false if there is none. */
  send(message: Message): boolean {
    for (;;) {
      const pipe = this.#pipes.current;
      if (pipe === undefined) return false;
      if (pipe.write(message)) {
        this.lastPipe = pipe;
        this.#pipes.advance();
        return true;
      }
      this.#pipes.deactivate(pipe);
    }
  }
}
