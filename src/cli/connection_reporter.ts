/**
 * Layer: cli. Reports when the pipeline of a step is unreachable, and when it is
 * back. A process runs several steps, each with its own connection; one line is
 * enough for all of them.
 *
 * @module
 */
import type { Shell } from "./shell.ts";
import { durationText } from "./table.ts";

/** After how long without a connection a pipeline is reported, in milliseconds. */
const PATIENCE_MS = 500;

/** Reports the connection of the steps of one process. */
export class ConnectionReporter {
  readonly #shell: Shell;
  readonly #pipeline: string;
  readonly #lost: Set<string> = new Set();
  #lostAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isGone = false;

  constructor(shell: Shell, pipeline: string) {
    this.#shell = shell;
    this.#pipeline = pipeline;
  }

  /** To be called when a step has lost or re-established its connection. */
  note(step: string, isConnected: boolean): void {
    if (isConnected) {
      if (this.#lost.delete(step) && this.#lost.size === 0) this.#back();
      return;
    }
    if (this.#lost.size === 0) {
      this.#lostAt = performance.now();
      this.#timer = setTimeout(() => this.#gone(), PATIENCE_MS);
    }
    this.#lost.add(step);
  }

  /** Stops reporting. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#lost.clear();
  }

  #gone(): void {
    this.#isGone = true;
    this.#shell.note(
      `the pipeline at ${this.#pipeline} is unreachable; waiting for it`,
      { event: "gone", pipeline: this.#pipeline },
    );
  }

  #back(): void {
    clearTimeout(this.#timer);
    if (!this.#isGone) return;
    this.#isGone = false;
    const ms = Math.round(performance.now() - this.#lostAt);
    this.#shell.note(
      `the pipeline at ${this.#pipeline} is back, after ${durationText(ms)}`,
      { event: "back", pipeline: this.#pipeline, afterMs: ms },
    );
  }
}
