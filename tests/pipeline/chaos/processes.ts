/**
 * Test support. The processes of a run: each runs a program of this folder, and
 * all are killed when the run is over.
 *
 * @module
 */
import { Program, type RuntimeName } from "../support/programs.ts";

/** The runtimes, which take turns. */
export const RUNTIMES: readonly RuntimeName[] = ["node", "deno", "bun"];

/** The processes of a run. */
export class Processes implements AsyncDisposable {
  readonly #all: Program[] = [];

  /** How many have been started so far. */
  get count(): number {
    return this.#all.length;
  }

  /** The runtime whose turn it is. */
  get nextRuntime(): RuntimeName {
    return RUNTIMES[this.count % RUNTIMES.length]!;
  }

  /** Starts one more. */
  start(
    runtime: RuntimeName,
    file: string,
    task: object,
    onLine?: (line: string) => void,
  ): Program {
    const url = new URL(file, import.meta.url).href;
    const program = new Program(runtime, url, task, onLine);
    this.#all.push(program);
    return program;
  }

  /** Kills them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((one) => one[Symbol.asyncDispose]()));
  }
}
