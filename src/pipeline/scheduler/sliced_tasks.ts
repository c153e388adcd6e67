/**
 * Layer: pipeline/scheduler. Work on a number of jobs that a peer chose: it is
 * done in slices, one with each commit, and other work is done in between. What
 * is unfinished when the process ends is derived again from the store.
 *
 * @module
 */
import { isFinal } from "../model/job_states.ts";
import type { JobRecord } from "../model/records.ts";
import { Fifo } from "./queues/fifo.ts";
import type { JobSpec, JobSpecs } from "./flow_progress.ts";
import type { LiveFlow } from "./live_flow.ts";

/** How many steps are done with one commit: each creates, ends or revives a job. */
const PER_COMMIT = 250;
/** How many steps of any task are done at once: most have no more. */
const AT_ONCE = 10;
/** How many jobs one step scans. */
const SCANNED_PER_STEP = 100;

/** A task in slices; each step is for one job. */
export type SlicedTask = Iterator<unknown>;

/** The tasks of a scheduler; they share its time. */
export class SlicedTasks {
  readonly #tasks: Fifo<SlicedTask> = new Fifo();
  /** How many steps are left before the next commit. */
  #left = PER_COMMIT;

  /** Whether there is anything to do. */
  get isDue(): boolean {
    return this.#tasks.size > 0;
  }

  /** Starts a task. The rest of a long one follows with the next commits. */
  add(task: SlicedTask): void {
    const steps = this.isDue ? AT_ONCE : Math.max(AT_ONCE, this.#left);
    if (!this.#do(task, steps)) this.#tasks.push(task);
  }

  /** Does a slice; to be called once for each commit. */
  work(): void {
    this.#left = PER_COMMIT;
    while (this.#left > 0) {
      const task = this.#tasks.shift();
      if (task === undefined) return;
      const share = Math.ceil(this.#left / (this.#tasks.size + 1));
      if (!this.#do(task, share)) this.#tasks.push(task);
    }
  }

  /** Does some steps. Returns whether the task is done. */
  #do(task: SlicedTask, steps: number): boolean {
    for (let n = 0; n < steps; n++) {
      if (task.next().done === true) return true;
      this.#left--;
    }
    return false;
  }
}

/** Creates the jobs of a step that runs for each item, unless the flow ends before. */
export function* createAll(
  flow: LiveFlow,
  specs: JobSpecs,
  createJob: (spec: JobSpec) => void,
  onDone: () => void,
): SlicedTask {
  flow.begin(specs);
  for (const spec of specs) {
    if (!flow.isDoing(specs)) return;
    yield createJob(spec);
  }
  flow.done(specs);
  onDone();
}

/** Ends the jobs of a flow that are not in a final state. */
export function* endRest(
  flow: LiveFlow,
  end: (job: JobRecord) => void,
  onDone: () => void,
): SlicedTask {
  let scanned = 0;
  for (const job of flow.jobs.values()) {
    if (!isFinal(job)) yield end(job);
    else if (++scanned % SCANNED_PER_STEP === 0) yield;
  }
  onDone();
}

/** Retries dead jobs of a flow, unless it is cancelled before. */
export function* reviveAll(
  flow: LiveFlow,
  jobs: Iterable<JobRecord>,
  revive: (job: JobRecord) => void,
  onDone: () => void,
): SlicedTask {
  flow.begin(jobs);
  for (const job of jobs) {
    if (!flow.isDoing(jobs)) return;
    yield revive(job);
  }
  flow.done(jobs);
  onDone();
}

/** Does something with each of many jobs. */
export function* each(
  jobs: Iterable<JobRecord>,
  work: (job: JobRecord) => void,
): SlicedTask {
  for (const job of jobs) yield work(job);
}
