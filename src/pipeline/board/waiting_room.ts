/**
 * Layer: pipeline/board. Every job that is not with a worker: those that wait
 * for one, by type, and those that wait for a time. It changes no record.
 *
 * @module
 */
import type { JobRecord } from "../model/records.ts";
import { DueHeap } from "./heap.ts";
import { DEFAULT_RETRY } from "./retry.ts";
import { StepLane, type StepPolicy } from "./step_lane.ts";

/** Where jobs wait. */
export class WaitingRoom {
  readonly #lanes: Map<string, StepLane> = new Map();
  readonly #delayed: DueHeap<{ job: JobRecord; runAt: number }> = new DueHeap();
  readonly #now: () => number;

  /** @param now The time, in milliseconds since 1970. */
  constructor(steps: ReadonlyMap<string, StepPolicy>, now: () => number) {
    this.#now = now;
    for (const [jobType, policy] of steps) {
      this.#lanes.set(jobType, new StepLane(jobType, policy, now()));
    }
  }

  /** The lanes, by job type. */
  get lanes(): ReadonlyMap<string, StepLane> {
    return this.#lanes;
  }

  /** The lane of a type. One that the program does not know any more keeps its jobs until it does. */
  lane(jobType: string): StepLane {
    let lane = this.#lanes.get(jobType);
    if (lane === undefined) {
      lane = new StepLane(jobType, { retry: DEFAULT_RETRY }, this.#now());
      this.#lanes.set(jobType, lane);
    }
    return lane;
  }

  /** When something is due that no call brings about; `undefined` for never. */
  get nextAt(): number | undefined {
    const now = this.#now();
    const times = [this.#delayed.nextAt];
    for (const lane of this.#lanes.values()) times.push(lane.nextAt(now));
    const known = times.filter((at) => at !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** A job waits for a worker. */
  add(job: JobRecord, isReturned = false): void {
    this.lane(job.jobType).waiting.add(job, job.priority, isReturned);
  }

  /** A job waits until its `runAt`. */
  delay(job: JobRecord): void {
    this.lane(job.jobType).delayed++;
    this.#delayed.add(job.runAt!, { job, runAt: job.runAt! });
  }

  /** A job waits for its time no more. */
  endDelay(job: JobRecord): void {
    this.lane(job.jobType).delayed--;
  }

  /** A job waits for a worker no more. */
  remove(job: JobRecord): void {
    this.lane(job.jobType).waiting.remove(job);
  }

  /** Takes a job whose time has come; its time may have changed since, or it may be gone. */
  takeDue(): { job: JobRecord; runAt: number } | undefined {
    return this.#delayed.take(this.#now());
  }

  /** Takes the next job of a type that may begin now, for a worker. */
  takeNext(jobType: string): JobRecord | undefined {
    const lane = this.#lanes.get(jobType);
    const job = lane?.take(this.#now());
    if (job !== undefined) lane!.running++;
    return job;
  }

  /** A worker has this job, as the store says. */
  enterWorker(job: JobRecord): void {
    this.lane(job.jobType).running++;
  }

  /** A worker has this job no more. */
  leaveWorker(job: JobRecord): void {
    this.lane(job.jobType).running--;
  }
}
