/**
 * Layer: pipeline/scheduler. The jobs of one type that wait for a worker: by
 * priority, highest first; within a priority, jobs that came back from a worker
 * first, otherwise FIFO. Suspects, whose workers died, are taken separately.
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

/** The kind of an item: new, returned by a worker, or to be taken separately. */
export type Kind = "fresh" | "returned" | "suspect";

interface Rank<T> {
  readonly suspect: Fifo<Place<T>>;
  readonly returned: Fifo<Place<T>>;
  readonly fresh: Fifo<Place<T>>;
}

/** How many stale items one call removes; more wait for the next call. */
const MAX_STALE = 5000;

/** A priority queue from which any item can be removed. */
export class PriorityQueue<T extends object> {
  readonly #ranks: Map<number, Rank<T>> = new Map();
  /** The priorities in use, highest first. */
  #priorities: number[] = [];
  readonly #places: Map<T, Place<T>> = new Map();
  #suspects = 0;
  readonly #isStale: (item: T) => boolean;

  /** @param isStale Whether an item is removed instead of taken when its turn comes. */
  constructor(isStale: (item: T) => boolean = () => false) {
    this.#isStale = isStale;
  }

  /** The number of items. */
  get size(): number {
    return this.#places.size;
  }

  /** How many of the items are suspects. */
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

  /** Removes an item, wherever it stands; one that is not in the queue is ignored. */
  remove(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    place.isTaken = true;
    this.#forget(place);
  }

  /**
   * The item that is taken next, without removing it. `undefined` if there is
   * none, or if so many stale items stood before it that the next call goes on.
   *
   * @param isSuspect Whether among the suspects, or among all others.
   */
  peek(isSuspect = false): T | undefined {
    return this.#first(isSuspect)?.peek()?.item;
  }

  /** Takes the item that {@link peek} gives. */
  take(isSuspect = false): T | undefined {
    const place = this.#first(isSuspect)?.shift();
    if (place === undefined) return undefined;
    this.#forget(place);
    return place.item;
  }

  /** The queue whose first place is the next; taken and stale places before it are removed. */
  #first(isSuspect: boolean): Fifo<Place<T>> | undefined {
    let left = MAX_STALE;
    for (const priority of this.#priorities) {
      const rank = this.#ranks.get(priority)!;
      left = this.#trim(isSuspect ? rank.suspect : rank.returned, left);
      if (!isSuspect && rank.returned.size === 0) {
        left = this.#trim(rank.fresh, left);
      }
      if (left === 0) return undefined;
      const fifo = isSuspect
        ? rank.suspect
        : rank.returned.size > 0
        ? rank.returned
        : rank.fresh;
      if (fifo.size > 0) return fifo;
      if (rank.fresh.size + rank.returned.size + rank.suspect.size > 0) {
        continue;
      }
      this.#ranks.delete(priority);
      this.#priorities = this.#priorities.filter((one) => one !== priority);
    }
    return undefined;
  }

  /**
   * Removes places at the head that are taken or stale.
   *
   * @param limit The maximum number.
   * @returns How many more may be removed.
   */
  #trim(fifo: Fifo<Place<T>>, limit: number): number {
    let left = limit;
    for (let place = fifo.peek(); place !== undefined; place = fifo.peek()) {
      if (left === 0) return 0;
      if (!place.isTaken) {
        if (!this.#isStale(place.item)) return left;
        this.#forget(place);
      }
      fifo.shift();
      left--;
    }
    return left;
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
