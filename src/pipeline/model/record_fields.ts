/**
 * Layer: pipeline/model. The members of records, one row each: what a member
 * holds, whether it changes, who sees it. The columns of `store/sqlite/rows.ts`,
 * the names of `protocol/names.ts` and the views of `server/views.ts` derive
 * from these tables. TypeScript refuses a table that lacks a member.
 *
 * @module
 */
import type { FlowRecord, JobEvent, JobRecord } from "./records.ts";

/** What the rows of a table say of a member. */
export interface FieldRow {
  /**
   * What it holds: an `id` (letters, digits, `-` and `_`), `text` (any string), a
   * `number`, an `object`, or a `payload`, which is JSON text.
   */
  readonly holds: "id" | "text" | "number" | "object" | "payload";
  /** Whether it may change once the record is there. */
  readonly changes?: true;
  /** Whether clients see it. */
  readonly isShown?: true;
  /** Whether SQLite stores it otherwise than in a column of its kind; `rows.ts` says how. */
  readonly hasNoColumn?: true;
  /** Its column, where that has another name than the member. */
  readonly column?: string;
}

/** A member of a record. */
export interface Field extends FieldRow {
  /** Its name in TypeScript. */
  readonly name: string;
  /** Its name in SQLite, on the wire and in JSON over HTTP. */
  readonly snakeName: string;
}

/** `createdAt` as `created_at`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function fields<T>(
  rows: { readonly [K in keyof T]-?: FieldRow },
): readonly Field[] {
  return Object.entries<FieldRow>(rows).map(([name, row]) => ({
    ...row,
    name,
    snakeName: row.column ?? snakeCase(name),
  }));
}

/** The members of a flow. */
export const FLOW_FIELDS: readonly Field[] = fields<FlowRecord>({
  id: { holds: "id", isShown: true },
  name: { holds: "text", isShown: true },
  graph: { holds: "object" },
  state: { holds: "id", changes: true, isShown: true },
  key: { holds: "text", isShown: true },
  priority: { holds: "number", changes: true, isShown: true },
  retry: { holds: "object" },
  timeoutMs: { holds: "number" },
  result: { holds: "payload", changes: true, isShown: true },
  error: { holds: "object", changes: true, isShown: true },
  traceparent: { holds: "text" },
  createdAt: { holds: "number", isShown: true },
  finishedAt: { holds: "number", changes: true, isShown: true },
  expiresAt: { holds: "number", changes: true, isShown: true },
});

/** The members of a job. */
export const JOB_FIELDS: readonly Field[] = fields<
  Omit<JobRecord, "instructions">
>({
  id: { holds: "id", isShown: true, hasNoColumn: true },
  flowId: { holds: "id", isShown: true, hasNoColumn: true },
  node: { holds: "number" },
  item: { holds: "number", hasNoColumn: true },
  jobType: { holds: "text", isShown: true },
  state: { holds: "id", changes: true, isShown: true },
  payload: { holds: "payload", isShown: true, hasNoColumn: true },
  priority: { holds: "number", changes: true, isShown: true },
  attempt: { holds: "number", changes: true, isShown: true },
  failures: { holds: "number", changes: true, isShown: true },
  kills: { holds: "number", changes: true, isShown: true },
  isolationLimit: { holds: "number", changes: true, column: "together" },
  retry: { holds: "object" },
  timeoutMs: { holds: "number" },
  runAt: { holds: "number", changes: true, isShown: true },
  worker: { holds: "text", changes: true, isShown: true },
  progress: { holds: "number", changes: true, isShown: true },
  result: { holds: "payload", changes: true, isShown: true },
  traceparent: { holds: "text", changes: true },
  error: { holds: "object", changes: true, isShown: true },
  createdAt: { holds: "number", isShown: true },
  startedAt: { holds: "number", changes: true, isShown: true },
  finishedAt: { holds: "number", changes: true, isShown: true },
});

/** The members of a line of a timeline. */
export const EVENT_FIELDS: readonly Field[] = fields<JobEvent>({
  jobId: { holds: "id", hasNoColumn: true },
  at: { holds: "number", isShown: true },
  type: { holds: "id", isShown: true },
  attempt: { holds: "number", isShown: true },
  worker: { holds: "text", isShown: true },
  detail: { holds: "text", isShown: true },
});
