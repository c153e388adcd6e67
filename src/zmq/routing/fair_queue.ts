/**
 * Layer: routing. Takes one message from each peer in turn, so that a busy one
 * starves nobody (RFC 28, RFC 30: "fair-queue"). No I/O.
 *
 * A peer that has lost its connection comes back with another pipe, while
 * something of the first may wait to be read. So that its messages stay in
 * their order, a new pipe has its first turn when those have been read whose
 * connection was lost before, to the same address and with the same routing id.
 * Peers without one cannot be told from each other.
 *
 * @module
 */
import { bytesEqual } from "../bytes.ts";
import type { Message } from "../message.ts";
import type { Pipe } from "./pipe.ts";
import { ActiveList } from "./active_list.ts";

/** Receives from many pipes. */
export class FairQueue {
  /** Where the message that `receive` returned last came from. */
  lastPipe: Pipe | undefined;
  readonly #pipes: ActiveList = new ActiveList();
  /** Pipes that nothing is added to, and of which something is left to read. */
  readonly #ending: Set<Pipe> = new Set();
  /** Pipes that wait for others to be read to their end. */
  readonly #held: Map<Pipe, readonly Pipe[]> = new Map();

  /** Adds a pipe; it is taken to be readable until it shows otherwise. */
  attach(pipe: Pipe): void {
    if (this.#ending.size > 0) {
      const earlier = [...this.#ending].filter((one) =>
        one.unread > 0 && isSameSender(one, pipe)
      );
      if (earlier.length > 0) return void this.#held.set(pipe, earlier);
    }
    this.#pipes.add(pipe);
  }

  /** Removes a pipe; one that is not there is no error. */
  detach(pipe: Pipe): void {
    this.#pipes.remove(pipe);
    this.#held.delete(pipe);
    if (this.lastPipe === pipe) this.lastPipe = undefined;
    if (this.#ending.delete(pipe)) this.#admit();
  }

  /** Notes that nothing will be added to what is left to read of a pipe. */
  ending(pipe: Pipe): void {
    this.#ending.add(pipe);
  }

  /** Notes that there is something to read. */
  readable(pipe: Pipe): void {
    this.#pipes.activate(pipe);
  }

  /** Whether a message is there. */
  get canReceive(): boolean {
    do {
      if (this.#pipes.seek((pipe) => pipe.canRead) !== undefined) return true;
    } while (this.#admit());
    return false;
  }

  /** The next message; `undefined` if no pipe has one. */
  receive(): Message | undefined {
    for (;;) {
      const pipe = this.#pipes.current;
      if (pipe === undefined) {
        if (this.#admit()) continue;
        return undefined;
      }
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

  /** Gives pipes their turn for which others had to be read; returns whether there were any. */
  #admit(): boolean {
    let isAny = false;
    for (const [pipe, earlier] of this.#held) {
      const isUnread = (one: Pipe) => this.#ending.has(one) && one.unread > 0;
      if (earlier.some(isUnread)) continue;
      this.#held.delete(pipe);
      this.#pipes.add(pipe);
      isAny = true;
    }
    return isAny;
  }
}

/** Whether one may have come back as the other: it was accepted at the same address, and calls itself the same. */
function isSameSender(earlier: Pipe, later: Pipe): boolean {
  return earlier.routingId !== undefined && later.routingId !== undefined &&
    earlier.address === later.address &&
    bytesEqual(earlier.routingId, later.routingId);
}
