/**
 * Layer: pipeline/store. Records in memory: found by id, listed by state and
 * name, counted. Nothing of it costs more when there are many of them.
 *
 * @module
 */
import type { ListQuery } from "./job_store.ts";
import { SortedList } from "./sorted_list.ts";

/** A record, and where it is in the order in which they came. */
interface Entry<R> {
  readonly seq: number;
  record: R;
}

/** The records of one state and name, oldest first. */
interface Bucket<S, R> {
  readonly state: S;
  readonly name: string;
  readonly entries: SortedList<Entry<R>>;
}

/** Keeps copies of flows or jobs. */
export class Shelf<S extends string, R extends { id: string; state: S }> {
  readonly #nameOf: (record: R) => string;
  readonly #entries: Map<string, Entry<R>> = new Map();
  readonly #buckets: Map<string, Bucket<S, R>> = new Map();
  #lastSeq = 0;

  /** @param nameOf The name that they are listed by, which does not change. */
  constructor(nameOf: (record: R) => string) {
    this.#nameOf = nameOf;
  }

  /** The record itself, not a copy. */
  get(id: string): R | undefined {
    return this.#entries.get(id)?.record;
  }

  /** Where it is in the order in which they came. */
  seqOf(id: string): number {
    return this.#entries.get(id)!.seq;
  }

  /** Keeps a copy, in place of an older one. */
  put(record: R): void {
    const entry = this.#entries.get(record.id);
    if (entry === undefined) {
      const added = { seq: ++this.#lastSeq, record: { ...record } };
      this.#entries.set(record.id, added);
      this.#enter(added);
    } else if (entry.record.state === record.state) {
      entry.record = { ...record };
    } else {
      this.#leave(entry);
      entry.record = { ...record };
      this.#enter(entry);
    }
  }

  /** Forgets a record. */
  delete(id: string): void {
    this.#leave(this.#entries.get(id)!);
    this.#entries.delete(id);
  }

  /** Copies of those that are asked for. */
  list({ states, name, limit, before }: ListQuery<S>): R[] {
    const end = before === undefined ? undefined : this.#entries.get(before);
    if (before !== undefined && end === undefined) return [];
    const found: Entry<R>[] = [];
    for (const bucket of this.#buckets.values()) {
      if (states !== undefined && !states.includes(bucket.state)) continue;
      if (name !== undefined && name !== bucket.name) continue;
      take(bucket.entries.backwards(end), limit, found);
    }
    found.sort((a, b) => b.seq - a.seq);
    return found.slice(0, limit).map(({ record }) => ({ ...record }));
  }

  /** How many there are of each state and name. */
  counts(): { state: S; name: string; count: number }[] {
    return [...this.#buckets.values()].map(({ state, name, entries }) => ({
      state,
      name,
      count: entries.size,
    }));
  }

  #enter(entry: Entry<R>): void {
    const { state } = entry.record;
    const name = this.#nameOf(entry.record);
    const place = `${state} ${name}`;
    let bucket = this.#buckets.get(place);
    if (bucket === undefined) {
      const entries = new SortedList<Entry<R>>((a, b) => a.seq - b.seq);
      bucket = { state, name, entries };
      this.#buckets.set(place, bucket);
    }
    bucket.entries.add(entry);
  }

  #leave(entry: Entry<R>): void {
    const place = `${entry.record.state} ${this.#nameOf(entry.record)}`;
    const { entries } = this.#buckets.get(place)!;
    entries.delete(entry);
    if (entries.size === 0) this.#buckets.delete(place);
  }
}

/** Adds at most so many of the items to `to`. */
function take<T>(items: Iterable<T>, limit: number, to: T[]): void {
  let count = 0;
  for (const item of items) {
    if (count++ >= limit) return;
    to.push(item);
  }
}
