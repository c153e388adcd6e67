/**
 * Layer: pipeline/store/sqlite. Records as rows, and rows as records. Columns
 * and their order derive from `model/record_fields.ts`.
 *
 * @module
 */
import { jobIdOf } from "../../model/job_states.ts";
import {
  EVENT_FIELDS,
  type Field,
  FLOW_FIELDS,
  JOB_FIELDS,
} from "../../model/record_fields.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../../model/records.ts";

/** What a column can hold. */
export type Value = string | number | null;

/** A row, by the names of its columns. */
type Row = Readonly<Record<string, Value>>;

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

/** In the column `item`, for a node that does not run for each item. */
export const NO_ITEM = -1;

type Convert = ((value: never) => Value) | undefined;

/** How a value of each kind is written; absent where it stays as it is. */
const WRITE: Readonly<Record<Field["holds"], Convert>> = {
  id: undefined,
  text: toText,
  number: undefined,
  object: (value: object) => JSON.stringify(value),
  payload: undefined,
};

/** How a value of each kind is read; absent where it stays as it is. */
const READ: Readonly<Record<Field["holds"], Convert>> = {
  id: undefined,
  text: ofText,
  number: undefined,
  object: (json: string) => JSON.parse(json),
  payload: undefined,
};

/** Some columns of a table. */
class Columns {
  /** Their names, as in a list of columns. */
  readonly sql: string;
  readonly #names: readonly string[];
  readonly #columns: readonly string[];
  readonly #write: readonly Convert[];
  readonly #read: readonly Convert[];
  /** Copied for each record: an object that grows member by member is several times slower. */
  readonly #template: Readonly<Record<string, unknown>>;

  constructor(fields: readonly Field[]) {
    const own = fields.filter(({ hasNoColumn }) => !hasNoColumn);
    this.#names = own.map(({ name }) => name);
    this.#columns = own.map(({ snakeName }) => snakeName);
    this.#write = own.map(({ holds }) => WRITE[holds]);
    this.#read = own.map(({ holds }) => READ[holds]);
    this.#template = Object.fromEntries(
      fields.map(({ name }) => [name, undefined]),
    );
    this.sql = this.#columns.join(", ");
  }

  /** The values of a record, in the order of the columns. */
  values(record: object): Value[] {
    const values: Value[] = [];
    for (let i = 0; i < this.#names.length; i++) {
      const value = (record as Record<string, unknown>)[this.#names[i]!];
      const write = this.#write[i];
      if (value === undefined) values.push(null);
      else if (write === undefined) values.push(value as Value);
      else values.push(write(value as never));
    }
    return values;
  }

  /** The record that a row has; what has no column is `undefined`. */
  record(row: Row): Record<string, unknown> {
    const record = { ...this.#template };
    for (let i = 0; i < this.#names.length; i++) {
      const value = row[this.#columns[i]!];
      if (value === null || value === undefined) continue;
      const read = this.#read[i];
      record[this.#names[i]!] = read === undefined
        ? value
        : read(value as never);
    }
    return record;
  }
}

const isConstant = ({ changes }: Field) => changes !== true;
const isVariable = ({ changes }: Field) => changes === true;
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

/**
 * Any string as text that SQLite gives back as it was. It keeps UTF-8, and some
 * runtimes read only up to the first NUL: a string with a NUL or half a
 * character in it, which is rare, is written as JSON. JSON text itself has
 * neither, and needs no such care.
 */
export function toText(text: string): string {
  const isPlain = !text.startsWith('"') && !text.includes("\0") &&
    !/\p{Surrogate}/u.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** The string that {@link toText} was given. */
export function ofText(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}
