/**
 * Layer: pipeline/scheduler. Things that are due at a time, earliest first;
 * FIFO among those that are due at the same time. Anything can be removed.
 *
 * @module
 */

/** A thing in a heap; needed to remove it. */
export interface DueEntry<T> {
  /** When it is due. */
  readonly at: number;
  /** What is due. */
  readonly item: T;
}

interface Node<T> extends DueEntry<T> {
  readonly order: number;
  /** Its index in the heap; -1 once it has left. */
  index: number;
}

/** A binary heap of things that are due. */
export class DueHeap<T> {
  readonly #heap: Node<T>[] = [];
  #order = 0;

  /** The number of things. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first is due; `undefined` if the heap is empty. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** What is due first, without removing it; `undefined` if the heap is empty. */
  peek(): T | undefined {
    return this.#heap[0]?.item;
  }

  /** Adds something that is due at a time. */
  add(at: number, item: T): DueEntry<T> {
    const node = { at, order: this.#order++, item, index: -1 };
    this.#rise(node, this.#heap.length);
    return node;
  }

  /** Removes an entry; one that has left already is ignored. */
  remove(entry: DueEntry<T>): void {
    const { index } = entry as Node<T>;
    if (index < 0 || this.#heap[index] !== entry) return;
    this.#heap[index]!.index = -1;
    const last = this.#heap.pop()!;
    if (last === entry) return;
    if (this.#rise(last, index) === index) this.#sink(last, index);
  }

  /** Takes the first that is due by `now`; `undefined` if nothing is. */
  take(now: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.remove(first);
    return first.item;
  }

  /** Moves a node from an index towards the top; returns its new index. */
  #rise(node: Node<T>, from: number): number {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(node, this.#heap[parent]!)) break;
      this.#place(this.#heap[parent]!, index);
      index = parent;
    }
    this.#place(node, index);
    return index;
  }

  #sink(node: Node<T>, from: number): void {
    const heap = this.#heap;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) {
        child++;
      }
      if (!isBefore(heap[child]!, node)) break;
      this.#place(heap[child]!, index);
      index = child;
    }
    this.#place(node, index);
  }

  #place(node: Node<T>, index: number): void {
    this.#heap[index] = node;
    node.index = index;
  }
}

function isBefore<T>(a: Node<T>, b: Node<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
