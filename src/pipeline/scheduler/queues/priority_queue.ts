/**
 * Layer: pipeline/scheduler. The jobs of one type that wait for a worker: by
 * priority, highest first; within a priority, jobs that came back from a worker
 * first, otherwise FIFO. Suspects, whose workers died, are taken separately.
 *
 * @module
 */
import { Fifo } from "./fifo.ts";

/** A place in the queue. */
interface Place<T> {
  /** Absent once it is given up: what has left must not stay in memory until its turn. */
  item: T | undefined;
  readonly isSuspect: boolean;
  readonly rank: Rank<T>;
}

/** The kind of an item: new, returned by a worker, or to be taken separately. */
export type Kind = "fresh" | "returned" | "suspect";

/** The items of one priority; there is none without items. */
interface Rank<T> {
  readonly priority: number;
  /** How many items there are; other places are given up. */
  size: number;
  readonly suspect: Fifo<Place<T>>;
  readonly returned: Fifo<Place<T>>;
  readonly fresh: Fifo<Place<T>>;
}

/** How many stale items one call removes; more wait for the next call. */
const MAX_STALE = 5000;
/** So many places may be given up, besides as many as there are items. */
const SPARE_PLACES = 1000;

/** A priority queue from which any item can be removed. */
export class PriorityQueue<T extends object> {
  readonly #ranks: Map<number, Rank<T>> = new Map();
  /** The priorities in use, highest last. */
  readonly #priorities: number[] = [];
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
    const rank = this.#rank(priority);
    const place = { item, isSuspect, rank };
    this.#places.set(item, place);
    rank[kind].push(place);
    rank.size++;
    if (isSuspect) this.#suspects++;
  }

  /** Removes an item, wherever it stands; one that is not in the queue is ignored. */
  remove(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#forget(place);
    const { suspect, returned, fresh, size } = place.rank;
    const all = suspect.size + returned.size + fresh.size;
    if (all <= 2 * size + SPARE_PLACES) return;
    for (const fifo of [suspect, returned, fresh]) {
      fifo.keep((one) => one.item !== undefined);
    }
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
    const item = place?.item;
    if (item !== undefined) this.#forget(place!);
    return item;
  }

  /** The queue whose first place is the next; given up and stale places before it are removed. */
  #first(isSuspect: boolean): Fifo<Place<T>> | undefined {
    let left = MAX_STALE;
    // Backwards, as ranks that become empty disappear.
    for (let i = this.#priorities.length - 1; i >= 0; i--) {
      const rank = this.#ranks.get(this.#priorities[i]!)!;
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
    }
    return undefined;
  }

  /**
   * Removes places at the head that are given up or stale.
   *
   * @param limit The maximum number.
   * @returns How many more may be removed.
   */
  #trim(fifo: Fifo<Place<T>>, limit: number): number {
    let left = limit;
    for (let place = fifo.peek(); place !== undefined; place = fifo.peek()) {
      if (left === 0) return 0;
      if (place.item !== undefined) {
        if (!this.#isStale(place.item)) return left;
        this.#forget(place);
      }
      fifo.shift();
      left--;
    }
    return left;
  }

  #forget(place: Place<T>): void {
    const { rank, isSuspect } = place;
    this.#places.delete(place.item!);
    place.item = undefined;
    if (isSuspect) this.#suspects--;
    if (--rank.size > 0) return;
    this.#ranks.delete(rank.priority);
    this.#priorities.splice(this.#indexOf(rank.priority), 1);
  }

  #rank(priority: number): Rank<T> {
    let rank = this.#ranks.get(priority);
    if (rank === undefined) {
      const [suspect, returned, fresh] = [new Fifo(), new Fifo(), new Fifo()];
      rank = { priority, size: 0, suspect, returned, fresh } as Rank<T>;
      this.#ranks.set(priority, rank);
      this.#priorities.splice(this.#indexOf(priority), 0, priority);
    }
    return rank;
  }

  /** Where a priority is, or belongs. */
  #indexOf(priority: number): number {
    let [start, end] = [0, this.#priorities.length];
    while (start < end) {
      const middle = (start + end) >> 1;
      if (this.#priorities[middle]! < priority) start = middle + 1;
      else end = middle;
    }
    return start;
  }
}
