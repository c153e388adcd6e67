/**
 * Example: clone. All keys and their values, as server and clients hold them.
 * No sockets here, and no clock: times are told.
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
  /** The number of the last update that is in it. */
  sequence = 0;
  readonly #entries: Map<string, Entry> = new Map();

  /** How many keys there are. */
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

  /** Takes an update in. */
  apply({ key, sequence, ttl, value }: Update, nowMs: number): void {
    this.sequence = sequence;
    const expiresMs = ttl === undefined ? undefined : nowMs + ttl * 1000;
    if (value.byteLength === 0) this.#entries.delete(key);
    else this.#entries.set(key, { value, expiresMs });
  }

  /** Takes a whole snapshot in, instead of all that there was. */
  replace(
    updates: readonly Update[],
    sequence: number,
    nowMs: number,
  ): void {
    this.#entries.clear();
    for (const update of updates) this.apply(update, nowMs);
    this.sequence = sequence;
  }

  /** What a key holds, as an update; the value is empty if it holds nothing. */
  update(key: string, nowMs: number): Update {
    const { value = new Uint8Array(), expiresMs } = this.#entries.get(key) ??
      {};
    const ttl = expiresMs === undefined
      ? undefined
      : Math.max(0, expiresMs - nowMs) / 1000;
    return { key, sequence: this.sequence, uuid: "", ttl, value };
  }

  /** All that is in a subtree. */
  snapshot(subtree: string, nowMs: number): Update[] {
    return [...this.#entries.keys()]
      .filter((key) => key.startsWith(subtree))
      .map((key) => this.update(key, nowMs));
  }

  /** The keys whose time is over. */
  expired(nowMs: number): string[] {
    return [...this.#entries]
      .filter(([, { expiresMs }]) => expiresMs !== undefined)
      .filter(([, { expiresMs }]) => expiresMs! <= nowMs)
      .map(([key]) => key);
  }
}
