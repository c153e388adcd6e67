/**
 * Layer: pipeline/scheduler. What jobs have logged since the last commit. Its size
 * is limited, since workers may log faster than the store writes.
 *
 * @module
 */
import { endOfLog } from "../model/job_log.ts";

/** How much is held, in characters; more is not kept. */
const MAX_PENDING = 4 * 1024 * 1024;

/** What jobs have logged, until it is committed. */
export class PendingLogs {
  #texts: Map<string, string> = new Map();
  #size = 0;

  /** Adds text to the log of a job. */
  add(jobId: string, text: string): void {
    if (this.#size + text.length > MAX_PENDING) return;
    const before = this.#texts.get(jobId) ?? "";
    const after = endOfLog(before + text);
    this.#texts.set(jobId, after);
    this.#size += after.length - before.length;
  }

  /** Takes everything, by job. */
  take(): ReadonlyMap<string, string> {
    const texts = this.#texts;
    if (texts.size > 0) this.#texts = new Map();
    this.#size = 0;
    return texts;
  }
}
