/**
 * Layer: engine. Which inproc names other threads of this process have bound.
 * Messages do not cross threads over inproc. A socket that waits for a name
 * that another thread has bound would wait for ever, so it is notified.
 *
 *     a name is awaited ── "who has it?" ──▶ all other threads
 *     a name is bound, or a question arrives ── "I have it" ──▶ all other threads
 *
 * @module
 */
import {
  isWorkerThread,
  openThreadChannel,
  type ThreadChannel,
} from "../transport/thread_channel.ts";

const CHANNEL = "agentzero inproc names";

/** How long an otherwise idle worker thread waits for the answers of others. */
const ANSWER_MS = 250;

/** The names of one thread, of all its contexts. */
export class ThreadNames {
  /** How often each name is bound in this thread. */
  readonly #bound: Map<string, number> = new Map();
  /** The callbacks that wait for each name. */
  readonly #waiting: Map<string, Set<() => void>> = new Map();
  #channel: ThreadChannel | undefined;
  #isClosing = false;

  /** A name is bound in this thread. */
  bind(name: string): void {
    this.#bound.set(name, (this.#bound.get(name) ?? 0) + 1);
    this.#send({ bound: name });
  }

  /** A name is not bound any more in this thread. */
  unbind(name: string): void {
    const count = (this.#bound.get(name) ?? 1) - 1;
    if (count > 0) this.#bound.set(name, count);
    else this.#bound.delete(name);
    this.#closeIfIdle();
  }

  /**
   * A socket in this thread waits for a name.
   *
   * @param onElsewhere Called when another thread reports that it has bound the
   *   name.
   * @returns Ends the wait.
   */
  wait(name: string, onElsewhere: () => void): () => void {
    const all = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, all.add(onElsewhere));
    this.#send({ awaited: name });
    const timer = isWorkerThread()
      ? setTimeout(() => {}, ANSWER_MS)
      : undefined;
    return () => {
      clearTimeout(timer);
      all.delete(onElsewhere);
      if (all.size === 0 && this.#waiting.get(name) === all) {
        this.#waiting.delete(name);
      }
      this.#closeIfIdle();
    };
  }

  #send(message: { bound: string } | { awaited: string }): void {
    // Deno (2.9) may lose a channel that is joined soon after one was left;
    // another one works. The message is only a hint, so nothing may fail
    // because of it.
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        this.#channel ??= openThreadChannel(
          CHANNEL,
          (message) => this.#receive(message),
        );
        return this.#channel.post(message);
      } catch {
        this.#leave();
      }
    }
  }

  /** A lost channel is closed, too, as it continues to receive. */
  #leave(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    try {
      channel?.close();
    } catch {
      // it is already gone
    }
  }

  #receive(message: unknown): void {
    // Any code of this process can write to the channel.
    const { bound, awaited } = Object(message) as Record<string, unknown>;
    if (typeof awaited === "string" && this.#bound.has(awaited)) {
      this.#send({ bound: awaited });
    }
    if (typeof bound !== "string") return;
    for (const onElsewhere of [...this.#waiting.get(bound) ?? []]) {
      onElsewhere();
    }
  }

  get #isIdle(): boolean {
    return this.#bound.size === 0 && this.#waiting.size === 0;
  }

  /** Leaves the channel in the next tick, unless it is needed again: Deno (2.9) cannot rejoin a channel in the tick in which it was left. */
  #closeIfIdle(): void {
    if (!this.#isIdle || this.#isClosing) return;
    this.#isClosing = true;
    setImmediate(() => {
      this.#isClosing = false;
      if (this.#isIdle) this.#leave();
    });
  }
}

/** The names of this thread. */
export const threadNames: ThreadNames = new ThreadNames();
