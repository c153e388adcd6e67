/**
 * Layer: pipeline/store/postgres. The statements that search. Each looks at a part
 * of a list: $1 the pipeline, $2 the `seq` at which it ends, $3 how many rows are
 * looked at, then what the list needs, then the two patterns of a text or `null`,
 * then how many rows are wanted.
 *
 * @module
 */
import { SEARCHED_LENGTH } from "../../model/text_matcher.ts";
import { NO_ITEM } from "../columns.ts";
import type { Statement } from "./driver.ts";
import { listsOf, type ListStatements } from "./read_statements.ts";
import { FLOW_COLUMNS, headOf, JOB_COLUMNS } from "./rows.ts";
import { inSchema, SAME_PIPELINE } from "./schema.ts";

/**
 * The statements for a schema. Their rows have `last_seq`, the last one that was
 * looked at, and `looked`, how many these are, also where none is found: then the
 * one row has no `seq`. `in_payload` says that the text is there; otherwise it is
 * in the JSON text of the error.
 */
export interface SearchStatements {
  /** As in {@link ListStatements}. */
  readonly flows: ListStatements;
  readonly jobs: ListStatements;
  /** $4 the key. */
  readonly flowsByKey: Statement;
}

/** The statements that search a schema. */
export function searchStatements(schema: string): SearchStatements {
  const [flows, jobs] = ["{schema}.flows", "{schema}.jobs"].map((table) =>
    inSchema(table, schema)
  ) as [string, string];
  // By the table, and not through another index: see `SAME_PIPELINE`.
  const ofFlow = `(SELECT payload FROM ${jobs} AS j WHERE j.flow = part.id
    AND j.node = 0 AND j.item = ${NO_ITEM} AND j.${SAME_PIPELINE})`;
  return {
    flows: searches(listsOf(flows, FLOW_COLUMNS, "search_flows"), {
      columns: headOf(FLOW_COLUMNS),
      payload: ofFlow,
    }),
    jobs: searches(listsOf(jobs, JOB_COLUMNS, "search_jobs"), {
      columns: headOf(JOB_COLUMNS),
      payload: "part.payload",
    }),
    flowsByKey: searching(
      {
        name: "search_key",
        text: `SELECT seq, ${FLOW_COLUMNS.join(", ")} FROM ${flows}
          WHERE pipeline = $1 AND hashtext(key) = hashtext($4) AND key = $4
            AND seq < $2
          ORDER BY seq DESC LIMIT $3`,
      },
      4,
      { columns: headOf(FLOW_COLUMNS), payload: ofFlow },
    ),
  };
}

/** What of a row is wanted, and where its payload is. */
interface Rows {
  readonly columns: readonly string[];
  readonly payload: string;
}

function searches({ all, some }: ListStatements, rows: Rows): ListStatements {
  return { all: searching(all, 3, rows), some: searching(some, 5, rows) };
}

/** @param values How many values the list needs. */
function searching(
  { name, text }: Statement,
  values: number,
  { columns, payload }: Rows,
): Statement {
  const [inPayload, inError, limit] = [1, 2, 3].map((n) => `$${values + n}`);
  return {
    name,
    text: `WITH part AS MATERIALIZED (${text})
      SELECT * FROM (
        SELECT min(seq) AS last_seq, count(*) AS looked FROM part
      ) AS all_of_it LEFT JOIN LATERAL (
        SELECT * FROM (
          SELECT seq, ${columns.join(", ")}, ${inPayload}::text IS NULL
            OR left(${payload}, ${SEARCHED_LENGTH}) COLLATE "C" ILIKE ${inPayload}
            AS in_payload FROM part
        ) AS row
        WHERE in_payload OR error COLLATE "C" ILIKE ${inError}
        ORDER BY seq DESC LIMIT ${limit}
      ) AS found ON true ORDER BY seq DESC`,
  };
}
