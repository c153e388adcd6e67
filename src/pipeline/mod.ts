/**
 * Pipelines of workers, on one machine or many: submit jobs, lose none.
 *
 * A *step* does the jobs of one type, in as many processes as you like. A
 * *pipeline* takes submissions, gives jobs to steps, and keeps every job until
 * it is done.
 *
 * @example Two steps, in one process
 * ```ts
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 *
 * await using pipeline = new Pipeline({ name: "greetings", steps: [greet] });
 * const { requests } = await pipeline.listen({
 *   events: 0, requests: 0, results: 0, feed: 0,
 * });
 * await using greeting = await greet.run({ pipeline: requests });
 * console.log(await pipeline.result(await pipeline.submit("greet", "Ada")));
 * ```
 *
 * @module
 */
export {
  type ClientOptions,
  type FlowInfo,
  type JobInfo,
  PipelineClient,
  type SubmitOptions,
} from "./client/pipeline_client.ts";
export type { CallOptions } from "./client/requester.ts";
export {
  NonRetryableError,
  PipelineError,
  type PipelineErrorCode,
  RetryAfterError,
} from "./model/errors.ts";
export type { Graph, GraphNode } from "./model/graph.ts";
export type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobFailure,
  JobRecord,
  JobState,
  RetryPolicy,
} from "./model/records.ts";
export { Flow, flow } from "./step/flow.ts";
export { Pipeline, type PipelineOptions } from "./pipeline.ts";
export { defineStep, type StepOptions } from "./step/define_step.ts";
export type { RunOptions } from "./step/run_options.ts";
export type {
  AnyStep,
  Handler,
  JobContext,
  Step,
  StepRun,
} from "./step/types.ts";
export type {
  Batch,
  JobCount,
  JobStore,
  ListQuery,
} from "./store/job_store.ts";
export { memoryStore, type MemoryStoreOptions } from "./store/memory_store.ts";
export { sqliteStore, type SqliteStoreOptions } from "./store/sqlite_store.ts";
