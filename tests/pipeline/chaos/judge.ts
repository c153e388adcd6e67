/**
 * Test support. Holds what is known of a run against what was promised: nothing
 * is lost, every result is the right one and accepted once, and what ran more
 * than once had a reason to.
 *
 * @module
 */
import type { JobEvent, JobRecord } from "@agentzero/agentzero/pipeline";
import type { Evidence, Execution } from "./evidence.ts";
import { isExplained } from "./explained.ts";
import { expected, jobsOf, markOf, type Piece } from "./flows.ts";

/**
 * What must not be, in words; empty when all is well.
 *
 * @param isReason Whether there was a reason to take a job from its worker.
 */
export function judge(
  evidence: Evidence,
  isReason: typeof isExplained = isExplained,
): string[] {
  return [
    ...judgeReadings(evidence),
    ...judgeStore(evidence),
    ...judgeJobs(evidence, isReason),
  ];
}

/** The client received one result for each, the right one. */
function judgeReadings({ submitted, readings }: Evidence): string[] {
  const faults: string[] = [];
  const byId = groupBy(readings, ({ id }) => id);
  for (const { id, flow, n } of submitted) {
    const [reading, ...more] = byId.get(id) ?? [];
    if (reading === undefined) faults.push(`lost: ${id} has no result`);
    else if (reading.error !== undefined) {
      faults.push(`lost: ${id} ended with "${reading.error}"`);
    } else if ((reading.value as Piece).n !== expected(flow, n)) {
      faults.push(`wrong: ${id} gave ${JSON.stringify(reading.value)}`);
    }
    if (more.length > 0) faults.push(`doubled: ${id} has two results`);
  }
  return faults;
}

/** The store has these flows and no others, finished, with the results that the client received. */
function judgeStore({ submitted, readings, stored }: Evidence): string[] {
  const faults: string[] = [];
  const received = new Map(readings.map(({ id, value }) => [id, value]));
  const byId = groupBy(stored, ({ flow }) => flow.id);
  for (const { id, flow: name } of submitted) {
    const [one, ...more] = byId.get(id) ?? [];
    byId.delete(id);
    if (one === undefined) {
      faults.push(`lost: the store has no ${id}`);
      continue;
    }
    if (more.length > 0) faults.push(`doubled: the store has ${id} twice`);
    const { state, result } = one.flow;
    if (state !== "completed") faults.push(`unfinished: ${id} is ${state}`);
    if (result !== JSON.stringify(received.get(id))) {
      faults.push(`wrong: ${id} is ${result} in the store`);
    }
    const has = one.jobs.map(({ id }) => id).sort().join(" ");
    const wants = jobsOf(name, id).sort().join(" ");
    if (has !== wants) faults.push(`wrong: ${id} has the jobs ${has}`);
  }
  for (const id of byId.keys()) faults.push(`doubled: ${id} was not submitted`);
  return faults;
}

/** Each job was done, its result accepted once, and repeated for a reason only. */
function judgeJobs(
  evidence: Evidence,
  isReason: typeof isExplained,
): string[] {
  const executions = groupBy(evidence.executions, ({ job }) => job);
  const faults: string[] = [];
  for (const { jobs, events } of evidence.stored) {
    const byJob = groupBy(events, ({ jobId }) => jobId);
    for (const job of jobs) {
      const its = byJob.get(job.id) ?? [];
      const ran = executions.get(job.id) ?? [];
      executions.delete(job.id);
      faults.push(
        ...judgeAcceptance(job, its, ran),
        ...judgeAttempts(job, its, evidence, isReason),
        ...judgeRuns(job, its, ran),
      );
    }
    faults.push(...judgeHandOver(jobs));
  }
  for (const id of executions.keys()) {
    faults.push(`wrong: ${id} ran, and is in no flow`);
  }
  return faults;
}

