/**
 * Layer: pipeline/store/sqlite. Queries the tables. Each query reads an index
 * and the rows that it returns, however many others there are.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { placeOf } from "../../model/job_states.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../../model/records.ts";
import {
  type JobCount,
  type Page,
  UNFINISHED_PART,
  type UnfinishedFlow,
} from "../job_store.ts";
import { IN_USE } from "./damage.ts";
import {
  EVENT_VALUES,
  type EventRow,
  FLOW_CHANGES,
  FLOW_CONSTANTS,
  type FlowRow,
  JOB_CHANGES,
  JOB_CONSTANTS,
  type JobRow,
  toEvent,
  toFlow,
  toJob,
} from "./rows.ts";
import { NO_ITEM, ofText } from "../columns.ts";

/** Reads from the database. */
export class Reader {
  readonly #statements: Readonly<Record<keyof typeof SQL, StatementSync>>;

  constructor(db: DatabaseSync) {
    this.#statements = Object.fromEntries(
      Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)]),
    ) as Record<keyof typeof SQL, StatementSync>;
  }

  /** All settings. */
  settings(): Map<string, string> {
    const rows = this.#statements.settings.all() as {
      name: string;
      value: string;
    }[];
    return new Map(rows.map(({ name, value }) => [ofText(name), value]));
  }

  /** The flow with this id. */
  flow(id: string): FlowRecord | undefined {
    const row = this.#statements.flow.get(id) as FlowRow | undefined;
    return row && toFlow(row);
  }

  /** The flow in this row. */
  flowAt(seq: number, payloads = true): FlowRecord {
    const { flowAt, flowHeadAt } = this.#statements;
    return toFlow((payloads ? flowAt : flowHeadAt).get(seq) as FlowRow);
  }

  /** The row of the flow with this id. */
  seqOfFlow(id: string): number | undefined {
    return (this.#statements.flow.get(id) as FlowRow | undefined)?.seq;
  }

  /** The job with this id. */
  job(id: string): JobRecord | undefined {
    const seq = this.seqOfJob(id);
    return seq === undefined ? undefined : this.jobAt(seq);
  }

  /** The job in this row. */
  jobAt(seq: number, payloads = true): JobRecord {
    const { jobAt, jobHeadAt } = this.#statements;
    return toJob((payloads ? jobAt : jobHeadAt).get(seq) as JobRow);
  }

  /** The row of the job with this id. */
  seqOfJob(id: string): number | undefined {
    const { flowId, node, item = NO_ITEM } = placeOf(id);
    const row = this.#statements.findJob.get(flowId, node, item);
    return row?.["seq"] as number | undefined;
  }

  /** The jobs of the flow in this row, by node and item. */
  jobsOf(flow: number, page: Page = {}): JobRecord[] {
    const rows = this.#statements.jobsOf.all(flow, ...bounds(page)) as JobRow[];
    return rows.map(toJob);
  }

  /** The flow in this row with its jobs, by node and item; of many jobs, a part at a time. */
  *inParts(seq: number): Iterable<UnfinishedFlow> {
    const flow = this.flowAt(seq);
    let at: { node: number; item?: number } = { node: -1 };
    for (;;) {
      const rows = this.#statements.jobsAfter.all(
        seq,
        at.node,
        at.item ?? NO_ITEM,
        UNFINISHED_PART,
      ) as JobRow[];
      const jobs = rows.map(toJob);
      yield { flow: { ...flow }, jobs };
      if (jobs.length < UNFINISHED_PART) return;
      at = jobs.at(-1)!;
    }
  }

  /** How many jobs the flow with this id has. */
  jobCountOf(flowId: string): number {
    return Number(this.#statements.jobCountOf.get(flowId)!["count"]);
  }

  /** The events of a job, oldest first. */
  events(jobId: string, page: Page = {}): JobEvent[] {
    const seq = this.seqOfJob(jobId);
    if (seq === undefined) return [];
    const rows = this.#statements.events.all(
      seq,
      ...bounds(page),
    ) as EventRow[];
    return rows.map((row) => toEvent(jobId, row));
  }

  /** The log of a job. */
  log(jobId: string): string {
    const seq = this.seqOfJob(jobId);
    if (seq === undefined) return "";
    return (this.#statements.log.get(seq)?.["text"] ?? "") as string;
  }

  /** The rows of the flows that are running or have unfinished jobs, oldest first. */
  unfinished(): number[] {
    return this.#statements.unfinished.all().map(({ seq }) => seq as number);
  }

  /** How many jobs of each type are in each state. */
  counts(): JobCount[] {
    const rows = this.#statements.counts.all() as {
      job_type: string;
      state: JobCount["state"];
      count: number;
    }[];
    return rows.map(({ job_type, state, count }) => ({
      jobType: ofText(job_type),
      state,
      count,
    }));
  }
}

/** The values for LIMIT and OFFSET; -1 is no limit. */
function bounds({ limit = -1, offset = 0 }: Page): [number, number] {
  return [Number.isFinite(limit) ? limit : -1, offset];
}

const JOBS = `SELECT jobs.*, flows.id AS flow_id, json AS payload
  FROM jobs JOIN flows ON flows.seq = flow JOIN instructions ON job = jobs.seq`;

/** The columns of a table without those that can be large. */
function head(columns: string, table: string): string {
  return columns.split(", ").filter((name) => name !== "result")
    .map((name) => `${table}.${name}`).join(", ");
}

const SQL = {
  settings: `SELECT name, value FROM settings WHERE name <> '${IN_USE}'`,
  flow: "SELECT * FROM flows WHERE id = ?",
  flowAt: "SELECT * FROM flows WHERE seq = ?",
  flowHeadAt: `SELECT seq, ${
    head(`${FLOW_CONSTANTS}, ${FLOW_CHANGES}`, "flows")
  }, NULL AS result FROM flows WHERE seq = ?`,
  jobHeadAt: `SELECT flows.id AS flow_id, 'null' AS payload, ${
    head(`${JOB_CONSTANTS}, ${JOB_CHANGES}`, "jobs")
  }, NULL AS result FROM jobs JOIN flows ON flows.seq = flow
    WHERE jobs.seq = ?`,
  findJob: `SELECT jobs.seq FROM flows JOIN jobs ON flow = flows.seq
    WHERE flows.id = ? AND node = ? AND item = ?`,
  jobAt: `${JOBS} WHERE jobs.seq = ?`,
  jobsAfter: `${JOBS} WHERE flow = ? AND (node, item) > (?, ?)
    ORDER BY node, item LIMIT ?`,
  // Skipped rows are only counted, in the index.
  jobsOf: `${JOBS} WHERE jobs.seq IN (
      SELECT seq FROM jobs WHERE flow = ? ORDER BY node, item LIMIT ? OFFSET ?
    ) ORDER BY node, item`,
  jobCountOf: `SELECT count(*) AS count FROM jobs
    WHERE flow = (SELECT seq FROM flows WHERE id = ?)`,
  events: `SELECT ${EVENT_VALUES} FROM events WHERE job = ? ORDER BY n
    LIMIT ? OFFSET ?`,
  log: "SELECT text FROM logs WHERE job = ?",
  unfinished: `SELECT seq FROM flows WHERE state = 'running'
    UNION
    SELECT flow FROM jobs WHERE state IN
      ('scheduled', 'waiting', 'dispatched', 'active', 'retrying')
    ORDER BY seq`,
  counts: "SELECT job_type, state, count FROM counts WHERE count > 0",
} as const;
