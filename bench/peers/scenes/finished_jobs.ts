/**
 * Benchmark peers. Waits for the end of jobs in queues that do not report it: asks
 * their tables for all of them together, again and again.
 *
 * @module
 */
import pg from "pg";
import { pause, sharedClockUs } from "../support.ts";
import type { Done } from "./jobs.ts";

/** The pause between two questions, in milliseconds. */
const PAUSE_MS = 5;

/** Finds which jobs have ended. */
export interface FinishedJobs {
  /** Resolves once this job has ended. @param n What its handler got. */
  wait(n: number, id: string): Promise<Done>;
  close(): Promise<void>;
}

/** @param query Gives those of the ids, $1, that have ended. */
export function finishedJobs(url: string, query: string): FinishedJobs {
  const client = new pg.Client({ connectionString: url });
  const waiting = new Map<string, () => void>();
  let isOpen = true;
  const asking = (async () => {
    await client.connect();
    while (isOpen) {
      await pause(PAUSE_MS);
      if (waiting.size === 0) continue;
      const { rows } = await client.query(query, [[...waiting.keys()]]);
      for (const { id } of rows) {
        waiting.get(String(id))?.();
        waiting.delete(String(id));
      }
    }
    await client.end();
  })();
  return {
    wait: async (n, id) => {
      await new Promise<void>((resolve) => waiting.set(id, resolve));
      return { n, at: sharedClockUs() };
    },
    close: () => {
      isOpen = false;
      return asking;
    },
  };
}
