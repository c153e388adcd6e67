/**
 * Layer: pipeline/store. The columns of tables, derived from
 * `model/record_fields.ts`, and how members of records are written in them: the
 * same in every database.
 *
 * @module
 */
import type { Field } from "../model/record_fields.ts";

/** What a column can hold. */
export type Value = string | number | null;

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, Value>>;

/** A row that is made: what has no value is `undefined`, as it is absent in JSON. */
export type NewRow = Record<string, Value | undefined>;

/** In the column `item`, for a node that does not run for each item. */
export const NO_ITEM = -1;

/** Whether a member keeps its first value. */
export const isConstant = ({ changes }: Field): boolean => changes !== true;

/** Whether a member may change. */
export const isVariable = ({ changes }: Field): boolean => changes === true;

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
export class Columns {
  /** Their names, as in a list of columns. */
  readonly sql: string;
  readonly #names: readonly string[];
  readonly #columns: readonly string[];
  readonly #write: readonly Convert[];
  readonly #read: readonly Convert[];
  /** Copied for each record, and for each row: an object that grows member by member is several times slower. */
  readonly #template: Readonly<Record<string, unknown>>;
  readonly #rowTemplate: Readonly<NewRow>;

  /** @param others The names of columns that a new row has beside these. */
  constructor(fields: readonly Field[], others: readonly string[] = []) {
    const own = fields.filter(({ hasNoColumn }) => !hasNoColumn);
    this.#names = own.map(({ name }) => name);
    this.#columns = own.map(({ snakeName }) => snakeName);
    this.#write = own.map(({ holds }) => WRITE[holds]);
    this.#read = own.map(({ holds }) => READ[holds]);
    this.#template = Object.fromEntries(
      fields.map(({ name }) => [name, undefined]),
    );
    this.#rowTemplate = Object.fromEntries(
      [...others, ...this.#columns].map((name) => [name, undefined]),
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

  /** The row of a record, with room for the other columns. */
  row(record: object): NewRow {
    const row = { ...this.#rowTemplate };
    for (let i = 0; i < this.#names.length; i++) {
      const value = (record as Record<string, unknown>)[this.#names[i]!];
      if (value === undefined) continue;
      const write = this.#write[i];
      row[this.#columns[i]!] = write === undefined
        ? value as Value
        : write(value as never);
    }
    return row;
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

/**
 * Any string as text that every database returns unchanged. They hold UTF-8;
 * PostgreSQL has no NUL, and some runtimes read what SQLite has only up to the
 * first one. So a string with a NUL or half a character in it, which is rare, is
 * written as JSON. JSON text itself has neither, and needs no such care.
 */
export function toText(text: string): string {
  const isPlain = !text.startsWith('"') && !text.includes("\0") &&
    isWellFormed(text);
  return isPlain ? text : JSON.stringify(text);
}

/** The string that {@link toText} was given. */
export function ofText(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}

/** Whether a string has no half of a character. TypeScript's ES2022 lacks the method. */
function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
