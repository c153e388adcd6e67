/**
 * Layer: pipeline/store/postgres. The tables, and the way from each version of
 * them to the next.
 *
 * One schema has the jobs of any number of pipelines: each row has the number of
 * its pipeline; each shard of a pipeline is one. Flows and jobs have a `seq` too, which counts up as they
 * arrive: it is the order of lists. The id of a job has no column: its flow, node
 * and item say it. Payloads are text, since `jsonb` changes them, and numbers are
 * double precision, which returns every number of JavaScript as it was.
 *
 * What is looked up by its key is looked up with `pipeline + 0`, see
 * {@link SAME_PIPELINE}.
 *
 * @module
 */
import { PipelineError } from "../../model/pipeline_error.ts";
import type { Connection } from "./connection.ts";
import type { ResultRow, Statement } from "./driver.ts";

/**
 * The condition on the pipeline, $1, where rows are looked up by their key. No
 * index serves `pipeline + 0`: without that, PostgreSQL takes any index that
 * begins with the pipeline while the tables are empty, keeps that plan, and reads
 * all rows for each key: 5 s instead of 0.1 s for 10,000 jobs.
 */
export const SAME_PIPELINE = "pipeline + 0 = $1";

/** What leads from version 0, a schema without tables, to 1, from 1 to 2, and so on. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE {schema}.pipelines (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    epoch bigint NOT NULL, -- counts up with each writer that takes the pipeline
    batch bigint NOT NULL -- the number of its last batch
  );

  CREATE TABLE {schema}.flows (
    pipeline integer NOT NULL,
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C",
    graph text,
    state text COLLATE "C" NOT NULL,
    key text,
    priority double precision,
    retry text,
    timeout_ms double precision,
    traceparent text,
    created_at double precision,
    finished_at double precision,
    expires_at double precision,
    error text,
    result text,
    PRIMARY KEY (id, pipeline)
  );
  CREATE UNIQUE INDEX flows_by_seq ON {schema}.flows (pipeline, seq);
  CREATE INDEX flows_by_state ON {schema}.flows (pipeline, state, name, seq);
  CREATE INDEX flows_by_expiry ON {schema}.flows (pipeline, expires_at, seq)
    WHERE expires_at IS NOT NULL;

  CREATE TABLE {schema}.jobs (
    pipeline integer NOT NULL,
    seq bigint NOT NULL,
    flow text COLLATE "C" NOT NULL,
    node integer NOT NULL,
    item integer NOT NULL, -- -1 for a node that does not run for each item
    job_type text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    payload text,
    priority double precision,
    attempt double precision,
    failures double precision,
    kills double precision,
    together double precision,
    retry text,
    timeout_ms double precision,
    run_at double precision,
    worker text,
    progress double precision,
    created_at double precision,
    started_at double precision,
    finished_at double precision,
    traceparent text,
    error text,
    result text,
    PRIMARY KEY (flow, node, item, pipeline) INCLUDE (seq)
  );
  CREATE UNIQUE INDEX jobs_by_seq ON {schema}.jobs (pipeline, seq);
  CREATE INDEX jobs_by_state ON {schema}.jobs (pipeline, state, job_type, seq);
  CREATE INDEX jobs_unfinished ON {schema}.jobs (flow, pipeline)
    WHERE state NOT IN ('completed', 'dead', 'cancelled');

  CREATE TABLE {schema}.events (
    pipeline integer NOT NULL,
    flow text COLLATE "C" NOT NULL,
    node integer NOT NULL,
    item integer NOT NULL,
    batch bigint NOT NULL,
    n integer NOT NULL, -- its place in the batch
    at double precision NOT NULL,
    type text NOT NULL,
    attempt double precision NOT NULL,
    worker text,
    detail text,
    PRIMARY KEY (flow, node, item, pipeline, batch, n)
  );

  CREATE TABLE {schema}.counts (
    pipeline integer NOT NULL,
    state text COLLATE "C" NOT NULL,
    job_type text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (pipeline, state, job_type)
  );

  CREATE TABLE {schema}.settings (
    pipeline integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (pipeline, name)
  );
  `,
  `
  ALTER TABLE {schema}.pipelines
    ADD COLUMN leader text, -- of members
    ADD COLUMN lease_until timestamptz,
    ADD COLUMN backend integer; -- the process of the server that serves the leader

  CREATE TABLE {schema}.members (
    pipeline integer NOT NULL,
    id text NOT NULL,
    address text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    since double precision NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (pipeline, id)
  );
  `,
  `
  CREATE TABLE {schema}.logs (
    pipeline integer NOT NULL,
    flow text COLLATE "C" NOT NULL,
    node integer NOT NULL,
    item integer NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (flow, node, item, pipeline)
  );
  `,
  `
  -- A key may be too long for an index.
  CREATE INDEX flows_by_key ON {schema}.flows (pipeline, hashtext(key), seq)
    WHERE key IS NOT NULL;
  `,
  `
  -- A pipeline with several has a row for each, and one of its own name, which only says how many.
  ALTER TABLE {schema}.pipelines ADD COLUMN shards integer NOT NULL DEFAULT 1;
  `,
];

/** SQL for a schema, whose name needs no quotes: that stands in the place of `{schema}`. */
export function inSchema(sql: string, name: string): string {
  return sql.replaceAll("{schema}", `"${name}"`);
}

