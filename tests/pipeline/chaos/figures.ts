/**
 * Test support. The figures of a run.
 *
 * @module
 */
import type { Evidence, Happening } from "./evidence.ts";
import { needlessOf } from "./explained.ts";
import { groupBy } from "./judge.ts";
import type { Kind } from "./plan.ts";

/** What can be counted. */
export interface Figures {
  /** Flows that were submitted. */
  readonly flows: number;
  /** Jobs that they had. */
  readonly jobs: number;
  /** Flows of which the client got no result. */
  readonly lost: number;
  /** Handlers that ran beyond once for each job, those not counted that had failed as planned. */
  readonly duplicates: number;
  /** Jobs that were taken from processes to which nothing was done; see {@link needlessOf}. */
  readonly needless: number;
  /** Results that were fenced. */
  readonly late: number;
  /** Jobs that were taken from a worker, by the reason. */
  readonly requeued: Readonly<Record<string, number>>;
  /** How often each kind of mischief was done. */
  readonly done: Readonly<Partial<Record<Kind, number>>>;
  /** Handlers that blocked their event loop, and whose job stayed where it was. */
  readonly keptBlocks: number;
  readonly seconds: number;
  /** The longest time from the kill of a worker to the moment when a job of its ran elsewhere; see {@link takeoversOf}. */
  readonly takeoverMs: number | undefined;
  /** How many such jobs there were. */
  readonly takeovers: number;
}

/** A process that was in trouble until then is not at work again at once. */
const AROUND_MS = 500;

/** Counts. */
export function figuresOf(evidence: Evidence, seconds: number): Figures {
  const { submitted, readings, executions, happenings, stored } = evidence;
  const events = stored.flatMap(({ events }) => events);
  const done: Partial<Record<Kind, number>> = {};
  // What was done to several processes at once was done once.
  for (const [first] of groupBy(happenings, ({ deed }) => deed).values()) {
    const { kind } = first!;
    done[kind] = (done[kind] ?? 0) + 1;
  }
  const requeued: Record<string, number> = {};
  for (const { type, detail = "" } of events) {
    if (type === "requeued") requeued[detail] = (requeued[detail] ?? 0) + 1;
  }
  const took = takeoversOf(evidence);
  const answered = new Set(
    readings.filter(({ error }) => error === undefined).map(({ id }) => id),
  );
  const failed = executions.filter(({ hasFailed }) => hasFailed).length;
  return {
    flows: submitted.length,
    jobs: stored.reduce((sum, { jobs }) => sum + jobs.length, 0),
    lost: submitted.filter(({ id }) => !answered.has(id)).length,
    duplicates: executions.length - failed -
      new Set(
        executions.filter(({ hasFailed }) => !hasFailed).map(({ job }) => job),
      ).size,
    needless: needlessOf(evidence).length,
    late: events.filter(({ type }) => type === "late").length,
    requeued,
    done,
    keptBlocks:
      stored.filter(({ jobs: [first] }) =>
        first?.attempt === 1 && first.payload.includes("blockMs")
      ).length,
    seconds,
    takeoverMs: took.length === 0 ? undefined : Math.max(...took),
    takeovers: took.length,
  };
}

/**
 * How long it took, for each job of a worker process that was killed, until a
 * handler worked on it elsewhere. Only where nothing else was done meanwhile to
 * the pipeline or to the process that took the job over: one that is stopped or
 * blocked as well takes longer.
 */
export function takeoversOf(
  { executions, happenings, workers, stored }: Evidence,
): number[] {
  const ran = groupBy(executions, ({ job }) => job);
  const events = stored.flatMap(({ events }) => events);
  const isAlone = (kill: Happening, process: string, until: number) =>
    !happenings.some((one) =>
      one !== kill && one.process === process &&
      one.from <= until && one.to >= kill.from - AROUND_MS
    );
  return happenings.filter(({ kind }) => kind === "kill-worker").flatMap(
    (kill) =>
      events.filter(({ type, detail, worker = "", at }) =>
        type === "requeued" && detail === "killed" && at >= kill.from &&
        workers.get(worker) === kill.process
      ).flatMap(({ jobId, attempt }) => {
        // Where this one never began, who should have done it was in trouble.
        const next = ran.get(jobId)?.find((one) => one.attempt === attempt + 1);
        const isMeasured = next !== undefined &&
          isAlone(kill, "pipeline", next.begin) &&
          isAlone(kill, next.process, next.begin);
        return isMeasured ? [next.begin - kill.from] : [];
      }),
  );
}
