/**
 * Layer: routing. Gives one message to each peer in turn and passes over those
 * that are full (RFC 28, RFC 30: "round-robin"). No I/O.
 *
 * @module
 */
import type { Message } from "../message.ts";
import { ActiveList } from "./active_list.ts";
import type { Pipe } from "./pipe.ts";

/** Sends to many pipes. */
export class RoundRobin {
  /** Where the message that `send` took last has gone. */
  lastPipe: Pipe | undefined;
  readonly #pipes: ActiveList = new ActiveList();

  /** Adds a pipe; it is taken to have room until it shows otherwise. */
  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
  }

  /** Removes a pipe; one that is not there is no error. */
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

  /** Sends to the next pipe with room; false, and nothing kept, if there is none. */
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
