/**
 * Layer: pipeline/worker. One executor for the jobs of all shards of a pipeline. Each
 * shard gets a share of its places, and with it credit: equal ones while all use
 * theirs, and what a shard does not use goes to the others. No more handlers run at a
 * time than without shards.
 *
 * @module
 */
import type { JobMessage } from "../protocol/messages.ts";
import type { Attempt } from "../telemetry/attempts.ts";
import type { Execution, Executor } from "./executor.ts";
import type { ReportChannel } from "./job_context.ts";

/** How often the places are divided again, in milliseconds. */
const DIVIDE_MS = 1000;

/** What a share reports to the jobs that it is for. */
export interface ShareOwner {
  /** Handlers may begin again. */
  roomAgain(): void;
  /** It has more places, or fewer. */
  placesChanged(): void;
  /** How many jobs there are, waiting or running. */
  jobs(): number;
  /** Where handlers in threads report to. */
  readonly channel: ReportChannel;
}

/** Divides an executor. */
export class SharedExecutor {
  readonly shares: readonly ExecutorShare[];
  readonly #executor: Executor;
  readonly #timer: ReturnType<typeof setInterval>;
  /** Which share has a job that runs. */
  readonly #running: Map<string, ExecutorShare> = new Map();
  #size = 0;
  #ended = 0;
  #turn = 0;

  /** @param makeExecutor Makes the one that is shared, with the channel for what handlers in threads report. */
  constructor(
    count: number,
    makeExecutor: (channel: ReportChannel, changed: () => void) => Executor,
  ) {
    this.#executor = makeExecutor(this.#channel, () => this.#divide());
    this.shares = Array.from(
      { length: count },
      () => new ExecutorShare(this),
    );
    this.#timer = setInterval(() => this.#divide(), DIVIDE_MS);
  }

  /** How many handlers can run at a time, for all shards together. */
  get capacity(): number {
    return this.#executor.capacity;
  }

  /** Whether another handler may run. */
  get hasRoom(): boolean {
    return this.#size < this.#executor.places;
  }

  /** Gets ready. */
  async start(): Promise<void> {
    await this.#executor.start();
    this.#divide();
  }

  /** Ends it. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#executor.close();
  }

  /** Calls the handler for a job of a share. */
  execute(
    share: ExecutorShare,
    ...[job, deadline, attempt]: Parameters<Executor["execute"]>
  ): Execution {
    const { id } = job;
    this.#size++;
    this.#running.set(id, share);
    const execution = this.#executor.execute(job, deadline, attempt);
    const outcome = execution.outcome.then((outcome) => {
      this.#size--;
      this.#ended++;
      this.#running.delete(id);
      return outcome;
    });
    // Once the jobs of this share had their turn.
    outcome.then(() => queueMicrotask(() => this.#roomAgain()));
    return { outcome, stop: (reason) => execution.stop(reason) };
  }

  /** Shares that wait begin in turn, so that none is starved. */
  #roomAgain(): void {
    const { length } = this.shares;
    this.#turn++;
    for (let i = 0; i < length && this.hasRoom; i++) {
      this.shares[(this.#turn + i) % length]!.roomAgain();
    }
  }

  /** What handlers in threads report, to the shard of their job. */
  get #channel(): ReportChannel {
    const channelOf = (id: unknown) =>
      (this.#running.get(String(id)) ?? this.shares[0]!).channel;
    return {
      send: (bytes) => {
        const { id } = JSON.parse(new TextDecoder().decode(bytes));
        return channelOf(id)?.send(bytes);
      },
      publish: (topic, data) => {
        const { id, jobId = id } = data as { id?: unknown; jobId?: unknown };
        channelOf(jobId)?.publish(topic, data);
      },
    };
  }

  /** Gives each share its places, by what they used since the last time. */
  #divide(): void {
    const { places } = this.#executor;
    const isStuck = this.#ended === 0 && !this.hasRoom;
    this.#ended = 0;
    const divided = divide(places, this.shares.map((share) => share.demand()));
    for (const [index, share] of this.shares.entries()) {
      // With fewer places than shards each may send one job, unless that would wait for long.
      const least = isStuck || places === 0 ? 0 : 1;
      share.resize(Math.max(divided[index]!, least));
    }
  }
}

/** What one shard has of an executor. */
export class ExecutorShare implements Executor {
  readonly #all: SharedExecutor;
  #owner: ShareOwner | undefined;
  #places = 0;
  /** The most jobs that there were at a time lately. */
  #peak = 0;
  #isWaiting = false;

  constructor(all: SharedExecutor) {
    this.#all = all;
  }

  /** Whom to notify of changes. */
  set owner(owner: ShareOwner) {
    this.#owner = owner;
  }

  /** Where handlers in threads report to. */
  get channel(): ReportChannel | undefined {
    return this.#owner?.channel;
  }

  /** How many can run at a time at all. */
  get capacity(): number {
    return this.#all.capacity;
  }

  /** How many can run at a time at present. */
  get places(): number {
    return this.#places;
  }

  /** Whether another handler may run; the owner is notified when it may again. */
  get hasRoom(): boolean {
    this.#peak = Math.max(this.#peak, this.#owner?.jobs() ?? 0);
    this.#isWaiting = !this.#all.hasRoom;
    return !this.#isWaiting;
  }

  /** How many places it needs: as many as it can get, if it used all that it had. */
  demand(): number {
    const jobs = this.#owner?.jobs() ?? 0;
    const peak = Math.max(this.#peak, jobs);
    this.#peak = jobs;
    return peak >= this.#places ? Infinity : Math.max(1, peak);
  }

  /** It has so many places from now on. */
  resize(places: number): void {
    if (places === this.#places) return;
    this.#places = places;
    this.#owner?.placesChanged();
  }

  /** Handlers may begin again. */
  roomAgain(): void {
    if (this.#isWaiting) this.#owner?.roomAgain();
  }

  /** The executor is started for all shares. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Calls the handler. */
  execute(
    job: JobMessage,
    deadline: number | undefined,
    attempt: Attempt | undefined,
  ): Execution {
    return this.#all.execute(this, job, deadline, attempt);
  }

  /** The executor is closed for all shares. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Divides places fairly: everyone gets what it needs, and those that need more than
 * their part get equal parts of the rest. What no one needs is divided as well.
 */
export function divide(places: number, demands: readonly number[]): number[] {
  const parts = demands.map(() => 0);
  let left = places;
  for (const isEnough of [false, true]) {
    for (let isDone = false; left > 0 && !isDone;) {
      isDone = true;
      for (const [index, demand] of demands.entries()) {
        if (left === 0 || (!isEnough && parts[index]! >= demand)) continue;
        parts[index]!++;
        left--;
        isDone = false;
      }
    }
  }
  return parts;
}
