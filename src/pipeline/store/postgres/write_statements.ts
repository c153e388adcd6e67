/**
 * Layer: pipeline/store/postgres. The statements that write. Each is one
 * statement for all tables: so it is one round trip, and a transaction of its
 * own. Rows come as JSON text, one parameter for each table: on Bun that took half
 * the time of an array for each column, on Node and Deno the same.
 *
 * All of them begin with the *fence*: they raise the number of the pipeline's last
 * batch, if the epoch and that number are what this writer knows. Everything else
 * joins the fence, and does nothing where it returned no row.
 *
 * @module
 */
import { MAX_LOG_LENGTH } from "../../model/job_log.ts";
import type { Statement } from "./driver.ts";
import {
  EVENT_COLUMNS,
  FLOW_CHANGES,
  FLOW_COLUMNS,
  JOB_CHANGES,
  JOB_COLUMNS,
  typed,
} from "./rows.ts";
import { SAME_PIPELINE, statementsIn } from "./schema.ts";

/** The statements for a schema. */
export interface WriteStatements {
  /** The highest `seq` of flows and of jobs: $1 is the pipeline. */
  readonly last: Statement;
  /** Decides how a batch ended, for good: $1 pipeline, $2 epoch, $3 the batch before it. */
  readonly settle: Statement;
  /** $1 to $3 as in `settle`; JSON of $4 flows, $5 jobs, $6 events, $7 settings, $8 flows and $9 jobs that must exist, $10 logs. */
  readonly commit: Statement;
  /** $1 to $3 as in `settle`; $4 the time, $5 how many records. */
  readonly prune: Statement;
}

const FENCE = "WHERE id = $1 AND epoch = $2 AND batch = $3";

/** The final states of a job. */
const FINAL = "('completed', 'dead', 'cancelled')";

const COMMIT = `WITH
    flow_rows AS MATERIALIZED (${
  recordset("$4", `seq bigint, ${typed(FLOW_COLUMNS)}`)
}),
    job_rows AS MATERIALIZED (${
  recordset("$5", `seq bigint, ${typed(JOB_COLUMNS)}`)
}),
    event_rows AS MATERIALIZED (${recordset("$6", typed(EVENT_COLUMNS))}),
    setting_rows AS MATERIALIZED (${recordset("$7", "name text, value text")}),
    log_rows AS MATERIALIZED (${
  recordset("$10", "flow text, node integer, item integer, text text")
}),
    missing AS MATERIALIZED (
      SELECT 'flow' AS what, id, NULL::integer AS node, NULL::integer AS item
        FROM (${recordset("$8", "id text")}) AS needed
        WHERE (
          SELECT 1 FROM {schema}.flows AS f
            WHERE f.id = needed.id AND f.${SAME_PIPELINE} LIMIT 1
        ) IS NULL
      UNION ALL
      SELECT 'job', flow, node, item
        FROM (${
  recordset("$9", "flow text, node integer, item integer")
}) AS needed
        WHERE (
          SELECT 1 FROM {schema}.jobs AS j
            WHERE ${sameJob("j", "needed")} LIMIT 1
        ) IS NULL
      LIMIT 1
    ),
    fence AS (
      UPDATE {schema}.pipelines SET batch = batch + 1
        ${FENCE} AND NOT EXISTS (SELECT FROM missing)
        RETURNING id, batch
    ),
    old_jobs AS MATERIALIZED (
      SELECT r.state AS new_state, r.job_type AS new_type, old.*
        FROM job_rows AS r LEFT JOIN LATERAL (
          SELECT j.state, j.job_type FROM {schema}.jobs AS j
            WHERE ${sameJob("j", "r")} LIMIT 1
        ) AS old ON true
    ),
    put_flows AS (
      INSERT INTO {schema}.flows (pipeline, seq, ${FLOW_COLUMNS.join(", ")})
        SELECT fence.id, r.seq, ${
  FLOW_COLUMNS.map((name) => `r.${name}`).join(", ")
} FROM fence, flow_rows AS r
        ON CONFLICT (id, pipeline) DO UPDATE SET ${excluded(FLOW_CHANGES)}
    ),
    put_jobs AS (
      INSERT INTO {schema}.jobs (pipeline, seq, ${JOB_COLUMNS.join(", ")})
        SELECT fence.id, r.seq, ${
  JOB_COLUMNS.map((name) => `r.${name}`).join(", ")
} FROM fence, job_rows AS r
        ON CONFLICT (flow, node, item, pipeline) DO UPDATE SET ${
  excluded(JOB_CHANGES)
}
    ),
    put_events AS (
      INSERT INTO {schema}.events (pipeline, batch, ${EVENT_COLUMNS.join(", ")})
        SELECT fence.id, fence.batch, ${
  EVENT_COLUMNS.map((name) => `r.${name}`).join(", ")
} FROM fence, event_rows AS r
    ),
    put_logs AS (
      INSERT INTO {schema}.logs AS l (pipeline, flow, node, item, text)
        SELECT fence.id, r.flow, r.node, r.item, r.text
          FROM fence, log_rows AS r
          WHERE (
            SELECT 1 FROM {schema}.jobs AS j
              WHERE ${sameJob("j", "r")} LIMIT 1
          ) IS NOT NULL
        ON CONFLICT (flow, node, item, pipeline) DO UPDATE
          SET text = right(l.text || excluded.text, ${MAX_LOG_LENGTH})
    ),
    put_settings AS (
      INSERT INTO {schema}.settings (pipeline, name, value)
        SELECT fence.id, r.name, r.value FROM fence, setting_rows AS r
          WHERE r.value IS NOT NULL
        ON CONFLICT (pipeline, name) DO UPDATE SET value = excluded.value
    ),
    drop_settings AS (
      DELETE FROM {schema}.settings AS s USING fence, setting_rows AS r
        WHERE s.pipeline = fence.id AND s.name = r.name AND r.value IS NULL
    ),
    put_counts AS (
      ${
  countText(
    `SELECT coalesce(job_type, new_type) AS job_type, new_state AS state,
            1 AS by FROM old_jobs
          UNION ALL
          SELECT job_type, state, -1 FROM old_jobs WHERE state IS NOT NULL`,
  )
}
    )
    SELECT (SELECT count(*)::integer FROM fence) AS written, missing.*
      FROM (SELECT 1) AS one LEFT JOIN missing ON true`;

