/**
 * A store in PostgreSQL for a pipeline. Needs the package `pg`: `npm install pg@8`.
 *
 * @example
 * ```ts no-run
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 * import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * await using pipeline = new Pipeline({
 *   name: "greetings",
 *   steps: [greet],
 *   store: postgresStore("postgres://localhost/jobs", { name: "greetings" }),
 * });
 * await pipeline.listen();
 * ```
 *
 * @module
 */
export {
  type PostgresStore,
  postgresStore,
  type PostgresStoreOptions,
  type PostgresTls,
} from "./store/postgres_store.ts";
