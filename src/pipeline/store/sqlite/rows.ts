/**
 * Layer: pipeline/store/sqlite. Records as rows, and rows as records. Columns
 * and their order derive from `model/record_fields.ts`.
 *
 * @module
 */
import { jobIdOf } from "../../model/job_states.ts";
import {
  EVENT_FIELDS,
  FLOW_FIELDS,
  JOB_FIELDS,
} from "../../model/record_fields.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../../model/records.ts";
import {
  Columns,
  isConstant,
  isVariable,
  NO_ITEM,
  type Row,
  type Value,
} from "../columns.ts";

/** A row of `flows`. */
export type FlowRow = Row & { readonly seq: number };

/** A row of `jobs`, with the id of its flow and its payload. */
export type JobRow = Row & {
  readonly flow_id: string;
  readonly node: number;
  readonly item: number;
  readonly payload: string;
};

/** A row of `events`. */
export type EventRow = Row;

const FLOW = new Columns(FLOW_FIELDS);
const FLOW_CONSTANT = new Columns(FLOW_FIELDS.filter(isConstant));
const FLOW_VARIABLE = new Columns(FLOW_FIELDS.filter(isVariable));
const JOB = new Columns(JOB_FIELDS);
const JOB_CONSTANT = new Columns(JOB_FIELDS.filter(isConstant));
const JOB_VARIABLE = new Columns(JOB_FIELDS.filter(isVariable));
const EVENT = new Columns(EVENT_FIELDS);

/** What of a flow never changes. */
export const FLOW_CONSTANTS: string = FLOW_CONSTANT.sql;

/** The values of {@link FLOW_CONSTANTS}. */
export function flowConstants(flow: FlowRecord): Value[] {
  return FLOW_CONSTANT.values(flow);
}

/** What of a flow may change. */
export const FLOW_CHANGES: string = FLOW_VARIABLE.sql;

/** The values of {@link FLOW_CHANGES}. */
export function flowChanges(flow: FlowRecord): Value[] {
  return FLOW_VARIABLE.values(flow);
}

/** The flow that a row says. */
export function toFlow(row: FlowRow): FlowRecord {
  return FLOW.record(row) as unknown as FlowRecord;
}

/** What of a job never changes, besides its flow and its payload. */
export const JOB_CONSTANTS: string = `item, ${JOB_CONSTANT.sql}`;

/** The values of {@link JOB_CONSTANTS}. */
export function jobConstants(job: JobRecord): Value[] {
  return [job.item ?? NO_ITEM, ...JOB_CONSTANT.values(job)];
}

/** What of a job may change. */
export const JOB_CHANGES: string = JOB_VARIABLE.sql;

/** The values of {@link JOB_CHANGES}. */
export function jobChanges(job: JobRecord): Value[] {
  return JOB_VARIABLE.values(job);
}

/** The job that a row says. */
export function toJob(row: JobRow): JobRecord {
  const job = JOB.record(row);
  const item = row.item === NO_ITEM ? undefined : row.item;
  job.id = jobIdOf(row.flow_id, row.node, item);
  job.flowId = row.flow_id;
  job.item = item;
  job.payload = row.payload;
  return job as unknown as JobRecord;
}

/** What an event says, besides its job. */
export const EVENT_VALUES: string = EVENT.sql;

/** The values of {@link EVENT_VALUES}. */
export function eventValues(event: JobEvent): Value[] {
  return EVENT.values(event);
}

/** The event that a row says. */
export function toEvent(jobId: string, row: EventRow): JobEvent {
  const event = EVENT.record(row);
  event.jobId = jobId;
  return event as unknown as JobEvent;
}
