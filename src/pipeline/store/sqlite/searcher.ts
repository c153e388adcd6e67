/**
 * Layer: pipeline/store/sqlite. Searches flows and jobs, newest first, for a few
 * milliseconds at a time: `Lister` has the records of a state and name, an index
 * those of a key, and each is looked at by itself.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  FlowRecord,
  FlowState,
  JobFailure,
  JobRecord,
  JobState,
} from "../../model/records.ts";
import { SEARCHED_LENGTH, TextMatcher } from "../../model/text_matcher.ts";
import { NO_ITEM, toText } from "../columns.ts";
import {
  type FlowSearchQuery,
  SEARCH_MS,
  type SearchPart,
  type SearchQuery,
} from "../job_store.ts";
import type { Lister } from "./lister.ts";
import type { Reader } from "./reader.ts";

/** How many rows are listed at a time. */
const LISTED = 100;

/** Searches an open database. */
export class Searcher {
  readonly #reader: Reader;
  readonly #flows: Lister<FlowState>;
  readonly #jobs: Lister<JobState>;
  readonly #statements: Readonly<Record<keyof typeof SQL, StatementSync>>;

  constructor(
    db: DatabaseSync,
    reader: Reader,
    flows: Lister<FlowState>,
    jobs: Lister<JobState>,
  ) {
    this.#reader = reader;
    this.#flows = flows;
    this.#jobs = jobs;
    this.#statements = Object.fromEntries(
      Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)]),
    ) as Record<keyof typeof SQL, StatementSync>;
  }

  /** Flows. */
  flows(query: FlowSearchQuery): SearchPart<FlowRecord> {
    const { key, states, name, text } = query;
    const read = (seq: number) => this.#reader.flowAt(seq, false);
    const wanted = withText(this.#statements.textOfFlow, text, read);
    if (key === undefined) return search(this.#flows, query, wanted);
    return search(this.#listOf(key), query, (seq) => {
      const flow = wanted(seq);
      const isWanted = flow !== undefined &&
        (states === undefined || states.includes(flow.state)) &&
        (name === undefined || flow.name === name);
      return isWanted ? flow : undefined;
    });
  }

  /** Jobs. */
  jobs(query: SearchQuery<JobState>): SearchPart<JobRecord> {
    const read = (seq: number) => this.#reader.jobAt(seq, false);
    return search(
      this.#jobs,
      query,
      withText(this.#statements.textOfJob, query.text, read),
    );
  }

  /** The flows with a key. */
  #listOf(key: string): Pick<Lister<FlowState>, "list"> {
    return {
      list: ({ limit, before }) => {
        const end = this.#flows.endOf(before);
        if (end === undefined) return [];
        return this.#statements.flowsByKey.all(toText(key), end, limit)
          .map((row) => row["seq"] as number);
      },
    };
  }
}

/** Reads the record in a row if it has a text; not at all where the row shows that it has not. */
function withText<R extends { readonly error?: JobFailure }>(
  statement: StatementSync,
  text: string | undefined,
  read: (seq: number) => R,
): (seq: number) => R | undefined {
  if (text === undefined) return read;
  const matcher = new TextMatcher(text);
  const { payloadPattern, errorPattern } = matcher;
  return (seq) => {
    const row = statement.get(payloadPattern, errorPattern, seq);
    if (row?.["in_payload"] === 1) return read(seq);
    if (row?.["in_error"] !== 1) return undefined;
    const record = read(seq);
    // Not in its stack, nor in the names of its members.
    return matcher.isInError(record.error) ? record : undefined;
  };
}

/** Looks at the rows of a list one by one. */
function search<S extends string, R>(
  lister: Pick<Lister<S>, "list">,
  query: SearchQuery<S>,
  wanted: (seq: number) => R | undefined,
): SearchPart<R> {
  const endsAt = performance.now() + SEARCH_MS;
  const records: R[] = [];
  let { before } = query;
  for (;;) {
    const rows = lister.list({ ...query, limit: LISTED, before });
    for (const seq of rows) {
      const record = wanted(seq);
      if (record !== undefined) records.push(record);
      if (records.length >= query.limit || performance.now() >= endsAt) {
        return { records, next: seq };
      }
      before = seq;
    }
    if (rows.length < LISTED) return { records };
  }
}

const IN_PAYLOAD = `substr(json, 1, ${SEARCHED_LENGTH}) LIKE ?1 ESCAPE '\\'
  AS in_payload`;

const SQL = {
  flowsByKey: `SELECT seq FROM flows WHERE key = ? AND seq < ?
    ORDER BY seq DESC LIMIT ?`,
  textOfJob: `SELECT ${IN_PAYLOAD}, error LIKE ?2 ESCAPE '\\' AS in_error
    FROM jobs JOIN instructions ON job = jobs.seq WHERE jobs.seq = ?3`,
  textOfFlow: `SELECT ${IN_PAYLOAD}, flows.error LIKE ?2 ESCAPE '\\' AS in_error
    FROM flows JOIN jobs ON flow = flows.seq AND node = 0 AND item = ${NO_ITEM}
      JOIN instructions ON job = jobs.seq WHERE flows.seq = ?3`,
} as const;
