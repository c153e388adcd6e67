/**
 * Layer: pipeline/store/sqlite. Deletes expired flows with their jobs and
 * events: a bounded number of rows at a time, however many jobs a flow has.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isFinal } from "../../model/job_states.ts";
import type { JobState } from "../../model/records.ts";

/** A flow with at least so many jobs is looked through over several calls. */
const MANY = 1000;

/** A row of `jobs`. */
interface JobRow {
  readonly seq: number;
  readonly node: number;
  readonly item: number;
  readonly state: JobState;
  readonly job_type: string;
}

/** Notes how many more, or fewer, jobs of a type are in a state. */
export type Count = (state: string, jobType: string, by: number) => void;

/** Finds and deletes what has expired. */
export class ExpiredFlows {
  readonly #statements: Readonly<Record<keyof typeof SQL, StatementSync>>;
  /** The flow with many jobs that is looked through, and its last job that was found final. */
  #checked: { readonly flow: number; node: number; item: number } | undefined;
  /** The flow with many jobs that are all final. */
  #verified: number | undefined;

  constructor(db: DatabaseSync) {
    this.#statements = Object.fromEntries(
      Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)]),
    ) as Record<keyof typeof SQL, StatementSync>;
  }

  /** Flows have changed: their jobs need not be final any more. */
  changed(flows: ReadonlyMap<string, number>): void {
    const known = this.#verified ?? this.#checked?.flow;
    if (known === undefined) return;
    for (const seq of flows.values()) if (seq === known) this.#reset();
  }

  /**
   * Deletes at most so many flows and jobs, within a transaction.
   *
   * @returns How many it has processed.
   */
  delete(now: number, limit: number, count: Count): number {
    const jobs: JobRow[] = [];
    const flows: number[] = [];
    let left = limit;
    for (const { seq, many } of this.#candidates(now, limit)) {
      if (left === 0) break;
      if (many === 1 && this.#verified !== seq) {
        const checked = this.#check(seq, left);
        if (checked === undefined) continue; // it has unfinished jobs
        left -= checked;
        if (this.#verified !== seq) break;
      }
      const own = this.#statements.jobsOf.all(seq, left) as unknown as JobRow[];
      for (const job of own) jobs.push(job);
      left -= own.length;
      if (left === 0) break;
      flows.push(seq);
      left--;
    }
    this.#delete(jobs, flows, count);
    return limit - left;
  }

  #candidates(now: number, limit: number): { seq: number; many: number }[] {
    return this.#statements.expired.all(now, limit) as unknown as {
      seq: number;
      many: number;
    }[];
  }

  /**
   * Looks whether the next jobs of a flow are final.
   *
   * @returns How many it has looked at; `undefined` if one is not.
   */
  #check(flow: number, limit: number): number | undefined {
    if (this.#checked?.flow !== flow) {
      this.#checked = { flow, node: -1, item: -1 };
    }
    const checked = this.#checked;
    const rows = this.#statements.jobsAfter.all(
      flow,
      checked.node,
      checked.item,
      limit,
    ) as unknown as JobRow[];
    if (!rows.every(isFinal)) {
      this.#reset();
      return undefined;
    }
    if (rows.length < limit) {
      this.#reset();
      this.#verified = flow;
    } else Object.assign(checked, rows.at(-1));
    return rows.length;
  }

  #delete(
    jobs: readonly JobRow[],
    flows: readonly number[],
    count: Count,
  ): void {
    if (jobs.length > 0) {
      for (const { state, job_type } of jobs) count(state, job_type, -1);
      const rows = JSON.stringify(jobs.map(({ seq }) => seq));
      this.#statements.dropEvents.run(rows);
      this.#statements.dropLogs.run(rows);
      this.#statements.dropInstructions.run(rows);
      this.#statements.dropJobs.run(rows);
    }
    if (flows.length === 0) return;
    this.#statements.dropFlows.run(JSON.stringify(flows));
    if (flows.includes(this.#verified!)) this.#reset();
  }

  #reset(): void {
    this.#checked = this.#verified = undefined;
  }
}

const OF_JOBS = "IN (SELECT value FROM json_each(?))";
const FIRST = `SELECT state FROM jobs WHERE flow = flows.seq LIMIT ${MANY}`;
const ROW = "seq, node, item, state, job_type";

const SQL = {
  // Of each flow a bounded number of jobs is looked at.
  expired: `SELECT seq, EXISTS (
        SELECT 1 FROM jobs WHERE flow = flows.seq LIMIT 1 OFFSET ${MANY - 1}
      ) AS many
      FROM flows
      WHERE expires_at <= ? AND state <> 'running' AND NOT EXISTS (
        SELECT 1 FROM (${FIRST}) AS first_jobs
          WHERE state NOT IN ('completed', 'dead', 'cancelled')
      )
      ORDER BY expires_at, seq LIMIT ?`,
  // By node and item: a flow without its first job is being deleted.
  jobsOf: `SELECT ${ROW} FROM jobs WHERE flow = ?
      ORDER BY node, item LIMIT ?`,
  jobsAfter: `SELECT ${ROW} FROM jobs
      WHERE flow = ? AND (node, item) > (?, ?) ORDER BY node, item LIMIT ?`,
  dropEvents: `DELETE FROM events WHERE job ${OF_JOBS}`,
  dropLogs: `DELETE FROM logs WHERE job ${OF_JOBS}`,
  dropInstructions: `DELETE FROM instructions WHERE job ${OF_JOBS}`,
  dropJobs: `DELETE FROM jobs WHERE seq ${OF_JOBS}`,
  dropFlows: `DELETE FROM flows WHERE seq ${OF_JOBS}`,
} as const;
