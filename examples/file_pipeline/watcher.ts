/**
 * Example: the file pipeline. Watches a pipeline through its client, tells
 * the screen what happens, and sums it up.
 *
 * @module
 */
import type { PipelineClient } from "./client.ts";
import type { StatsReply } from "./messages.ts";
import type { Screen } from "./screen.ts";

/** How often it looks. */
const LOOK_MS = 50;
/** How long workers may take to come. */
const START_MS = 20_000;
/** After so long without any job done, it gives up. */
const STALL_MS = 60_000;

/** Watches one pipeline. */
export class Watcher {
  readonly #client: PipelineClient;
  readonly #screen: Screen;
  /** The workers that were seen, by name and process, and their steps. */
  readonly #pids: Set<string> = new Set();
  readonly #stepOf: Map<string, string> = new Map();

  constructor(client: PipelineClient, screen: Screen) {
    this.#client = client;
    this.#screen = screen;
  }

  /** Waits until so many workers are there, so that all get their share; but not for ever. */
  async waitForWorkers(count: number): Promise<void> {
    const end = performance.now() + START_MS;
    while ((await this.#look()).workers.length < count) {
      if (performance.now() > end) {
        this.#screen.line("Not all workers came; it begins without them.");
        return;
      }
      await pause();
    }
  }

  /** Waits until so many jobs are done or given up. */
  async waitForJobs(total: number): Promise<void> {
    let last = -1;
    let lastMs = 0;
    while (true) {
      const { steps, completed, dead } = await this.#look();
      this.#screen.progress(completed, total);
      if (completed + dead.length >= total) break;
      const sum = steps.reduce((n, { jobs }) => n + jobs, 0);
      if (sum > last) [last, lastMs] = [sum, performance.now()];
      if (performance.now() - lastMs > STALL_MS) {
        this.#screen.line(`No job was done for ${STALL_MS / 1000} s.`);
        break;
      }
      await pause();
    }
    this.#screen.endProgress();
  }

  /** Prints what was given up, and the table. */
  async report(): Promise<void> {
    const { dead, steps } = await this.#look();
    for (const id of dead) {
      const { job_type, error } = await this.#client.status(id);
      this.#screen.line(`Job ${id} was given up in ${job_type}: ${error}`);
    }
    const workers = [...this.#stepOf.values()];
    this.#screen.line();
    this.#screen.table([
      ["step", "workers", "jobs", "by runtime", "failures", "p50 ms"],
      ...steps.map(({ job_type, jobs, jobs_by_runtime, failures, p50_ms }) => [
        job_type,
        workers.filter((step) => step === job_type).length,
        jobs,
        Object.entries(jobs_by_runtime).sort()
          .map(([name, count]) => `${name} ${count}`).join(", "),
        failures,
        p50_ms === null ? "-" : p50_ms.toFixed(1),
      ]),
    ]);
  }

  async #look(): Promise<StatsReply> {
    const stats = await this.#client.stats();
    for (const { id, job_type, runtime, pid } of stats.workers) {
      if (this.#pids.has(`${id} ${pid}`)) continue;
      this.#pids.add(`${id} ${pid}`);
      this.#stepOf.set(id, job_type);
      this.#screen.line(`  ${id} is up on ${runtime}, pid ${pid}`);
    }
    return stats;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
