/**
 * Layer: pipeline/store/postgres. Records as rows, and rows as records.
 *
 * @module
 */
import { jobIdOf, placeOf } from "../../model/job_states.ts";
import { PipelineError } from "../../model/pipeline_error.ts";
import {
  EVENT_FIELDS,
  type Field,
  FLOW_FIELDS,
  JOB_FIELDS,
} from "../../model/record_fields.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../../model/records.ts";
import {
  Columns,
  isVariable,
  type NewRow,
  NO_ITEM,
  type Row,
} from "../columns.ts";
import type { ResultRow } from "./driver.ts";

const FLOW = new Columns(FLOW_FIELDS, ["seq"]);
const FLOW_VARIABLE = new Columns(
  FLOW_FIELDS.filter((field) => field.name === "id" || isVariable(field)),
  ["seq"],
);
const JOB = new Columns(JOB_FIELDS, ["seq", "flow", "item", "payload"]);
const JOB_VARIABLE = new Columns(
  JOB_FIELDS.filter(isVariable),
  ["seq", "flow", "node", "item"],
);
const EVENT = new Columns(EVENT_FIELDS, ["flow", "node", "item", "n"]);

/** The columns of a flow, besides its pipeline and `seq`. */
export const FLOW_COLUMNS: readonly string[] = FLOW.sql.split(", ");

/** Those that may change. */
export const FLOW_CHANGES: readonly string[] = changesOf(FLOW_FIELDS);

/** The columns of a job, besides its pipeline and `seq`. */
export const JOB_COLUMNS: readonly string[] = [
  "flow",
  "item",
  "payload",
  ...JOB.sql.split(", "),
];

/** Those that may change. */
export const JOB_CHANGES: readonly string[] = changesOf(JOB_FIELDS);

/** The columns of an event, besides its pipeline and batch. */
export const EVENT_COLUMNS: readonly string[] = [
  "flow",
  "node",
  "item",
  "n",
  ...EVENT.sql.split(", "),
];

/** Columns with their types, as PostgreSQL declares them. */
export function typed(columns: readonly string[]): string {
  return columns.map((name) => `${name} ${typeOf(name)}`).join(", ");
}

/** The columns of a list without payloads and results. */
export function headOf(columns: readonly string[]): string[] {
  return columns.map((name) =>
    name === "result"
      ? "NULL AS result"
      : name === "payload"
      ? "'null' AS payload"
      : name
  );
}

/** Where a job is stored. */
export interface JobKey {
  readonly flow: string;
  readonly node: number;
  readonly item: number;
}

/** The key of the job with this id. */
export function keyOf(jobId: string): JobKey {
  const { flowId, node, item = NO_ITEM } = placeOf(jobId);
  return { flow: flowId, node, item };
}

/**
 * The row of a flow.
 *
 * @param isKnown Whether it is there already: then only what may change is written.
 */
export function flowRow(
  flow: FlowRecord,
  seq: number,
  isKnown: boolean,
): NewRow {
  const columns = isKnown ? FLOW_VARIABLE : FLOW;
  const row = columns.row(flow);
  row.seq = seq;
  return storable(flow.id, row);
}

/** The row of a job; see {@link flowRow}. */
export function jobRow(job: JobRecord, seq: number, isKnown: boolean): NewRow {
  const row = isKnown ? JOB_VARIABLE.row(job) : JOB.row(job);
  row.seq = seq;
  row.flow = job.flowId;
  row.node = job.node;
  row.item = job.item ?? NO_ITEM;
  if (!isKnown) row.payload = job.payload;
  return storable(job.id, row);
}

/** The row of an event, the n-th of its batch. */
export function eventRow(event: JobEvent, n: number): NewRow {
  const { flowId, node, item = NO_ITEM } = placeOf(event.jobId);
  const row = EVENT.row(event);
  row.flow = flowId;
  row.node = node;
  row.item = item;
  row.n = n;
  return row;
}

/** The flow in a row. */
export function toFlow(row: ResultRow): FlowRecord {
  return FLOW.record(row as Row) as unknown as FlowRecord;
}

/** The job in a row. */
export function toJob(row: ResultRow): JobRecord {
  const { flow, node, item, payload } = row as unknown as JobKey & {
    payload: string;
  };
  const job = JOB.record(row as Row);
  job.item = item === NO_ITEM ? undefined : item;
  job.id = jobIdOf(flow, node, job.item as number | undefined);
  job.flowId = flow;
  job.payload = payload;
  return job as unknown as JobRecord;
}

/** The event in a row. */
export function toEvent(jobId: string, row: ResultRow): JobEvent {
  const event = EVENT.record(row as Row);
  event.jobId = jobId;
  return event as unknown as JobEvent;
}

function changesOf(fields: readonly Field[]): string[] {
  return fields.filter(isVariable).map(({ snakeName }) => snakeName);
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ["seq", "bigint"],
  ["flow", "text"],
  ["node", "integer"],
  ["item", "integer"],
  ["n", "integer"],
  ...[...FLOW_FIELDS, ...JOB_FIELDS, ...EVENT_FIELDS]
    .filter(({ name }) => name !== "node" && name !== "item")
    .map(({ snakeName, holds }): [string, string] => [
      snakeName,
      holds === "number" ? "double precision" : "text",
    ]),
]);

function typeOf(column: string): string {
  return TYPES.get(column)!;
}

/**
 * Throws for text that PostgreSQL cannot store; JSON text is never affected.
 *
 * @throws {PipelineError} `ERR_STORE_FAILED`, with the id.
 */
function storable(id: string, row: NewRow): NewRow {
  for (const name of ["payload", "result"]) {
    const text = row[name];
    if (typeof text === "string" && /[\0\p{Surrogate}]/u.test(text)) {
      throw new PipelineError(
        "ERR_STORE_FAILED",
        `The ${name} of "${id}" is not JSON text: it has a NUL, or half a character`,
        { id },
      );
    }
  }
  return row;
}