/** One attempt was accepted: the last one, which ran to its end, with the result that it gave. */
function judgeAcceptance(
  { id, state, attempt, result }: JobRecord,
  events: readonly JobEvent[],
  ran: readonly Execution[],
): string[] {
  const faults: string[] = [];
  if (state !== "completed") faults.push(`unfinished: ${id} is ${state}`);
  const accepted = events.filter(({ type }) => type === "completed");
  if (accepted.length > 1) faults.push(`doubled: ${id} was accepted twice`);
  if (accepted[0]?.attempt !== attempt) {
    faults.push(
      `doubled: ${id} was accepted in attempt ${
        accepted[0]?.attempt
      }, and had ${attempt}`,
    );
  }
  const done = ran.filter((one) => one.attempt === attempt);
  if (!done.some(({ end, hasFailed }) => end !== undefined && !hasFailed)) {
    faults.push(
      `wrong: attempt ${attempt} of ${id} was accepted, and never came to its end`,
    );
  }
  const marks = done.map(({ process }) => markOf(id, attempt, process));
  const by = makersOf(result);
  if (by.some((mark) => !marks.includes(mark))) {
    faults.push(`wrong: ${id} has the result of ${by[0]}`);
  }
  return faults;
}

/**
 * What ends an attempt that was not the last. A worker releases a job that would
 * have to wait for a handler that ignores its signal.
 */
const ENDS: readonly JobEvent["type"][] = ["requeued", "retrying", "released"];

/** Each attempt but the last failed, was released, or was taken from its worker for a reason. */
function judgeAttempts(
  { id, attempt: last }: JobRecord,
  events: readonly JobEvent[],
  evidence: Evidence,
  isReason: typeof isExplained,
): string[] {
  const faults: string[] = [];
  for (let attempt = 1; attempt < last; attempt++) {
    const ends = events.filter((one) =>
      one.attempt === attempt && ENDS.includes(one.type)
    );
    if (ends.length !== 1) {
      faults.push(
        `unexplained: attempt ${attempt} of ${id} ended ${ends.length} times`,
      );
    }
  }
  for (const event of events) {
    if (event.type !== "requeued") continue;
    const given = events.find((one) =>
      one.type === "dispatched" && one.attempt === event.attempt
    );
    if (isReason(event, given?.at ?? event.at, evidence)) continue;
    const worker = evidence.workers.get(event.worker ?? "") ?? event.worker;
    faults.push(
      `unexplained: ${id} was taken from ${worker} in attempt ${event.attempt} (${event.detail})`,
    );
  }
  return faults;
}

/** Handlers ran for attempts that there were, once for each; what failed was tried again. */
function judgeRuns(
  { id, attempt: last }: JobRecord,
  events: readonly JobEvent[],
  ran: readonly Execution[],
): string[] {
  const faults: string[] = [];
  if (ran.length === 0) faults.push(`lost: ${id} never ran`);
  for (const [attempt, its] of groupBy(ran, ({ attempt }) => attempt)) {
    if (its.length > 1) {
      faults.push(`doubled: attempt ${attempt} of ${id} ran twice`);
    }
    if (attempt > last) {
      faults.push(`wrong: attempt ${attempt} of ${id} ran, and had ${last}`);
    }
    const given = events.filter((one) =>
      one.type === "dispatched" && one.attempt === attempt
    );
    if (given.length !== 1) {
      faults.push(
        `unexplained: attempt ${attempt} of ${id} ran, and was given out ${given.length} times`,
      );
    }
  }
  return faults;
}

/** Each job got what the one before it gave. */
function judgeHandOver(jobs: readonly JobRecord[]): string[] {
  const faults: string[] = [];
  for (const { id, node, item, payload } of jobs) {
    if (node === 0) continue;
    const before = jobs.filter((one) => one.node === node - 1);
    const given = before.length === 1
      ? before[0]!.result
      : `[${before.map(({ result }) => result).join(",")}]`;
    const got = item === undefined
      ? given
      : JSON.stringify((JSON.parse(given ?? "[]") as unknown[])[item]);
    if (got !== payload) faults.push(`wrong: ${id} got ${payload}`);
  }
  return faults;
}

/** Who made a result, or each of its pieces. */
function makersOf(result: string | undefined): string[] {
  if (result === undefined) return [];
  const pieces = JSON.parse(result) as Piece | Piece[];
  return (Array.isArray(pieces) ? pieces : [pieces]).map(({ by }) => by);
}

/** Lists by key. */
export function groupBy<T, K>(
  all: readonly T[],
  keyOf: (one: T) => K,
): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