const PRUNE = `WITH
    candidates AS MATERIALIZED (
      SELECT f.id AS flow, f.expires_at, f.seq FROM {schema}.flows AS f
        WHERE f.pipeline = $1 AND f.expires_at <= $4 AND f.state <> 'running'
          AND (
            SELECT 1 FROM {schema}.jobs AS j
              WHERE j.flow = f.id AND j.${SAME_PIPELINE}
                AND j.state NOT IN ${FINAL} LIMIT 1
          ) IS NULL
        ORDER BY f.expires_at, f.seq LIMIT $5
    ),
    expired AS MATERIALIZED (
      SELECT c.*, part.* FROM candidates AS c CROSS JOIN LATERAL (
          (SELECT node, item, state, job_type FROM {schema}.jobs AS j
            WHERE j.flow = c.flow AND j.${SAME_PIPELINE}
            ORDER BY node, item LIMIT $5)
          UNION ALL SELECT NULL, NULL, NULL, NULL -- the flow itself
        ) AS part
        ORDER BY c.expires_at, c.seq, part.node NULLS LAST, part.item
        LIMIT $5
    ),
    fence AS (
      UPDATE {schema}.pipelines SET batch = batch + 1 ${FENCE}
        RETURNING id, batch
    ),
    drop_events AS (
      DELETE FROM {schema}.events AS e USING fence, expired AS r
        WHERE ${sameJob("e", "r")}
    ),
    drop_logs AS (
      DELETE FROM {schema}.logs AS l USING fence, expired AS r
        WHERE ${sameJob("l", "r")}
    ),
    drop_jobs AS (
      DELETE FROM {schema}.jobs AS j USING fence, expired AS r
        WHERE ${sameJob("j", "r")}
    ),
    drop_flows AS (
      DELETE FROM {schema}.flows AS f USING fence, expired AS r
        WHERE f.id = r.flow AND f.${SAME_PIPELINE} AND r.node IS NULL
    ),
    put_counts AS (
      ${
  countText(
    "SELECT job_type, state, -1 AS by FROM expired WHERE node IS NOT NULL",
  )
}
    )
    SELECT (SELECT count(*)::integer FROM fence) AS written,
      (SELECT count(*)::integer FROM expired) AS processed`;

const TEXTS: Readonly<Record<keyof WriteStatements, string>> = {
  last: `SELECT
        (SELECT coalesce(max(seq), 0) FROM {schema}.flows
          WHERE pipeline = $1)::float8 AS flow,
        (SELECT coalesce(max(seq), 0) FROM {schema}.jobs
          WHERE pipeline = $1)::float8 AS job`,
  // It waits for a batch that is still being written. One that arrives later
  // finds another number, and does nothing.
  settle: `UPDATE {schema}.pipelines
        SET batch = CASE batch WHEN $3::bigint THEN $3::bigint + 2 ELSE batch END
        WHERE id = $1 AND epoch = $2 RETURNING batch::float8`,
  commit: COMMIT,
  prune: PRUNE,
};

/** The statements that write into a schema. */
export function writeStatements(schema: string): WriteStatements {
  return statementsIn(schema, TEXTS);
}

/** Adds to the counts what rows of `job_type`, `state` and `by` say. */
function countText(rows: string): string {
  return `INSERT INTO {schema}.counts AS c (pipeline, state, job_type, count)
        SELECT fence.id, state, job_type, sum(by) FROM fence, (
          ${rows}
        ) AS changes
        GROUP BY fence.id, state, job_type HAVING sum(by) <> 0
        ON CONFLICT (pipeline, state, job_type)
          DO UPDATE SET count = c.count + excluded.count`;
}

/** The rows that a parameter has as JSON. */
function recordset(parameter: string, columns: string): string {
  return `SELECT * FROM json_to_recordset(${parameter}::text::json) AS r(${columns})`;
}

function sameJob(job: string, row: string): string {
  return `${job}.flow = ${row}.flow AND ${job}.node = ${row}.node AND
            ${job}.item = ${row}.item AND ${job}.${SAME_PIPELINE}`;
}

function excluded(columns: readonly string[]): string {
  return columns.map((name) => `${name} = excluded.${name}`).join(", ");
}
