/**
 * Layer: pipeline/store/sqlite. Lists the rows of a table, newest first, page
 * by page. The index is in order within one state and name; so a list of
 * several is merged from one page of each.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchQuery } from "../job_store.ts";
import { ofText } from "../columns.ts";

/** What is listed. */
export interface ListedTable {
  readonly table: string;
  /** The column that holds the name. */
  readonly name: string;
  /** The row with this id. */
  readonly seqOf: (id: string) => number | undefined;
}

/** The rows of one state and name. */
type Bucket = { readonly state: string; readonly name: string };

/** Lists one table. */
export class Lister<S extends string> {
  readonly #seqOf: (id: string) => number | undefined;
  readonly #all: StatementSync;
  readonly #ofBucket: StatementSync;
  readonly #nextName: StatementSync;
  readonly #nextState: StatementSync;

  constructor(db: DatabaseSync, { table, name, seqOf }: ListedTable) {
    this.#seqOf = seqOf;
    this.#all = db.prepare(
      `SELECT seq FROM ${table} WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
    );
    this.#ofBucket = db.prepare(
      `SELECT seq FROM ${table} WHERE state = ? AND ${name} = ? AND seq < ?
        ORDER BY seq DESC LIMIT ?`,
    );
    this.#nextName = db.prepare(
      `SELECT state, ${name} AS name FROM ${table}
        WHERE state = ? AND ${name} > ? ORDER BY ${name} LIMIT 1`,
    );
    this.#nextState = db.prepare(
      `SELECT state, ${name} AS name FROM ${table}
        WHERE state > ? ORDER BY state, ${name} LIMIT 1`,
    );
  }

  /** The rows that are asked for, newest first. */
  list({ states, name, limit, before }: SearchQuery<S>): number[] {
    const end = this.endOf(before);
    if (end === undefined) return [];
    if (states === undefined && name === undefined) {
      return this.#all.all(end, limit).map(seqIn);
    }
    const found: number[] = [];
    for (const bucket of this.#buckets()) {
      if (states !== undefined && !states.includes(bucket.state as S)) continue;
      if (name !== undefined && name !== ofText(bucket.name)) continue;
      const { state, name: text } = bucket;
      for (const row of this.#ofBucket.all(state, text, end, limit)) {
        found.push(seqIn(row));
      }
    }
    return found.sort((a, b) => b - a).slice(0, limit);
  }

  /** The row before which a list ends; `undefined` if there is no such record. */
  endOf(before: string | number | undefined): number | undefined {
    if (typeof before === "string") return this.#seqOf(before);
    return before ?? Number.MAX_SAFE_INTEGER;
  }

  /** From each state and name to the next: as many looks into the index as there are of them. */
  *#buckets(): Iterable<Bucket> {
    let last: Bucket = { state: "", name: "" };
    for (;;) {
      const next = this.#nextName.get(last.state, last.name) ??
        this.#nextState.get(last.state);
      if (next === undefined) return;
      last = next as Bucket;
      yield last;
    }
  }
}

function seqIn(row: Record<string, unknown>): number {
  return row["seq"] as number;
}
