/**
 * Layer: pipeline/scheduler. What is done in slices, since it is for as many jobs as
 * somebody likes: each commit takes one of them, and others have their turn
 * between. What of it is not done when the process ends is found again in what
 * is kept.
 *
 * @module
 */
import { isAssigned, isFinal } from "../model/job_states.ts";
import type { JobRecord } from "../model/records.ts";
import { Fifo } from "./queues/fifo.ts";
import type { FlowIndex } from "./flow_index.ts";
import type { JobSpec, JobSpecs, LiveFlow } from "./live_flow.ts";
import type { JobQueues } from "./queues/job_queues.ts";

/** So many jobs are created, or ended, with one commit. */
const PER_COMMIT = 250;
/** So many steps are made at once of any chore: most have no more. */
const AT_ONCE = 10;

/** A chore; each step is for one job. */
export type Chore = Iterator<unknown>;

/** The chores of a scheduler; each gets its share. */
export class Chores {
  readonly #chores: Fifo<Chore> = new Fifo();
  /** How many steps may still be made before the next commit. */
  #left = PER_COMMIT;

  /** Whether there is anything to do. */
  get isDue(): boolean {
    return this.#chores.size > 0;
  }

  /** Begins with one; where it is long, the rest follows with the next commits. */
  add(chore: Chore): void {
    const steps = this.isDue ? AT_ONCE : Math.max(AT_ONCE, this.#left);
    if (!this.#do(chore, steps)) this.#chores.push(chore);
  }

  /** Does a slice: to be called once for each commit. */
  work(): void {
    this.#left = PER_COMMIT;
    while (this.#left > 0) {
      const chore = this.#chores.shift();
      if (chore === undefined) return;
      const share = Math.ceil(this.#left / (this.#chores.size + 1));
      if (!this.#do(chore, share)) this.#chores.push(chore);
    }
  }

  /** Makes so many steps; tells whether it is done. */
  #do(chore: Chore, steps: number): boolean {
    for (let n = 0; n < steps; n++) {
      if (chore.next().done === true) return true;
      this.#left--;
    }
    return false;
  }
}

/** Makes the jobs of a step that runs for each item, until the flow wants them no more. */
export function* createAll(
  flow: LiveFlow,
  specs: JobSpecs,
  createJob: (spec: JobSpec) => void,
  flows: FlowIndex,
): Chore {
  flow.pendingSpecs.add(specs);
  for (const spec of specs) {
    if (!flow.pendingSpecs.has(specs)) return;
    yield createJob(spec);
  }
  flow.pendingSpecs.delete(specs);
  flows.update(flow);
}

/** Ends the jobs of a flow that are not over. */
export function* endRest(
  flow: LiveFlow,
  finish: (job: JobRecord) => void,
  flows: FlowIndex,
): Chore {
  for (const job of flow.jobs.values()) {
    if (!isFinal(job)) yield finish(job);
  }
  flows.update(flow);
}

/**
 * Takes all jobs of a flow out of their queues: none of them can begin any more.
 *
 * @returns Those that workers have.
 */
export function dequeueAll(flow: LiveFlow, queues: JobQueues): JobRecord[] {
  flow.pendingSpecs.clear();
  const assigned: JobRecord[] = [];
  for (const job of flow.jobs.values()) {
    if (isFinal(job)) continue;
    if (isAssigned(job)) assigned.push(job);
    queues.leave(job);
  }
  return assigned;
}
