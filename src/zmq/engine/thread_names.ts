/**
 * Layer: engine. Which inproc names other threads of this process have bound.
 * Messages do not cross threads by inproc; a socket that waits for a name that
 * another thread has bound would wait for ever, and learns that here.
 *
 *     a name is waited for ── "who has it?" ──▶ all other threads
 *     a name is bound, or was asked for ── "I have it" ──▶ all other threads
 *
 * @module
 */
import {
  isWorkerThread,
  openThreadChannel,
  type ThreadChannel,
} from "../transport/thread_channel.ts";

const CHANNEL = "agentzero inproc names";

/** So long a worker thread that has nothing else to do waits for the answers of others. */
const ANSWER_MS = 250;

/** The names of one thread, of all its contexts. */
export class ThreadNames {
  /** How often each name is bound here. */
  readonly #bound: Map<string, number> = new Map();
  /** Who waits for which name. */
  readonly #waiting: Map<string, Set<() => void>> = new Map();
  #channel: ThreadChannel | undefined;
  #isClosing = false;

  /** A name is bound in this thread. */
  bind(name: string): void {
    this.#bound.set(name, (this.#bound.get(name) ?? 0) + 1);
    this.#tell({ bound: name });
  }

  /** It is no longer. */
  unbind(name: string): void {
    const count = (this.#bound.get(name) ?? 1) - 1;
    if (count > 0) this.#bound.set(name, count);
    else this.#bound.delete(name);
    this.#closeIfIdle();
  }

  /**
   * A name is waited for in this thread.
   *
   * @param onElsewhere Called when another thread says that it has bound it.
   * @returns Ends the wait.
   */
  wait(name: string, onElsewhere: () => void): () => void {
    const all = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, all.add(onElsewhere));
    this.#tell({ wanted: name });
    const timer = isWorkerThread ? setTimeout(() => {}, ANSWER_MS) : undefined;
    return () => {
      clearTimeout(timer);
      all.delete(onElsewhere);
      if (all.size === 0 && this.#waiting.get(name) === all) {
        this.#waiting.delete(name);
      }
      this.#closeIfIdle();
    };
  }

  #tell(message: { bound: string } | { wanted: string }): void {
    // Deno (2.9) may lose a channel that is joined soon after one was left;
    // another works. What is told is a hint, for which nothing may fail.
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        this.#channel ??= openThreadChannel(
          CHANNEL,
          (told) => this.#hear(told),
        );
        return this.#channel.post(message);
      } catch {
        this.#leave();
      }
    }
  }

  /** What was lost is closed, too: it goes on receiving. */
  #leave(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    try {
      channel?.close();
    } catch {
      // it is no longer there
    }
  }

  #hear(told: unknown): void {
    const { bound, wanted } = told as { bound?: string; wanted?: string };
    if (wanted !== undefined && this.#bound.has(wanted)) {
      this.#tell({ bound: wanted });
    }
    if (bound === undefined) return;
    for (const onElsewhere of [...this.#waiting.get(bound) ?? []]) {
      onElsewhere();
    }
  }

  get #isIdle(): boolean {
    return this.#bound.size === 0 && this.#waiting.size === 0;
  }

  /** Leaves the channel in the next turn, unless it is needed again: Deno (2.9) cannot join one anew in the turn in which it was left. */
  #closeIfIdle(): void {
    if (!this.#isIdle || this.#isClosing) return;
    this.#isClosing = true;
    setImmediate(() => {
      this.#isClosing = false;
      if (this.#isIdle) this.#leave();
    });
  }
}

/** Those of this thread. */
export const threadNames: ThreadNames = new ThreadNames();
