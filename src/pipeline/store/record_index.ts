/**
 * Layer: pipeline/store. Records in memory: found by id, listed by state and
 * name, counted. No operation scans all of them.
 *
 * @module
 */
import type { ListQuery } from "./job_store.ts";
import { SortedList } from "./sorted_list.ts";

/** A record, and where it is in the order in which they came. */
interface Entry<S, R> {
  readonly seq: number;
  record: R;
  /** Where it is listed. */
  bucket: Bucket<S, R>;
}

/** The records of one state and name, oldest first. */
interface Bucket<S, R> {
  readonly state: S;
  readonly name: string;
  readonly entries: SortedList<Entry<S, R>>;
}

/** Keeps copies of flows or jobs. */
export class RecordIndex<S extends string, R extends { id: string; state: S }> {
  readonly #nameOf: (record: R) => string;
  readonly #entries: Map<string, Entry<S, R>> = new Map();
  /** By name, then by state; one that is empty stays, since there are few. */
  readonly #buckets: Map<string, Map<S, Bucket<S, R>>> = new Map();
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
      const bucket = this.#bucketFor(record);
      const added = { seq: ++this.#lastSeq, record: { ...record }, bucket };
      this.#entries.set(record.id, added);
      bucket.entries.add(added);
      return;
    }
    entry.record = { ...record };
    if (entry.bucket.state === record.state) return;
    entry.bucket.entries.delete(entry);
    entry.bucket = this.#bucketFor(record);
    entry.bucket.entries.add(entry);
  }

  /** Forgets a record. */
  delete(id: string): void {
    const entry = this.#entries.get(id)!;
    entry.bucket.entries.delete(entry);
    this.#entries.delete(id);
  }

  /** Copies of those that are asked for. */
  list({ states, name, limit, before }: ListQuery<S>): R[] {
    const end = before === undefined ? undefined : this.#entries.get(before);
    if (before !== undefined && end === undefined) return [];
    const found: Entry<S, R>[] = [];
    for (const bucket of this.#all()) {
      if (states !== undefined && !states.includes(bucket.state)) continue;
      if (name !== undefined && name !== bucket.name) continue;
      take(bucket.entries.backwards(end), limit, found);
    }
    found.sort((a, b) => b.seq - a.seq);
    return found.slice(0, limit).map(({ record }) => ({ ...record }));
  }

  /** How many there are of each state and name. */
  counts(): { state: S; name: string; count: number }[] {
    return [...this.#all()]
      .filter(({ entries }) => entries.size > 0)
      .map(({ state, name, entries }) => ({
        state,
        name,
        count: entries.size,
      }));
  }

  *#all(): Iterable<Bucket<S, R>> {
    for (const states of this.#buckets.values()) yield* states.values();
  }

  #bucketFor(record: R): Bucket<S, R> {
    const { state } = record;
    const name = this.#nameOf(record);
    let states = this.#buckets.get(name);
    if (states === undefined) this.#buckets.set(name, states = new Map());
    let bucket = states.get(state);
    if (bucket === undefined) {
      const entries = new SortedList<Entry<S, R>>((a, b) => a.seq - b.seq);
      bucket = { state, name, entries };
      states.set(state, bucket);
    }
    return bucket;
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
