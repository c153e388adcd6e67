/**
 * Test support. Whether there was a reason for a job to be given to somebody
 * else: something that was done to its worker, its cable or the pipeline.
 *
 * @module
 */
import type { JobEvent } from "@agentzero/agentzero/pipeline";
import type { Evidence, Happening } from "./evidence.ts";
import type { Kind } from "./plan.ts";

/** A busy machine, and what the pipeline itself was held up. */
const SLACK_MS = 4000;
/** A job that never arrived is not named in three announcements, one a second. */
const MISSED_MS = 4000;

/** What closes the connection of a worker, for long enough perhaps. */
const CLOSING: readonly Kind[] = [
  "kill-worker",
  "kill-both",
  "cut",
  "cut-all",
  "refuse",
];
/** What silences it for longer than its lease. */
const SILENCING: readonly Kind[] = ["stop-long"];
/** What starts a pipeline anew: it may not hear in time who has what. */
const RESTARTING: readonly Kind[] = ["kill-pipeline", "kill-both"];

/** Whether what was done explains that a job was taken from its worker. */
export function isExplained(event: JobEvent, evidence: Evidence): boolean {
  const { workers, happenings, times } = evidence;
  const process = workers.get(event.worker ?? "");
  const isAfter = (
    kinds: readonly Kind[],
    whose: string | undefined,
    withinMs: number,
  ) =>
    happenings.some((one: Happening) =>
      kinds.includes(one.kind) && one.process === whose &&
      one.from <= event.at && event.at <= one.to + withinMs
    );
  switch (event.detail) {
    case "killed":
      return isAfter(CLOSING, process, SLACK_MS);
    case "lease":
      return isAfter(SILENCING, process, SLACK_MS);
    case "unclaimed":
      return isAfter(RESTARTING, "pipeline", times.claimMs + SLACK_MS) ||
        isAfter(CLOSING, process, MISSED_MS + SLACK_MS);
  }
  return false;
}
