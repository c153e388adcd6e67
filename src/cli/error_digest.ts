/**
 * Layer: cli. Errors that a peer can cause as often as it likes, such as messages
 * that cannot be read: one line a second for each kind, with how many there were.
 *
 * @module
 */
import { codeOf, messageOf } from "./errors.ts";

/** Writes an error, and how many more there were like it. */
export type Teller = (error: unknown, more: number) => void;

/** How many kinds have a line of their own each second; the rest share one. */
const MAX_KINDS = 20;

interface Kind {
  /** The last one that was not written. */
  last: unknown;
  /** How many were not written. */
  count: number;
}

/** Writes errors of one kind at most once in a while. */
export class ErrorDigest {
  readonly #tell: Teller;
  readonly #everyMs: number;
  readonly #kinds: Map<string, Kind> = new Map();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(tell: Teller, everyMs = 1000) {
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  /** Writes an error at once, or counts it if its kind was written just now. */
  add(error: unknown): void {
    const name = this.#kindOf(error);
    const kind = this.#kinds.get(name);
    if (kind !== undefined) {
      kind.last = error;
      kind.count++;
      return;
    }
    this.#kinds.set(name, { last: undefined, count: 0 });
    this.#timer ??= setInterval(() => this.#flush(), this.#everyMs);
    this.#tell(error, 0);
  }

  /** Writes what was counted. */
  close(): void {
    this.#flush();
    this.#kinds.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #flush(): void {
    for (const [name, { last, count }] of [...this.#kinds]) {
      if (count === 0) {
        this.#kinds.delete(name);
        continue;
      }
      this.#kinds.set(name, { last: undefined, count: 0 });
      this.#tell(last, count - 1);
    }
    if (this.#kinds.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** What differs between two of one kind is names and numbers. */
  #kindOf(error: unknown): string {
    const text = messageOf(error).slice(0, 200).replace(/"[^"]*"?|\d+/g, "");
    const kind = `${codeOf(error)} ${text}`;
    return this.#kinds.has(kind) || this.#kinds.size < MAX_KINDS ? kind : "";
  }
}
