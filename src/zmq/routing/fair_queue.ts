/**
 * Layer: routing. Takes one message from each peer in turn, so that a busy peer
 * does not starve the others (RFC 28, RFC 30: "fair-queue"). No I/O.
 *
 * A peer that reconnects gets a new pipe while the old one may still hold
 * unread messages. To preserve their order, a new pipe is not read before the
 * old pipes of the same address and routing id have been read to the end. Peers
 * without a routing id cannot be distinguished.
 *
 * @module
 */
import { bytesEqual } from "../bytes.ts";
import type { Message } from "../message.ts";
import type { Pipe } from "./pipe.ts";
import { ActiveList } from "./active_list.ts";

/** Receives from many pipes. */
export class FairQueue {
  /** The pipe of the message that `receive` returned last. */
  lastPipe: Pipe | undefined;
  readonly #pipes: ActiveList = new ActiveList();
  /** Pipes that will get no more messages, but have some left to read. */
  #ending: Set<Pipe> | undefined;
  /** Pipes that must not be read before others have been read to the end. */
  #blocked: Map<Pipe, readonly Pipe[]> | undefined;

  /** Adds a pipe; it is assumed to be readable until a read fails. */
  attach(pipe: Pipe): void {
    if (this.#ending !== undefined && this.#ending.size > 0) {
      const earlier = [...this.#ending].filter((one) =>
        one.unread > 0 && isSameSender(one, pipe)
      );
      if (earlier.length > 0) {
        this.#blocked ??= new Map();
        return void this.#blocked.set(pipe, earlier);
      }
    }
    this.#pipes.add(pipe);
  }

  /** Removes a pipe, if it is there. */
  detach(pipe: Pipe): void {
    this.#pipes.remove(pipe);
    this.#blocked?.delete(pipe);
    if (this.lastPipe === pipe) this.lastPipe = undefined;
    if (this.#ending?.delete(pipe)) this.#unblock();
  }

  /** A pipe will get no more messages, but has some left to read. */
  ending(pipe: Pipe): void {
    (this.#ending ??= new Set()).add(pipe);
  }

  /** A pipe has a message to read. */
  readable(pipe: Pipe): void {
    this.#pipes.activate(pipe);
  }

  /** Whether a message can be received. */
  get canReceive(): boolean {
    do {
      if (this.#pipes.seek((pipe) => pipe.canRead) !== undefined) return true;
    } while (this.#unblock());
    return false;
  }

  /** The next message; `undefined` if no pipe has one. */
  receive(): Message | undefined {
    for (;;) {
      const pipe = this.#pipes.current;
      if (pipe === undefined) {
        if (this.#unblock()) continue;
        return undefined;
      }
      // Reading its last message may detach the pipe, so advance before that.
      this.#pipes.advance();
      const message = pipe.read();
      if (message !== undefined) {
        this.lastPipe = pipe;
        return message;
      }
      this.#pipes.deactivate(pipe);
    }
  }

  /** Adds the pipes that no longer wait for others; returns whether there were any. */
  #unblock(): boolean {
    const blocked = this.#blocked;
    if (blocked === undefined || blocked.size === 0) return false;
    let isAny = false;
    for (const [pipe, earlier] of blocked) {
      const isUnread = (one: Pipe) => this.#ending?.has(one) && one.unread > 0;
      if (earlier.some(isUnread)) continue;
      blocked.delete(pipe);
      this.#pipes.add(pipe);
      isAny = true;
    }
    return isAny;
  }
}

/** Whether both pipes may be of the same peer: it was accepted at the same address and has the same routing id. */
function isSameSender(earlier: Pipe, later: Pipe): boolean {
  return earlier.routingId !== undefined && later.routingId !== undefined &&
    earlier.address === later.address &&
    bytesEqual(earlier.routingId, later.routingId);
}
