/**
 * Layer: pipeline/store/postgres. The statements that read. $1 is always the
 * number of the pipeline.
 *
 * @module
 */
import type { Statement } from "./driver.ts";
import { EVENT_COLUMNS, FLOW_COLUMNS, headOf, JOB_COLUMNS } from "./rows.ts";
import { inSchema, SAME_PIPELINE, statementsIn } from "./schema.ts";

/** Lists, newest first: $2 the `seq` at which they end, $3 how many. */
export interface ListStatements {
  /** Of everything. */
  readonly all: Statement;
  /** $4 the states, $5 the name or `null`. */
  readonly some: Statement;
}

/** What has several statements. */
type Lists = "flows" | "flowHeads" | "jobs" | "jobHeads";

/** The statements for a schema. */
export interface ReadStatements {
  readonly settings: Statement;
  /** $2 the ids. */
  readonly flowsById: Statement;
  /** $2 is the id. */
  readonly flowSeq: Statement;
  /** $2 to $4 are flow, node and item. */
  readonly job: Statement;
  readonly jobSeq: Statement;
  /** $2 is the flow, $3 how many or `null`, $4 how many to skip. */
  readonly jobsOf: Statement;
  readonly jobCountOf: Statement;
  /** $2 to $4 are flow, node and item, $5 how many or `null`, $6 how many to skip. */
  readonly events: Statement;
  /** $2 to $4 are flow, node and item. */
  readonly log: Statement;
  readonly counts: Statement;
  readonly flows: ListStatements;
  readonly flowHeads: ListStatements;
  readonly jobs: ListStatements;
  readonly jobHeads: ListStatements;
  /** The ids of all unfinished flows, oldest first. */
  readonly unfinished: Statement;
  /** $2 the ids of flows: these, oldest first, and how many jobs each has, up to $3. */
  readonly sizes: Statement;
  /** $2 the ids of flows: all their jobs, oldest first. */
  readonly jobsOfAll: Statement;
  /** $2 is the flow, $3 and $4 node and item of the last one before, $5 how many. */
  readonly jobsAfter: Statement;
}

const [FLOWS, JOBS] = ["{schema}.flows", "{schema}.jobs"];
const [FLOW, JOB] = [FLOW_COLUMNS.join(", "), JOB_COLUMNS.join(", ")];
const SAME_JOB = `flow = $2 AND node = $3 AND item = $4 AND ${SAME_PIPELINE}`;
const OF_FLOW = `flow = $2 AND ${SAME_PIPELINE}`;

