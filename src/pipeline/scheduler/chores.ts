/**
 * Layer: pipeline/scheduler. What is done in slices, since it is for as many jobs as
 * somebody likes: each commit takes one of them, and others have their turn
 * between. What of it is not done when the process ends is found again in what
 * is kept.
 *
 * @module
 */
import { isFinal, isHeld } from "../model/job_states.ts";
import type { JobRecord } from "../model/records.ts";
import { Fifo } from "./queues/fifo.ts";
import type { FlowIndex } from "./flow_index.ts";
import type { JobSeed, LiveFlow, Seeds } from "./live_flow.ts";
import type { WaitingRoom } from "./queues/job_queues.ts";

/** So many jobs are planted, or ended, with one commit. */
const PER_COMMIT = 250;
/** So many steps are made at once of any chore: most have no more. */
const AT_ONCE = 10;

/** A chore; each step is for one job. */
export type Chore = Iterator<unknown>;

/** The chores of a board; each gets its share. */
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
export function* plantAll(
  flow: LiveFlow,
  seeds: Seeds,
  plant: (seed: JobSeed) => void,
  flows: FlowIndex,
): Chore {
  flow.unplanted.add(seeds);
  for (const seed of seeds) {
    if (!flow.unplanted.has(seeds)) return;
    yield plant(seed);
  }
  flow.unplanted.delete(seeds);
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
export function takeOut(flow: LiveFlow, room: WaitingRoom): JobRecord[] {
  flow.unplanted.clear();
  const held: JobRecord[] = [];
  for (const job of flow.jobs.values()) {
    if (isFinal(job)) continue;
    if (isHeld(job)) held.push(job);
    room.leave(job);
  }
  return held;
}
