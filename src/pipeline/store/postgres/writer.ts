/**
 * Layer: pipeline/store/postgres. Writes batches, each in one round trip, and
 * knows how each of them ended.
 *
 * Each leader of a pipeline has an epoch that no other has; each batch raises the number of the last one. A batch whose answer is lost is decided by
 * the server: `settle` raises the number past the one that this batch would
 * have, unless the batch is there. So it is committed, or can never be.
 *
 * @module
 */
import { sleep } from "../../../async/pending_call.ts";
import { messageOf } from "../../model/foreign.ts";
import { endOfLog } from "../../model/job_log.ts";
import { isFinal, jobIdOf } from "../../model/job_states.ts";
import { PipelineError } from "../../model/pipeline_error.ts";
import { type NewRow, NO_ITEM, toText } from "../columns.ts";
import type { Batch } from "../job_store.ts";
import { ConnectError, type Connection, isAnswer } from "./connection.ts";
import type { ResultRow, Statement } from "./driver.ts";
import { fenced, type Taken } from "./leader_lease.ts";
import { eventRow, flowRow, type JobKey, jobRow, keyOf } from "./rows.ts";
import { type WriteStatements, writeStatements } from "./write_statements.ts";

/** So long a call tries to find out how its batch ended, in milliseconds. */
const SETTLE_MS = 2000;

/** The pause between two such attempts, in milliseconds. */
const SETTLE_PAUSE_MS = 200;

/** How many unfinished flows, and how many jobs, are known to be there; others are written whole. */
const MAX_KNOWN = 100_000;

/** What a batch adds: a batch that repeats it begins with the same. */
interface Added {
  readonly events: number;
  /** The length of the text, by job. */
  readonly logs: ReadonlyMap<string, number>;
}

const NOTHING: Added = { events: 0, logs: new Map() };

/** What a batch adds. */
function addedBy({ events, logs }: Batch): Added {
  return {
    events: events.length,
    logs: logs.size === 0
      ? NOTHING.logs
      : new Map([...logs].map(([jobId, { length }]) => [jobId, length])),
  };
}

/** A batch, as rows. */
interface Rows {
  readonly flows: NewRow[];
  readonly jobs: NewRow[];
  readonly events: NewRow[];
  readonly settings: NewRow[];
  readonly neededFlows: NewRow[];
  readonly neededJobs: JobKey[];
  /** Which flows and jobs are unfinished once the batch is committed. */
  readonly unfinished: Readonly<Record<"flows" | "jobs", [string, boolean][]>>;
}

/** Writes to a pipeline. */
export class Writer {
  readonly #connection: Connection;
  readonly #statements: WriteStatements;
  readonly #taken: Taken;
  /** The number of the last batch. */
  #batch: number;
  /** The last `seq` of flows and of jobs. */
  readonly #last: { flow: number; job: number };
  readonly #flows: Set<string> = new Set();
  readonly #jobs: Set<string> = new Set();
  /** What the batch adds whose outcome is unknown. */
  #unsettled: Added | undefined;
  /** What of the next batch is there already: it repeats one that was committed. */
  #done: Added = NOTHING;

  private constructor(
    connection: Connection,
    statements: WriteStatements,
    taken: Taken,
    last: { flow: number; job: number },
  ) {
    this.#connection = connection;
    this.#statements = statements;
    this.#taken = taken;
    this.#batch = taken.batch;
    this.#last = last;
  }

  /** Writes to the pipeline that this process has taken. */
  static async create(
    connection: Connection,
    schema: string,
    taken: Taken,
  ): Promise<Writer> {
    const statements = writeStatements(schema);
    const { rows: [last] } = await connection.query(statements.last, [
      taken.pipeline,
    ]);
    return new Writer(
      connection,
      statements,
      taken,
      last as { flow: number; job: number },
    );
  }

  /** Commits a batch. It is read before this returns. */
  async commit(batch: Batch): Promise<void> {
    const rows = this.#rowsOf(batch);
    const added = addedBy(batch);
    const logs = [...batch.logs];
    await this.#settle();
    const row = await this.#write(
      this.#statements.commit,
      [
        rows.flows,
        rows.jobs,
        rows.events.slice(this.#done.events),
        rows.settings,
        rows.neededFlows,
        rows.neededJobs,
        this.#logRows(logs),
      ].map((part) => JSON.stringify(part)),
      added,
    );
    if (row !== undefined && row["what"] !== null) throw missing(row);
    this.#done = NOTHING;
    this.#noteKnown(rows);
  }

