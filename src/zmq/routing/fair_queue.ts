/**
 * Layer: routing. Takes one message from each peer in turn, so that a busy one
 * starves nobody (RFC 28, RFC 30: "fair-queue"). No I/O.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { Pipe } from "./pipe.ts";
import { ActiveList } from "./active_list.ts";

/** Receives from many pipes. */
export class FairQueue {
  /** Where the message that `receive` returned last came from. */
  lastPipe: Pipe | undefined;
  readonly #pipes: ActiveList = new ActiveList();

  /** Adds a pipe; it is taken to be readable until it shows otherwise. */
  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
  }

  /** Removes a pipe; one that is not there is no error. */
  detach(pipe: Pipe): void {
    this.#pipes.remove(pipe);
    if (this.lastPipe === pipe) this.lastPipe = undefined;
  }

  /** Notes that there is something to read. */
  readable(pipe: Pipe): void {
    this.#pipes.activate(pipe);
  }

  /** Whether a message is there. */
  get canReceive(): boolean {
    return this.#pipes.seek((pipe) => pipe.canRead) !== undefined;
  }

  /** The next message; `undefined` if no pipe has one. */
  receive(): Message | undefined {
    for (;;) {
      const pipe = this.#pipes.current;
      if (pipe === undefined) return undefined;
      // Reading its last message may detach the pipe: pass on from it before.
      this.#pipes.advance();
      const message = pipe.read();
      if (message !== undefined) {
        this.lastPipe = pipe;
        return message;
      }
      this.#pipes.deactivate(pipe);
    }
  }
}
