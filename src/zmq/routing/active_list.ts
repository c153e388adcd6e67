/**
 * Layer: routing. Pipes in a ring of which some are active, with a current one
 * among those; the base of the fair queue and of the round robin. No I/O.
 *
 * Active pipes come before the inactive ones in one array. Adding, activating
 * and advancing take constant time; deactivating moves the pipes behind it, so
 * that the next pipe stays the next one.
 *
 * @module
 */
import type { Pipe } from "./pipe.ts";

/** A list of pipes; those that may have something to do are active. */
export class ActiveList {
  readonly #pipes: Pipe[] = [];
  readonly #index: Map<Pipe, number> = new Map();
  #active = 0;
  #current = 0;

  /** The number of pipes, active or not. */
  get size(): number {
    return this.#pipes.length;
  }

  /** The current pipe; `undefined` if no pipe is active. */
  get current(): Pipe | undefined {
    return this.#active === 0 ? undefined : this.#pipes[this.#current];
  }

  /** Adds a pipe as an active one. */
  add(pipe: Pipe): void {
    if (this.#index.has(pipe)) return;
    this.#index.set(pipe, this.#pipes.length);
    this.#pipes.push(pipe);
    this.activate(pipe);
  }

  /** Whether the pipe is in the list. */
  has(pipe: Pipe): boolean {
    return this.#index.has(pipe);
  }

  /** Removes a pipe, if it is in the list. */
  remove(pipe: Pipe): void {
    if (!this.#index.has(pipe)) return;
    this.deactivate(pipe);
    const last = this.#pipes.length - 1;
    this.#swap(this.#index.get(pipe)!, last);
    this.#pipes.pop();
    this.#index.delete(pipe);
  }

  /** Makes a pipe active, behind those that are. */
  activate(pipe: Pipe): void {
    const index = this.#index.get(pipe);
    if (index === undefined || index < this.#active) return;
    this.#swap(index, this.#active);
    this.#active++;
  }

  /** Makes a pipe inactive. */
  deactivate(pipe: Pipe): void {
    const index = this.#index.get(pipe);
    if (index === undefined || index >= this.#active) return;
    const last = this.#active - 1;
    // Preserves the order of the others, so that the next pipe stays the next
    // one.
    for (let i = index; i < last; i++) this.#swap(i, i + 1);
    this.#active = last;
    if (index < this.#current) this.#current--;
    if (this.#current >= this.#active) this.#current = 0;
  }

  /** Makes the next active pipe the current one. */
  advance(): void {
    if (++this.#current >= this.#active) this.#current = 0;
  }

  /** Deactivates pipes until the current one passes the test; `undefined` if none does. */
  seek(test: (pipe: Pipe) => boolean): Pipe | undefined {
    for (;;) {
      const pipe = this.current;
      if (pipe === undefined || test(pipe)) return pipe;
      this.deactivate(pipe);
    }
  }

  /** All pipes, active or not. */
  [Symbol.iterator](): IterableIterator<Pipe> {
    return this.#pipes.values();
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    const first = this.#pipes[a]!;
    const second = this.#pipes[b]!;
    this.#pipes[a] = second;
    this.#pipes[b] = first;
    this.#index.set(second, a);
    this.#index.set(first, b);
  }
}
