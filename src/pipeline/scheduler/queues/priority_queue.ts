/**
 * Layer: pipeline/scheduler. The jobs of one type that wait to be given to a
 * worker: by priority, the highest first; those that were given before and came
 * back, first among their like; else in the order of coming. Those that were
 * with workers that died are taken separately.
 *
 * @module
 */
import { Fifo } from "./fifo.ts";

/** A place in the queue; it is given up by setting `isTaken`. */
interface Place<T> {
  readonly item: T;
  isTaken: boolean;
  readonly isSuspect: boolean;
}

/** What an item is: new, taken before and come back, or to be taken separately. */
export type Kind = "fresh" | "returned" | "suspect";

interface Rank<T> {
  readonly suspect: Fifo<Place<T>>;
  readonly returned: Fifo<Place<T>>;
  readonly fresh: Fifo<Place<T>>;
}

/** A queue with priorities, out of which anything can be taken. */
export class PriorityQueue<T extends object> {
  readonly #ranks: Map<number, Rank<T>> = new Map();
  /** The priorities in use, the highest first. */
  #priorities: number[] = [];
  readonly #places: Map<T, Place<T>> = new Map();
  #suspects = 0;

  /** How many wait. */
  get size(): number {
    return this.#places.size;
  }

  /** How many of these are suspects. */
  get suspects(): number {
    return this.#suspects;
  }

  /** Adds an item. */
  add(item: T, priority: number, kind: Kind = "fresh"): void {
    const isSuspect = kind === "suspect";
    const place = { item, isTaken: false, isSuspect };
    this.#places.set(item, place);
    this.#rank(priority)[kind].push(place);
    if (isSuspect) this.#suspects++;
  }

  /** Takes an item out, wherever it stands. */
  remove(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    place.isTaken = true;
    this.#forget(place);
  }

  /** The suspect that is taken next. */
  get firstSuspect(): T | undefined {
    if (this.#suspects === 0) return undefined;
    for (const priority of this.#priorities) {
      const { suspect } = this.#ranks.get(priority)!;
      for (let place = suspect.peek(); place; place = suspect.peek()) {
        if (!place.isTaken) return place.item;
        suspect.shift();
      }
    }
    return undefined;
  }

  /**
   * Takes the first one; `undefined` if none waits.
   *
   * @param isSuspect Whether of the suspects, or of all others.
   */
  take(isSuspect = false): T | undefined {
    for (const priority of this.#priorities) {
      const rank = this.#ranks.get(priority)!;
      const item = isSuspect
        ? this.#takeFrom(rank.suspect)
        : this.#takeFrom(rank.returned) ?? this.#takeFrom(rank.fresh);
      if (item !== undefined) return item;
      if (rank.fresh.size + rank.returned.size + rank.suspect.size > 0) {
        continue;
      }
      this.#ranks.delete(priority);
      this.#priorities = this.#priorities.filter((one) => one !== priority);
    }
    return undefined;
  }

  #takeFrom(fifo: Fifo<Place<T>>): T | undefined {
    for (let place = fifo.shift(); place !== undefined; place = fifo.shift()) {
      if (place.isTaken) continue;
      this.#forget(place);
      return place.item;
    }
    return undefined;
  }

  #forget({ item, isSuspect }: Place<T>): void {
    this.#places.delete(item);
    if (isSuspect) this.#suspects--;
  }

  #rank(priority: number): Rank<T> {
    let rank = this.#ranks.get(priority);
    if (rank === undefined) {
      rank = { suspect: new Fifo(), returned: new Fifo(), fresh: new Fifo() };
      this.#ranks.set(priority, rank);
      this.#priorities = [...this.#ranks.keys()].sort((a, b) => b - a);
    }
    return rank;
  }
}
