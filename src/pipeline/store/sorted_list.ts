/**
 * Layer: pipeline/store. A list that is always in order. It is cut in short
 * chunks, so that adding and removing cost the same at every place and at
 * every length.
 *
 * @module
 */

/** A chunk that would get longer is cut in two. */
const MAX_CHUNK = 512;

/** A list in the order of `compare`, for which no two items may be equal. */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  /** None of them is empty. */
  readonly #chunks: T[][] = [];
  #size = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** How many items there are. */
  get size(): number {
    return this.#size;
  }

  /** The first in the order. */
  get first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  /** Adds an item that is not in the list. */
  add(item: T): void {
    this.#size++;
    const last = this.#chunks.at(-1);
    if (last === undefined || this.#compare(last.at(-1)!, item) < 0) {
      // Nearly all that comes belongs behind the last one.
      if (last !== undefined && last.length < MAX_CHUNK) last.push(item);
      else this.#chunks.push([item]);
      return;
    }
    const end = this.#chunks.length - 1;
    // Nearly all others belong into the last chunk.
    const at = this.#compare(last[0]!, item) < 0 ? end : this.#chunkFor(item);
    const chunk = this.#chunks[at]!;
    chunk.splice(this.#placeIn(chunk, item), 0, item);
    if (chunk.length > MAX_CHUNK) {
      this.#chunks.splice(at + 1, 0, chunk.splice(MAX_CHUNK / 2));
    }
  }

  /** Removes an item that is in the list. */
  delete(item: T): void {
    const isFirst = this.first === item; // as with most that are deleted
    const at = isFirst ? 0 : this.#chunkFor(item);
    const chunk = this.#chunks[at]!;
    if (isFirst) chunk.shift();
    else chunk.splice(this.#placeIn(chunk, item), 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
  }

  /** From the last to the first; or from the last one before `end`, which need not be in the list. */
  *backwards(end?: T): Iterable<T> {
    let at = this.#chunks.length - 1;
    let i = this.#chunks[at]?.length ?? 0;
    if (end !== undefined) {
      at = Math.min(this.#chunkFor(end), at);
      if (at >= 0) i = this.#placeIn(this.#chunks[at]!, end);
    }
    for (; at >= 0; i = this.#chunks[--at]?.length ?? 0) {
      while (i > 0) yield this.#chunks[at]![--i]!;
    }
  }

  /** The first chunk that ends with this item or one behind it; beyond the last, if none does. */
  #chunkFor(item: T): number {
    return binarySearch(
      this.#chunks.length,
      (i) => this.#compare(this.#chunks[i]!.at(-1)!, item) >= 0,
    );
  }

  #placeIn(chunk: readonly T[], item: T): number {
    return binarySearch(
      chunk.length,
      (i) => this.#compare(chunk[i]!, item) >= 0,
    );
  }
}

/** The first index for which `isBehind` holds, which holds for all behind it too. */
export function binarySearch(
  length: number,
  isBehind: (i: number) => boolean,
): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
