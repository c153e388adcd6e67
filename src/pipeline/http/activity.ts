/**
 * Layer: pipeline/http. Counts the events of jobs in the feed: for `/metrics`, and
 * for the chart and the typical durations on the page. Counting begins when the
 * program starts; it does not read the store.
 *
 * @module
 */
import type { FeedEvent } from "../server/feed.ts";
import { Histogram } from "./histogram.ts";

/** How many seconds the chart shows. */
export const CHART_SECONDS = 300;
/** How many jobs are timed at once; further ones are not. */
const MAX_TIMED = 100_000;

/** The activity of the jobs of a type. */
export interface TypeActivity {
  /** How often each type of event occurred. */
  readonly events: ReadonlyMap<string, number>;
  /** How long jobs waited for a worker, in seconds. */
  readonly waits: Histogram;
  /** How long attempts took, in seconds, by their outcome. */
  readonly durations: Readonly<Record<"completed" | "failed", Histogram>>;
  /** How many jobs per second were completed in the last ten seconds. */
  readonly rate: number;
}

/** How many jobs ended in each of the last seconds, oldest first. */
export interface Throughput {
  /** When counting began, in milliseconds since 1970. */
  readonly since: number;
  /** The second after the last one, in milliseconds since 1970. */
  readonly endsAt: number;
  readonly completed: readonly number[];
  /** Failed attempts, so that a job may count several times. */
  readonly failed: readonly number[];
}

/** The members of a job event that are used here. */
interface JobData {
  readonly id: string;
  readonly at: number;
  readonly type: string;
  readonly jobType: string;
}

/** Counts the events of jobs. */
export class Activity {
  readonly #types: Map<string, TypeRecord> = new Map();
  /** When each job became waiting or active. */
  readonly #since: Map<string, number> = new Map();
  readonly #completed: Seconds = new Seconds();
  readonly #failed: Seconds = new Seconds();
  readonly #now: () => number;
  readonly #madeAt: number;

  /** @param now The time, in milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#madeAt = now();
  }

  /** By job type. */
  get types(): ReadonlyMap<string, TypeActivity> {
    for (const record of this.#types.values()) {
      record.rate = record.completions.perSecond(this.#now(), 10);
    }
    return this.#types;
  }

  /** Records an event of the feed. */
  record({ topic, data }: FeedEvent): void {
    if (!topic.startsWith("job:")) return;
    const { id, at, type, jobType } = data as JobData;
    const record = this.#typeOf(jobType);
    record.events.set(type, (record.events.get(type) ?? 0) + 1);
    switch (type) {
      case "waiting":
      case "requeued":
      case "released":
        return this.#time(id, at);
      case "active":
        this.#observe(record.waits, id, at);
        return this.#time(id, at);
      case "completed":
        record.completions.add(at);
        this.#completed.add(at);
        return this.#observe(record.durations.completed, id, at);
      case "retrying":
      case "dead":
        this.#failed.add(at);
        return this.#observe(record.durations.failed, id, at);
      case "cancelled":
        this.#since.delete(id);
    }
  }

  /** The data of the chart. */
  throughput(): Throughput {
    // Without the current second, which is incomplete.
    const endsAt = Math.floor(this.#now() / 1000) * 1000;
    return {
      since: this.#madeAt,
      endsAt,
      completed: this.#completed.before(endsAt),
      failed: this.#failed.before(endsAt),
    };
  }

  #time(id: string, at: number): void {
    if (this.#since.size < MAX_TIMED || this.#since.has(id)) {
      this.#since.set(id, at);
    }
  }

  #observe(histogram: Histogram, id: string, at: number): void {
    const since = this.#since.get(id);
    if (since === undefined) return;
    this.#since.delete(id);
    histogram.observe((at - since) / 1000);
  }

  #typeOf(jobType: string): TypeRecord {
    let record = this.#types.get(jobType);
    if (record === undefined) {
      record = {
        events: new Map(),
        waits: new Histogram(),
        durations: { completed: new Histogram(), failed: new Histogram() },
        completions: new Seconds(),
        rate: 0,
      };
      this.#types.set(jobType, record);
    }
    return record;
  }
}

interface TypeRecord extends TypeActivity {
  readonly events: Map<string, number>;
  readonly completions: Seconds;
  rate: number;
}

/** Counts per second, for the seconds that the chart shows. */
class Seconds {
  readonly #counts: number[] = new Array(CHART_SECONDS + 1).fill(0);
  /** The second that each count belongs to. */
  readonly #of: number[] = new Array(CHART_SECONDS + 1).fill(-1);

  add(at: number): void {
    const second = Math.floor(at / 1000);
    const slot = second % this.#counts.length;
    if (this.#of[slot] !== second) {
      this.#of[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot]! += 1;
  }

  before(endsAt: number): number[] {
    const end = Math.floor(endsAt / 1000);
    return Array.from(
      { length: CHART_SECONDS },
      (_, i) => this.#at(end - CHART_SECONDS + i),
    );
  }

  perSecond(now: number, seconds: number): number {
    const end = Math.floor(now / 1000);
    let sum = 0;
    for (let back = 1; back <= seconds; back++) sum += this.#at(end - back);
    return sum / seconds;
  }

  #at(second: number): number {
    const slot = second % this.#counts.length;
    return this.#of[slot] === second ? this.#counts[slot]! : 0;
  }
}
