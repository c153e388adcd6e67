/**
 * Benchmarks. Jobs through a pipeline over PostgreSQL, beside pg-boss and Graphile
 * Worker on the same server.
 *
 * @module
 */
import {
  noPostgres,
  PostgresServer,
} from "../../tests/pipeline/store/postgres_server.ts";
import type { Contender } from "../lib/contenders.ts";
import { type Row, start } from "../lib/row.ts";
import { table } from "../lib/table.ts";
import { COLUMNS, FIRST, through } from "./jobs.ts";

/** A row. */
export const jobsInPostgres: Row = {
  name: "jobs_in_postgres",
  async run({ rounds, field }) {
    const missing = noPostgres || undefined;
    const withServer = (one: Contender): Contender => ({
      ...one,
      missing: one.missing ?? missing,
    });
    const server = missing === undefined
      ? await PostgresServer.create({ isDurable: true })
      : undefined;
    const samples = await rounds.rates(
      "jobs in PostgreSQL",
      [...field.jobs, field.pgBoss, field.graphileWorker].map(withServer),
      FIRST,
      async (contender, count) => {
        const url = await server!.createDatabase();
        if (!field.jobs.some(({ name }) => name === contender.name)) {
          return await through(contender, rounds, count, url, 0);
        }
        await using pipeline = start(contender, "pipeline", { postgres: url });
        const connect = await pipeline.endpoint();
        const sample = await through(contender, rounds, count, connect, 0);
        await pipeline.end();
        return sample;
      },
    );
    await server?.kill();
    return {
      title: "Jobs in PostgreSQL",
      text:
        "As [jobs](#jobs), with `fsync` and `synchronous_commit` on: what was " +
        "acknowledged survives the loss of power. All on the same server, each in a " +
        "database of its own. pg-boss and Graphile Worker do not report the end of a " +
        "job: their client asks their tables for all of its jobs together, every 5 ms.",
      tables: [{
        title: "Jobs per second",
        table: table("", samples, [
          COLUMNS[0]!,
          ...[field.pgBoss, field.graphileWorker].map(({ name }) => ({
            title: `against ${name}`,
            value: "rate",
            against: () => name,
          })),
        ]),
      }],
    };
  },
};
