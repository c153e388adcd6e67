/**
 * Layer: pipeline/scheduler. What is due at some time: the earliest first. Who is
 * due at the same time comes in the order of coming.
 *
 * @module
 */

interface Due<T> {
  readonly at: number;
  readonly order: number;
  readonly item: T;
}

/** A binary heap of things that are due. */
export class DueHeap<T> {
  #heap: Due<T>[] = [];
  #order = 0;

  /** How many wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first is due; `undefined` if nothing waits. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** What is due first, which stays; `undefined` if nothing waits. */
  peek(): T | undefined {
    return this.#heap[0]?.item;
  }

  /** Lets go what need not be kept. */
  keep(isKept: (item: T) => boolean): void {
    this.#heap = this.#heap.filter(({ item }) => isKept(item));
    this.#heap.sort((a, b) => isBefore(a, b) ? -1 : 1); // which is a heap, too
  }

  /** Adds something that is due at a time. */
  add(at: number, item: T): void {
    const heap = this.#heap;
    const due = { at, order: this.#order++, item };
    let i = heap.push(due) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = due;
  }

  /** Takes the first that is due by `now`; `undefined` if none is. */
  take(now: number): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first.item;
  }

  #sink(due: Due<T>): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) {
        child++;
      }
      if (!isBefore(heap[child]!, due)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = due;
  }
}

function isBefore<T>(a: Due<T>, b: Due<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
