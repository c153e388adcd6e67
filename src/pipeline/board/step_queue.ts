/**
 * Layer: pipeline/board. The jobs of one type that wait to be given to a
 * worker: by priority, the highest first; those that were given before and came
 * back, first among their like; else in the order of coming.
 *
 * @module
 */
import { Fifo } from "./fifo.ts";

/** A place in the queue; it is given up by setting `isTaken`. */
interface Place<T> {
  readonly item: T;
  isTaken: boolean;
}

interface Rank<T> {
  readonly returned: Fifo<Place<T>>;
  readonly fresh: Fifo<Place<T>>;
}

/** A queue with priorities, out of which anything can be taken. */
export class StepQueue<T extends object> {
  readonly #ranks: Map<number, Rank<T>> = new Map();
  /** The priorities in use, the highest first. */
  #priorities: number[] = [];
  readonly #places: Map<T, Place<T>> = new Map();

  /** How many wait. */
  get size(): number {
    return this.#places.size;
  }

  /**
   * Adds an item.
   *
   * @param isReturned Whether it has been taken before.
   */
  add(item: T, priority: number, isReturned = false): void {
    const place = { item, isTaken: false };
    this.#places.set(item, place);
    const rank = this.#rank(priority);
    (isReturned ? rank.returned : rank.fresh).push(place);
  }

  /** Takes an item out, wherever it stands. */
  remove(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    place.isTaken = true;
    this.#places.delete(item);
  }

  /** Takes the first one; `undefined` if none waits. */
  take(): T | undefined {
    for (const priority of this.#priorities) {
      const rank = this.#ranks.get(priority)!;
      const item = this.#takeFrom(rank.returned) ?? this.#takeFrom(rank.fresh);
      if (item !== undefined) return item;
      this.#ranks.delete(priority);
      this.#priorities = this.#priorities.filter((one) => one !== priority);
    }
    return undefined;
  }

  #takeFrom(fifo: Fifo<Place<T>>): T | undefined {
    for (let place = fifo.shift(); place !== undefined; place = fifo.shift()) {
      if (place.isTaken) continue;
      this.#places.delete(place.item);
      return place.item;
    }
    return undefined;
  }

  #rank(priority: number): Rank<T> {
    let rank = this.#ranks.get(priority);
    if (rank === undefined) {
      rank = { returned: new Fifo(), fresh: new Fifo() };
      this.#ranks.set(priority, rank);
      this.#priorities = [...this.#ranks.keys()].sort((a, b) => b - a);
    }
    return rank;
  }
}
