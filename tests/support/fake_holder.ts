/**
 * Test support. A pipe's holder that records its notifications,
 * and pipes with such holders at one or both ends. No I/O.
 *
 * @module
 */
import {
  type Pipe,
  type PipeHolder,
  pipePair,
} from "../../src/zmq/routing/pipe.ts";
import type { SlabPool } from "../../src/zmq/slab_pool.ts";
import { texts, utf8 } from "./bytes.ts";

/** A holder that only records its notifications. */
export class FakeHolder implements PipeHolder {
  /** The notifications, in order. */
  readonly events: ("readable" | "writable" | "closed")[] = [];
  /** Called with each notification, to react. */
  react: (event: "readable" | "writable" | "closed", pipe: Pipe) => void =
    () => {};

  pipeReadable(pipe: Pipe): void {
    this.#note("readable", pipe);
  }

  pipeWritable(pipe: Pipe): void {
    this.#note("writable", pipe);
  }

  pipeClosed(pipe: Pipe): void {
    this.#note("closed", pipe);
  }

  /** The notifications since the last call. */
  take(): string[] {
    return this.events.splice(0);
  }

  #note(event: "readable" | "writable" | "closed", pipe: Pipe): void {
    this.events.push(event);
    this.react(event, pipe);
  }
}

/** A pipe with its two holders. */
export interface FakePipe {
  readonly a: Pipe;
  readonly b: Pipe;
  readonly atA: FakeHolder;
  readonly atB: FakeHolder;
}

/**
 * Makes a pipe whose queues towards `a` and `b` have these marks.
 *
 * @param slabs Makes `b` the end of a session.
 */
export function fakePipe(
  towardsA = 0,
  towardsB = 0,
  slabs?: SlabPool,
): FakePipe {
  const [a, b] = pipePair([towardsA, towardsB], slabs);
  const atA = a.holder = new FakeHolder();
  const atB = b.holder = new FakeHolder();
  return { a, b, atA, atB };
}

/** Reads all that waits, one text a message. */
export function readAll(pipe: Pipe): string[] {
  const all: string[] = [];
  for (let m = pipe.read(); m !== undefined; m = pipe.read()) {
    all.push(texts(m).join("|"));
  }
  return all;
}

/** A message of one frame. */
export function one(text: string): Uint8Array[] {
  return [utf8(text)];
}