const TEXTS: Readonly<Record<Exclude<keyof ReadStatements, Lists>, string>> = {
  settings: `SELECT name, value FROM {schema}.settings WHERE pipeline = $1`,
  flowsById: `SELECT ${FLOW} FROM ${FLOWS}
    WHERE id = ANY ($2::text[]) AND ${SAME_PIPELINE}`,
  flowSeq: `SELECT seq FROM ${FLOWS} WHERE id = $2 AND ${SAME_PIPELINE}`,
  job: `SELECT ${JOB} FROM ${JOBS} WHERE ${SAME_JOB}`,
  jobSeq: `SELECT seq FROM ${JOBS} WHERE ${SAME_JOB}`,
  // Skipped rows are only counted, in the index.
  jobsOf: `SELECT j.* FROM (
      SELECT flow, node, item FROM ${JOBS} WHERE ${OF_FLOW}
        ORDER BY node, item LIMIT $3 OFFSET $4
    ) AS page CROSS JOIN LATERAL (
      SELECT ${JOB} FROM ${JOBS}
        WHERE flow = page.flow AND node = page.node AND item = page.item
          AND ${SAME_PIPELINE} LIMIT 1
    ) AS j ORDER BY j.node, j.item`,
  jobCountOf: `SELECT count(*) AS count FROM ${JOBS}
    WHERE ${OF_FLOW}`,
  events: `SELECT ${EVENT_COLUMNS.join(", ")} FROM {schema}.events
    WHERE ${SAME_JOB} ORDER BY batch, n LIMIT $5 OFFSET $6`,
  log: `SELECT text FROM {schema}.logs WHERE ${SAME_JOB}`,
  counts: `SELECT job_type, state, count FROM {schema}.counts
    WHERE pipeline = $1 AND count > 0`,
  unfinished: `SELECT f.id FROM (
      SELECT id FROM ${FLOWS} WHERE pipeline = $1 AND state = 'running'
      UNION
      SELECT flow FROM ${JOBS} WHERE pipeline = $1
        AND state NOT IN ('completed', 'dead', 'cancelled')
    ) AS u CROSS JOIN LATERAL (
      SELECT id, seq FROM ${FLOWS} WHERE id = u.id AND ${SAME_PIPELINE} LIMIT 1
    ) AS f ORDER BY f.seq`,
  sizes: `SELECT ${FLOW}, (
      SELECT count(*) FROM (
        SELECT FROM ${JOBS} AS j WHERE j.flow = f.id AND j.${SAME_PIPELINE}
          LIMIT $3
      ) AS part
    ) AS size FROM ${FLOWS} AS f
    WHERE id = ANY ($2::text[]) AND ${SAME_PIPELINE} ORDER BY seq`,
  jobsOfAll: `SELECT ${JOB} FROM ${JOBS}
    WHERE flow = ANY ($2::text[]) AND ${SAME_PIPELINE} ORDER BY flow, node, item`,
  jobsAfter: `SELECT ${JOB} FROM ${JOBS}
    WHERE ${OF_FLOW} AND (node, item) > ($3, $4)
    ORDER BY node, item LIMIT $5`,
};

/** The statements that read from a schema. */
export function readStatements(schema: string): ReadStatements {
  const lists = (table: string, columns: readonly string[], prefix: string) =>
    listsOf(inSchema(table, schema), columns, prefix);
  return {
    ...statementsIn(schema, TEXTS),
    flows: lists(FLOWS, FLOW_COLUMNS, "flows"),
    flowHeads: lists(FLOWS, headOf(FLOW_COLUMNS), "flow_heads"),
    jobs: lists(JOBS, JOB_COLUMNS, "jobs"),
    jobHeads: lists(JOBS, headOf(JOB_COLUMNS), "job_heads"),
  };
}

/**
 * The index is in order within one state and name: a list of several is merged
 * from one page of each. It goes from one name to the next by the index, too.
 */
export function listsOf(
  table: string,
  columns: readonly string[],
  prefix: string,
): ListStatements {
  const name = columns.includes("job_type") ? "job_type" : "name";
  const next = (after: string) =>
    `SELECT r.${name} FROM ${table} AS r WHERE r.pipeline = $1 ${after}
          ORDER BY r.${name} LIMIT 1`;
  return {
    all: {
      name: `${prefix}_all`,
      text: `SELECT seq, ${columns.join(", ")} FROM ${table}
        WHERE pipeline = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
    },
    some: {
      name: `${prefix}_some`,
      text: `WITH RECURSIVE buckets AS (
        SELECT s.state, (${next("AND r.state = s.state")}) AS name
          FROM unnest($4::text[]) AS s(state)
        UNION ALL
        SELECT b.state, (${
        next("AND r.state = b.state AND r." + name + " > b.name")
      })
          FROM buckets AS b WHERE b.name IS NOT NULL
      )
      SELECT row.* FROM buckets AS b CROSS JOIN LATERAL (
        SELECT seq, ${columns.join(", ")} FROM ${table}
          WHERE pipeline = $1 AND state = b.state AND ${name} = b.name
            AND seq < $2
          ORDER BY seq DESC LIMIT $3
      ) AS row
      WHERE b.name IS NOT NULL AND ($5::text IS NULL OR b.name = $5)
      ORDER BY row.seq DESC LIMIT $3`,
    },
  };
}
