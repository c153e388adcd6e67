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
/** A job may be given out before it is noticed that the connection is closed. */
const NOTICED_MS = 1000;

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
/** What restarts a pipeline: claims may reach it too late. */
const RESTARTING: readonly Kind[] = ["kill-pipeline", "kill-both"];

/**
 * Whether what was done explains that a job was taken from its worker.
 *
 * @param givenAt When it was given to it.
 */
export function isExplained(
  event: JobEvent,
  givenAt: number,
  { workers, happenings }: Evidence,
): boolean {
  const process = workers.get(event.worker ?? "");
  const isDone = (
    kinds: readonly Kind[],
    whose: string | undefined,
    isInTime: (one: Happening) => boolean,
  ) =>
    happenings.some((one) =>
      kinds.includes(one.kind) && one.process === whose &&
      one.from <= event.at && isInTime(one)
    );
  const isRecent = ({ to }: Happening) => event.at <= to + SLACK_MS;
  // A pipeline that is stopped notices nothing.
  const noticedAt = ({ to }: Happening) =>
    happenings.reduce(
      (at, one) =>
        one.kind === "stop-pipeline" && one.from <= to + NOTICED_MS
          ? Math.max(at, one.to)
          : at,
      to,
    ) + NOTICED_MS;
  const isMeanwhile = (one: Happening) => givenAt <= noticedAt(one);
  switch (event.detail) {
    case "killed":
      return isDone(CLOSING, process, isRecent);
    case "lease":
      return isDone(SILENCING, process, isRecent);
    case "unclaimed": // not claimed after a start, or lost on the way: that may be found late
      return isDone(RESTARTING, "pipeline", isMeanwhile) ||
        isDone(CLOSING, process, isMeanwhile);
  }
  return false;
}

/**
 * Jobs that were taken from a worker process that worked on them, and to which
 * nothing was done while it had them. It could not claim them in time.
 */
export function needlessOf(
  { executions, happenings, workers, stored }: Evidence,
): JobEvent[] {
  const began = new Map(
    executions.map((one) => [`${one.job} ${one.attempt}`, one]),
  );
  return stored.flatMap(({ events }) => events).filter((event) => {
    const process = workers.get(event.worker ?? "");
    const execution = began.get(`${event.jobId} ${event.attempt}`);
    return event.type === "requeued" && execution !== undefined &&
      execution.begin <= event.at &&
      !happenings.some((one) =>
        one.process === process && one.from <= event.at &&
        one.to >= execution.begin - SLACK_MS
      );
  });
}
