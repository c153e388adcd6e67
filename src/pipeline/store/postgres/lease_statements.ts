/**
 * Layer: pipeline/store/postgres. The statements of a lease. $1 is the name of the
 * pipeline, besides in `renew`. Times are those of the server, whose clock is the
 * only one that all processes share.
 *
 * @module
 */
import type { Statement } from "./driver.ts";
import { statementsIn } from "./schema.ts";

/** The statements for a schema. */
export interface LeaseStatements {
  /** $2 how many shards it has, $3 the name of all of them together: makes sure that both have rows. */
  readonly register: Statement;
  /** $2 as in `register`, $3 too: what the rows say. */
  readonly shards: Statement;
  /** $2 the names of other shards, $3 how long ago processes may have signed in: how many shards each leads. */
  readonly census: Statement;
  /** The leader, whether its lease is over, and whether its connection is gone. */
  readonly look: Statement;
  /** $2 the leader: ends its sessions. */
  readonly terminate: Statement;
  /** $2 who takes the lease, $3 for how long, $4 the leader whose connection is gone, or `null`. */
  readonly take: Statement;
  /** $1 pipeline, $2 epoch, $3 for how long. */
  readonly renew: Statement;
  /** $2 who, $3 its address, $4 its host, $5 its process, $6 since when, $7 after how long others are forgotten. */
  readonly signIn: Statement;
  /** $2 how long ago they may have signed in. */
  readonly members: Statement;
  /** $2 who leaves. */
  readonly leave: Statement;
}

/** What the sessions of a process call themselves, before its id. */
export const SESSION_PREFIX = "agentzero ";

const IS_GONE =
  `NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = p.backend)`;
const IS_OVER = `(p.leader IS NULL OR p.lease_until < clock_timestamp())`;

function soon(milliseconds: string): string {
  return `clock_timestamp() + ${milliseconds}::float8 * interval '1 millisecond'`;
}

function ago(milliseconds: string): string {
  return `clock_timestamp() - ${milliseconds}::float8 * interval '1 millisecond'`;
}

const TEXTS: Readonly<Record<keyof LeaseStatements, string>> = {
  register: `INSERT INTO {schema}.pipelines (name, epoch, batch, shards)
    SELECT name, 0, 0, $2::integer
      FROM unnest(ARRAY[$1, $3]::text[]) AS name GROUP BY name ORDER BY name
    ON CONFLICT (name) DO NOTHING`,
  shards: `SELECT shards FROM {schema}.pipelines
    WHERE name IN ($1, $3) AND shards <> $2::integer`,
  census: `SELECT m.host, m.pid, m.address,
      count(*) FILTER (WHERE m.id = p.leader AND NOT ${IS_OVER})::integer AS led
    FROM {schema}.members AS m JOIN {schema}.pipelines AS p
      ON p.id = m.pipeline
    WHERE (p.name = $1 OR p.name = ANY($2::text[])) AND m.seen_at > ${ago("$3")}
    GROUP BY m.host, m.pid, m.address`,
  look: `SELECT p.leader, ${IS_OVER} AS is_over, ${IS_GONE} AS is_gone,
      m.address, m.host, m.pid, m.since, true AS leads
    FROM {schema}.pipelines AS p LEFT JOIN {schema}.members AS m
      ON m.pipeline = p.id AND m.id = p.leader
    WHERE p.name = $1`,
  terminate: `SELECT pg_terminate_backend(a.pid)
    FROM {schema}.pipelines AS p, pg_stat_activity AS a
    WHERE p.name = $1 AND p.leader = $2
      AND a.application_name = '${SESSION_PREFIX}' || p.leader`,
  // The epoch is a time where that is higher: a standby of the database that was
  // promoted may not know the last one, which must not be given twice.
  take: `UPDATE {schema}.pipelines AS p SET leader = $2,
      epoch = greatest(
        p.epoch + 1,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint
      ),
      lease_until = ${soon("$3")}, backend = pg_backend_pid()
    WHERE name = $1
      AND (${IS_OVER} OR p.leader = $2 OR p.leader = $4 AND ${IS_GONE})
    RETURNING id AS pipeline, epoch::float8, batch::float8`,
  renew: `UPDATE {schema}.pipelines
    SET lease_until = ${soon("$3")}, backend = pg_backend_pid()
    WHERE id = $1 AND epoch = $2 RETURNING id`,
  signIn: `WITH forgotten AS (
      DELETE FROM {schema}.members AS m USING {schema}.pipelines AS p
        WHERE p.name = $1 AND m.pipeline = p.id AND m.id <> $2
          AND m.seen_at < ${ago("$7")}
    )
    INSERT INTO {schema}.members AS m
        (pipeline, id, address, host, pid, since, seen_at)
      SELECT id, $2, $3, $4, $5, $6, clock_timestamp()
        FROM {schema}.pipelines WHERE name = $1
      ON CONFLICT (pipeline, id) DO UPDATE
        SET address = excluded.address, seen_at = excluded.seen_at`,
  members: `SELECT m.address, m.host, m.pid, m.since,
      m.id = p.leader AND NOT ${IS_OVER} AS leads
    FROM {schema}.members AS m JOIN {schema}.pipelines AS p
      ON p.id = m.pipeline
    WHERE p.name = $1 AND m.seen_at > ${ago("$2")}
    ORDER BY leads DESC NULLS LAST, m.since`,
  leave: `WITH freed AS (
      UPDATE {schema}.pipelines
        SET leader = NULL, lease_until = NULL, backend = NULL
        WHERE name = $1 AND leader = $2
    )
    DELETE FROM {schema}.members AS m USING {schema}.pipelines AS p
      WHERE p.name = $1 AND m.pipeline = p.id AND m.id = $2`,
};

/** The statements of a lease in a schema. */
export function leaseStatements(schema: string): LeaseStatements {
  return statementsIn(schema, TEXTS);
}