  /**
   * Deletes expired flows and their jobs, at most `limit` records.
   *
   * @returns How many it processed.
   */
  async prune(now: number, limit: number): Promise<number> {
    await this.#settle();
    // Infinity is a number of PostgreSQL, too.
    const row = await this.#write(
      this.#statements.prune,
      [now, limit],
      NOTHING,
    );
    return Number(row?.["processed"] ?? 0);
  }

  /**
   * Writes behind the fence.
   *
   * @returns The answer; `undefined` if it was lost, and the statement is committed.
   */
  async #write(
    statement: Statement,
    values: readonly unknown[],
    added: Added,
  ): Promise<ResultRow | undefined> {
    const { pipeline, epoch } = this.#taken;
    try {
      const { rows: [row], isWarned } = await this.#connection.query(
        statement,
        [pipeline, epoch, this.#batch, ...values],
      );
      if (Number(row!["written"]) === 1) {
        // One that a standby may lack waits once more.
        if (isWarned) throw new Error("the server warned of the commit");
        this.#batch++;
        return row!;
      }
      if (typeof row!["what"] === "string") return row!;
      this.#unsettled = added; // only to be asked for the reason
    } catch (error) {
      if (error instanceof ConnectError || isAnswer(error)) throw error;
      this.#unsettled = added;
    }
    if (await this.#settle()) return undefined;
    throw new Error("the connection was lost, and nothing was committed");
  }

  /**
   * Decides how the last batch ended, if that is unknown.
   *
   * @returns Whether it is committed.
   */
  async #settle(): Promise<boolean> {
    if (this.#unsettled === undefined) return false;
    const found = await this.#askFor();
    if (found === undefined) throw fenced();
    const isDone = found === this.#batch + 1;
    if (!isDone && found !== this.#batch + 2) throw lostCommits();
    if (isDone) this.#done = this.#unsettled;
    this.#batch = found;
    this.#unsettled = undefined;
    return isDone;
  }

  /** The number of the last batch, as the server has decided; `undefined` if another has the pipeline. */
  async #askFor(): Promise<number | undefined> {
    const { pipeline, epoch } = this.#taken;
    const end = Date.now() + SETTLE_MS;
    for (;;) {
      try {
        const { rows, isWarned } = await this.#connection.query(
          this.#statements.settle,
          [pipeline, epoch, this.#batch],
        );
        if (!isWarned) return rows[0]?.["batch"] as number | undefined;
      } catch (cause) {
        if (Date.now() < end) {
          await sleep(SETTLE_PAUSE_MS);
          continue;
        }
        throw new Error(
          `${
            messageOf(cause)
          }; whether the last batch was committed is asked again`,
          { cause },
        );
      }
    }
  }

  #rowsOf(batch: Batch): Rows {
    const [flows, jobs] = [this.#flows, this.#jobs];
    const last = this.#last;
    const neededFlows = new Set<string>();
    const neededJobs = new Set<string>();
    for (const { flowId } of batch.jobs.values()) {
      if (!batch.flows.has(flowId) && !flows.has(flowId)) {
        neededFlows.add(flowId);
      }
    }
    for (const { jobId } of batch.events) {
      if (!batch.jobs.has(jobId) && !jobs.has(jobId)) neededJobs.add(jobId);
    }
    return {
      flows: [...batch.flows.values()].map((flow) =>
        flowRow(flow, ++last.flow, flows.has(flow.id))
      ),
      jobs: [...batch.jobs.values()].map((job) =>
        jobRow(job, ++last.job, jobs.has(job.id))
      ),
      events: batch.events.map(eventRow),
      settings: [...batch.settings].map(([name, value]) => ({
        name: toText(name),
        value,
      })),
      neededFlows: [...neededFlows].map((id) => ({ id })),
      neededJobs: [...neededJobs].map(keyOf),
      unfinished: {
        flows: [...batch.flows.values()].map(({ id, state }) => [
          id,
          state === "running",
        ]),
        jobs: [...batch.jobs.values()].map((job) => [job.id, !isFinal(job)]),
      },
    };
  }

  /** What is added to logs, without what is there already. */
  #logRows(logs: readonly (readonly [string, string])[]): NewRow[] {
    const rows: NewRow[] = [];
    for (const [jobId, text] of logs) {
      const { flow, node, item } = keyOf(jobId);
      const rest = text.slice(this.#done.logs.get(jobId) ?? 0);
      if (rest !== "") rows.push({ flow, node, item, text: endOfLog(rest) });
    }
    return rows;
  }

  /** Notes which unfinished records are there now: of these only changes are written. */
  #noteKnown({ unfinished: { flows, jobs } }: Rows): void {
    for (const [id, isKnown] of flows) note(this.#flows, id, isKnown);
    for (const [id, isKnown] of jobs) note(this.#jobs, id, isKnown);
  }
}

function note(known: Set<string>, id: string, isKnown: boolean): void {
  if (!isKnown) known.delete(id);
  else if (known.size < MAX_KNOWN) known.add(id);
}

function missing(row: ResultRow): PipelineError {
  const { what, id, node, item } = row as {
    what: string;
    id: string;
    node: number;
    item: number;
  };
  const whole = what === "flow"
    ? id
    : jobIdOf(id, node, item === NO_ITEM ? undefined : item);
  return new PipelineError(
    "ERR_STORE_FAILED",
    `Unknown ${what} "${whole}"`,
    { id: whole },
  );
}

function lostCommits(): PipelineError {
  return new PipelineError(
    "ERR_STORE_FENCED",
    "The database has lost commits, as after a failover to a standby that was behind: this process can write no more; the next one to lead continues with what is there",
  );
}
