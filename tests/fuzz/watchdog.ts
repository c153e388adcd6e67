/**
 * Test support. Watches from a thread of its own that inputs come to their end:
 * an endless loop would keep everything else from saying so. Not for the
 * judgement of inputs, which counts steps and bytes, not seconds.
 *
 * @module
 */
import { Worker } from "node:worker_threads";

/** A batch of inputs takes a fraction of this. */
const PATIENCE_MS = 20_000;

/** Runs in the worker: says which input hangs, and ends the process. */
const WATCH = `
  const { workerData, parentPort } = require("node:worker_threads");
  const { cell, patienceMs, hint } = workerData;
  const numbers = new Float64Array(cell);
  let last = NaN;
  setInterval(() => {
    const number = numbers[0];
    if (number === last) {
      require("node:fs").writeSync(2,
        "Input " + number + " does not end. Run it alone: " + hint + number + "\\n");
      process.kill(process.pid, "SIGKILL");
    }
    last = number;
  }, patienceMs);
`;

/** A thread that ends the process when an input hangs. */
export class Watchdog {
  readonly #cell = new SharedArrayBuffer(8);
  readonly #number = new Float64Array(this.#cell);
  readonly #worker: Worker;

  /** @param hint How to run an input alone, up to its number. */
  constructor(hint: string, patienceMs: number = PATIENCE_MS) {
    this.#worker = new Worker(WATCH, {
      eval: true,
      workerData: { cell: this.#cell, patienceMs, hint },
    });
  }

  /** This input begins. */
  readonly see = (number: number): void => {
    this.#number[0] = number;
  };

  /** Watches no longer. */
  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
