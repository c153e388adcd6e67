/**
 * Layer: routing. A FIFO queue. Taking the oldest item costs the same however
 * many wait: `Array.prototype.shift` moves all of them once there are some ten
 * thousand (V8).
 *
 * @module
 */

/** Most queues never hold more than one message: 16 places took 96 bytes more than 4, for each of them (V8). */
const SMALLEST = 4;

/** A ring buffer that grows as needed. */
export class Ring<T> {
  /** How many items wait. */
  length = 0;
  #items: (T | undefined)[] = [];
  #head = 0;

  /** Appends an item. */
  push(item: T): void {
    if (this.length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.length) & (this.#items.length - 1)] = item;
    this.length++;
  }

  /** Takes the oldest item. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.length--;
    return item;
  }

  /** The oldest item. */
  get first(): T | undefined {
    return this.length === 0 ? undefined : this.#items[this.#head];
  }

  /** The item that was appended last. */
  get last(): T | undefined {
    return this.length === 0 ? undefined : this.#items[this.#lastIndex];
  }

  /** Replaces the item that was appended last. */
  set last(item: T) {
    if (this.length > 0) this.#items[this.#lastIndex] = item;
  }

  /** Drops everything. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.length = 0;
  }

  get #lastIndex(): number {
    return (this.#head + this.length - 1) & (this.#items.length - 1);
  }

  #grow(): void {
    const old = this.#items;
    const items: (T | undefined)[] = new Array(
      Math.max(SMALLEST, old.length * 2),
    ).fill(undefined);
    for (let i = 0; i < this.length; i++) {
      items[i] = old[(this.#head + i) & (old.length - 1)];
    }
    this.#items = items;
    this.#head = 0;
  }
}
