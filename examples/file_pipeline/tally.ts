/**
 * Example: the file pipeline. Counts the outcomes of the jobs.
 *
 * @module
 */
import type { Available, JobInfo } from "@agentzero/agentzero/pipeline";

/** The figures of one step. */
class StepTally {
  readonly workers: Set<string> = new Set();
  readonly byRuntime: Map<string, number> = new Map();
  readonly tookMs: number[] = [];
  failures = 0;
  takenBack = 0;
}

/** The figures of all steps. */
export class Tally {
  readonly #steps: ReadonlyMap<string, StepTally>;

  /** @param jobTypes the steps, in order */
  constructor(jobTypes: readonly string[]) {
    this.#steps = new Map(jobTypes.map((type) => [type, new StepTally()]));
  }

  /** Counts a job that has come to its end. */
  add(job: JobInfo, worker: Available | undefined): void {
    const step = this.#steps.get(job.jobType)!;
    step.failures += job.failures;
    // An attempt that neither failed nor succeeded was another's before.
    const ended = job.failures + (job.state === "completed" ? 1 : 0);
    step.takenBack += job.attempt - ended;
    if (job.state !== "completed") return;
    const [runtime = "?"] = worker?.runtime.split(" ") ?? [];
    step.byRuntime.set(runtime, (step.byRuntime.get(runtime) ?? 0) + 1);
    step.workers.add(worker?.stepName ?? "?");
    step.tookMs.push(job.finishedAt! - job.startedAt!);
  }

  /** A table, the headings first. */
  rows(): (string | number)[][] {
    return [
      [
        "step",
        "workers",
        "jobs",
        "by runtime",
        "failures",
        "taken back",
        "p50 ms",
      ],
      ...[...this.#steps].map(([jobType, step]) => [
        jobType,
        step.workers.size,
        step.tookMs.length,
        [...step.byRuntime].sort().map((pair) => pair.join(" ")).join(", "),
        step.failures,
        step.takenBack,
        median(step.tookMs),
      ]),
    ];
  }
}

function median(values: readonly number[]): number | string {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? "-";
}
