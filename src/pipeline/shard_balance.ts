/**
 * Layer: pipeline. How many shards a process should lead beside others. Each process
 * decides that by itself, from what the database says that the others lead: one with
 * more than another leaves a free shard to that one for a while, and one with two
 * more hands over.
 *
 * @module
 */
import { processName } from "./store/job_store.ts";
import type { PipelineMember } from "./store/job_store.ts";

/** How long a process leaves a free shard to others, for each shard that it has more, in milliseconds. */
const PATIENCE_MS = 1000;
/** How often in a row a process must have too many before it hands over: one that has ended is counted for a while. */
const SETTLED = 4;

/** How often a process counts, in milliseconds. */
export const COUNT_MS = 1000;

/** The share of one process. */
export class ShardBalance {
  readonly #name: string;
  /** How many this process leads. */
  readonly #led: () => number;
  #census: ReadonlyMap<string, number> = new Map();
  #tooMany = 0;

  constructor(
    self: Pick<PipelineMember, "host" | "pid" | "address">,
    led: () => number,
  ) {
    this.#name = processName(self);
    this.#led = led;
  }

  /** How long this process leaves a free shard to others, in milliseconds. */
  get patienceMs(): number {
    return Math.max(0, this.#surplus) * PATIENCE_MS;
  }

  /**
   * Takes note of what all processes lead.
   *
   * @returns How many shards this process should hand over now.
   */
  count(census: ReadonlyMap<string, number>): number {
    this.#census = census;
    const surplus = this.#surplus;
    if (surplus < 2 || ++this.#tooMany < SETTLED) {
      if (surplus < 2) this.#tooMany = 0;
      return 0;
    }
    this.#tooMany = 0;
    return Math.floor(surplus / 2);
  }

  /** How many more this process leads than the one that leads fewest. */
  get #surplus(): number {
    const led = this.#led();
    const others = [...this.#census].filter(([name]) => name !== this.#name);
    return led - Math.min(led, ...others.map(([, count]) => count));
  }
}
