/**
 * Layer: routing. Writes a message to several pipes; one that is full misses
 * it, the others do not (RFC 29). No I/O.
 *
 * @module
 */
import { allocate, EMPTY } from "../bytes.ts";
import { detached, type Message } from "../message.ts";
import { MessageRun, packedSize } from "../message_run.ts";
import { SLAB_SIZE } from "../slab_pool.ts";
import type { Pipe } from "./pipe.ts";

/** Whether all the pipes have room for one more message; a pipe whose peer has disconnected does not count. */
export function allCanWrite(pipes: Iterable<Pipe>): boolean {
  for (const pipe of pipes) if (!pipe.canWrite && !pipe.isOver) return false;
  return true;
}

/**
 * Writes to each pipe that has room. All pipes whose holder encodes the message
 * share a single copy of it.
 */
export function fanOut(pipes: readonly Pipe[], message: Message): void {
  if (pipes.length === 1) return void pipes[0]!.write(message);
  let shared: Message | undefined;
  for (const pipe of pipes) {
    if (pipe.isEncoded) pipe.write(shared ??= detached(message), true);
    else pipe.write(message);
  }
}

/**
 * The same for one message after another. Those to the same sessions are encoded
 * once, one behind the other, in memory that all of them share: so with 100
 * subscribers a small message took a PUB 3.5 µs of CPU time instead of 26 (Node 20).
 *
 * The first one is written at once; the sessions are notified and decide when
 * they write. What comes after it is held back until one of them does, until the
 * memory or a pipe is full, or until a message has other receivers.
 */
export class FanOut {
  /** What is held back; each target has a message ahead of it, or has read that. */
  #held: MessageRun | undefined;
  /** Whom it is for, and those of them that had room. */
  #peers: readonly Pipe[] = [];
  #targets: readonly Pipe[] = [];
  /** How many more messages each target has room for. */
  #room = 0;
  /** Where runs are made, and how much of it is used. */
  #memory: Uint8Array = EMPTY;
  #used = 0;

  /** Adds a pipe that messages may be held back for. */
  attach(pipe: Pipe): void {
    pipe.writeHeld = this.#writeHeld;
  }

  /**
   * Writes to each pipe that has room, now or before its session writes.
   *
   * @param peers Must not be changed afterwards. The same array as last time
   *   is the same peers.
   */
  send(peers: readonly Pipe[], message: Message): void {
    const size = packedSize(message);
    const isHeld = this.#held !== undefined && peers === this.#peers &&
      this.#room > 0 && this.#held.append(message, size);
    if (isHeld) {
      this.#room--;
      return;
    }
    this.flush();
    const isShared = peers.length > 1 && size <= SLAB_SIZE &&
      peers.every((pipe) => pipe.isEncoded);
    if (isShared) this.#begin(peers, message, size);
    else fanOut(peers, message);
  }

  /** Writes what is held back. */
  flush(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    if (held.count > 0) this.#write(held);
    this.#targets = this.#peers = []; // they may close
  }

  readonly #writeHeld = (): void => this.flush();

  /** Writes a message, and holds back what comes after it. */
  #begin(peers: readonly Pipe[], message: Message, size: number): void {
    const targets: Pipe[] = [];
    let least = Infinity;
    for (const pipe of peers) {
      const { room } = pipe;
      if (room === 0) continue;
      targets.push(pipe);
      least = Math.min(least, room);
    }
    if (targets.length === 0) return;
    this.#peers = peers;
    this.#targets = targets;
    this.#room = least - 1;
    if (this.#memory.byteLength - this.#used < size) {
      // Not out of the pool: it is not known when the last of many has written it.
      this.#memory = allocate(SLAB_SIZE);
      this.#used = 0;
    }
    const first = new MessageRun(this.#memory, this.#used);
    first.append(message, size);
    this.#write(first);
    // A session that has read it already would not learn of what comes after it.
    const isAhead = targets.every((pipe) => pipe.unsent > 0);
    if (isAhead) this.#held = new MessageRun(this.#memory, this.#used);
  }

  #write(run: MessageRun): void {
    this.#used = run.end;
    for (const pipe of this.#targets) pipe.writeRun(run.share());
  }
}
