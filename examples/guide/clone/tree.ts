/**
 * Example: clone. Keys and values, as servers and clients store them. There are
 * no sockets and no clock here: times are parameters.
 *
 * @module
 */
import type { Update } from "./protocol.ts";

interface Entry {
  readonly value: Uint8Array;
  readonly expiresMs: number | undefined;
}

/** Keys and values. */
export class Tree {
  /** The sequence number of the last update that was applied. */
  sequence = 0;
  readonly #entries: Map<string, Entry> = new Map();

  /** The number of keys. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key. */
  get(key: string): Uint8Array | undefined {
    return this.#entries.get(key)?.value;
  }

  /** The keys. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Applies an update. */
  apply({ key, sequence, ttl, value }: Update, nowMs: number): void {
    this.sequence = sequence;
    const expiresMs = ttl === undefined ? undefined : nowMs + ttl * 1000;
    if (value.byteLength === 0) this.#entries.delete(key);
    else this.#entries.set(key, { value, expiresMs });
  }

  /** Replaces everything by a snapshot. */
  replace(
    updates: readonly Update[],
    sequence: number,
    nowMs: number,
  ): void {
    this.#entries.clear();
    for (const update of updates) this.apply(update, nowMs);
    this.sequence = sequence;
  }

  /** A key and its value as an update; the value is empty if there is none. */
  update(key: string, nowMs: number): Update {
    const { value = new Uint8Array(), expiresMs } = this.#entries.get(key) ??
      {};
    const ttl = expiresMs === undefined
      ? undefined
      : Math.max(0, expiresMs - nowMs) / 1000;
    return { key, sequence: this.sequence, uuid: "", ttl, value };
  }

  /** Everything in a subtree. */
  snapshot(subtree: string, nowMs: number): Update[] {
    return [...this.#entries.keys()]
      .filter((key) => key.startsWith(subtree))
      .map((key) => this.update(key, nowMs));
  }

  /** The keys whose values have expired. */
  expired(nowMs: number): string[] {
    return [...this.#entries]
      .filter(([, { expiresMs }]) => expiresMs !== undefined)
      .filter(([, { expiresMs }]) => expiresMs! <= nowMs)
      .map(([key]) => key);
  }
}