/** Statements for a schema, from their texts by name. */
export function statementsIn<K extends string>(
  name: string,
  texts: Readonly<Record<K, string>>,
): Record<K, Statement> {
  const entries = Object.entries<string>(texts).map(([key, text]) => [
    key,
    { name: key, text: inSchema(text, name) },
  ]);
  return Object.fromEntries(entries);
}

/** The oldest server that has all that is used here. */
const LEAST_SERVER = 130_000;

/**
 * Refuses a server that is too old, and a database that cannot hold every text.
 *
 * @throws {PipelineError} `ERR_STORE_UNSUPPORTED`.
 */
export async function requireServer(connection: Connection): Promise<void> {
  const { rows: [row] } = await connection.query({
    name: "server",
    text: `SELECT current_setting('server_version_num')::integer AS number,
        current_setting('server_version') AS version,
        current_setting('server_encoding') AS encoding`,
  });
  const { number, version, encoding } = row!;
  if (Number(number) < LEAST_SERVER) {
    throw new PipelineError(
      "ERR_STORE_UNSUPPORTED",
      `postgresStore() needs PostgreSQL 13 or later: this server has ${version}`,
      { options: ["postgresStore()"] },
    );
  }
  if (encoding !== "UTF8") {
    throw new PipelineError(
      "ERR_STORE_UNSUPPORTED",
      `postgresStore() needs a database with the encoding UTF8: this one has ${encoding}`,
      { options: ["postgresStore()"] },
    );
  }
}

/**
 * Brings the tables to the latest version, or creates them. Of several processes
 * that start at once, one does it while the others wait.
 *
 * @param name The name of the schema, which needs no quotes.
 * @throws {PipelineError} `ERR_STORE_VERSION`.
 */
export async function migrate(
  connection: Connection,
  name: string,
  migrations: typeof MIGRATIONS = MIGRATIONS,
): Promise<void> {
  const schema = `"${name}"`;
  await connection.transact(async (run) => {
    await run(
      `SELECT pg_advisory_xact_lock(hashtext('agentzero'), hashtext('${name}'))`,
    );
    const version = await versionOf(run, name);
    if (version > migrations.length) {
      throw new PipelineError(
        "ERR_STORE_VERSION",
        `The tables in the schema ${schema} have version ${version}, and this program knows those up to ${migrations.length}`,
      );
    }
    for (const migration of migrations.slice(version)) {
      await run(inSchema(migration, name));
    }
    if (version < migrations.length) {
      await run(
        `UPDATE ${schema}.schema_version SET version = ${migrations.length}`,
      );
    }
  });
}

/** The version of the tables; the schema and the table that says it are created if need be. */
async function versionOf(
  run: (text: string) => Promise<ResultRow[]>,
  name: string,
): Promise<number> {
  // Looked up first: only who may create a schema can say IF NOT EXISTS.
  const [schema] = await run(
    `SELECT 1 FROM pg_namespace WHERE nspname = '${name}'`,
  );
  if (schema === undefined) await run(`CREATE SCHEMA "${name}"`);
  const [table] = await run(
    `SELECT to_regclass('"${name}".schema_version') IS NOT NULL AS exists`,
  );
  if (table!["exists"] !== true) {
    await run(
      `CREATE TABLE "${name}".schema_version (version integer NOT NULL)`,
    );
    await run(`INSERT INTO "${name}".schema_version VALUES (0)`);
  }
  const [row] = await run(`SELECT version FROM "${name}".schema_version`);
  return Number(row!["version"]);
}
