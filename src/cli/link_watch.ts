/**
 * Layer: cli. Says when the pipeline of a step is gone, and when it is back. A
 * process runs several steps, each with a connection of its own: one line is
 * enough for all.
 *
 * @module
 */
import type { Shell } from "./shell.ts";
import { durationText } from "./table.ts";

/** After how long without a connection a pipeline is gone, in milliseconds; a shorter break is none. */
const PATIENCE_MS = 500;

/** Watches the connections of the steps of one process. */
export class LinkWatch {
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

  /** Takes note of what happened to the connection of a step. */
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

  /** Says nothing from now on. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#lost.clear();
  }

  #gone(): void {
    this.#isGone = true;
    this.#shell.note(
      `the pipeline at ${this.#pipeline} is gone; waiting for it`,
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
