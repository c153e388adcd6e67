/**
 * Layer: pipeline/store. Records in memory: found by id, listed by state and
 * name, counted. No operation scans all of them.
 *
 * @module
 */
import {
  type ListQuery,
  SEARCH_MS,
  type SearchPart,
  type SearchQuery,
} from "./job_store.ts";
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
  list({ limit, ...which }: ListQuery<S>): R[] {
    const records: R[] = [];
    if (limit === 0) return records;
    for (const { record } of this.#newestFirst(which)) {
      records.push({ ...record });
      if (records.length >= limit) break;
    }
    return records;
  }

  /** Copies of those that are asked for and match, from a part of the list. */
  search(
    { limit, ...which }: SearchQuery<S>,
    matches: (record: R) => boolean,
  ): SearchPart<R> {
    const endsAt = performance.now() + SEARCH_MS;
    const records: R[] = [];
    for (const { seq, record } of this.#newestFirst(which)) {
      if (matches(record)) records.push({ ...record });
      if (records.length >= limit || performance.now() >= endsAt) {
        return { records, next: seq };
      }
    }
    return { records };
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

  #newestFirst(
    { states, name, before }: Omit<SearchQuery<S>, "limit">,
  ): Iterable<Entry<S, R>> {
    const end = typeof before === "string"
      ? this.#entries.get(before)
      : before === undefined
      ? undefined
      : { seq: before } as Entry<S, R>; // all that their order needs
    if (before !== undefined && end === undefined) return [];
    const lists: Iterable<Entry<S, R>>[] = [];
    for (const bucket of this.#all()) {
      if (states !== undefined && !states.includes(bucket.state)) continue;
      if (name !== undefined && name !== bucket.name) continue;
      lists.push(bucket.entries.backwards(end));
    }
    return merged(lists);
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

/** The items of several lists, newest first as each of them is. */
function* merged<T extends { readonly seq: number }>(
  lists: readonly Iterable<T>[],
): Iterable<T> {
  const heads: { item: T; readonly rest: Iterator<T> }[] = [];
  for (const list of lists) {
    const rest = list[Symbol.iterator]();
    const first = rest.next();
    if (first.done !== true) heads.push({ item: first.value, rest });
  }
  while (heads.length > 0) {
    let newest = 0;
    for (let i = 1; i < heads.length; i++) {
      if (heads[i]!.item.seq > heads[newest]!.item.seq) newest = i;
    }
    const head = heads[newest]!;
    yield head.item;
    const next = head.rest.next();
    if (next.done === true) heads.splice(newest, 1);
    else head.item = next.value;
  }
}
