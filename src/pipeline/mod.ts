/**
 * Pipelines of workers, on one machine or many: submit jobs, lose none.
 *
 * A *step* handles the jobs of one type, in any number of processes. A *pipeline*
 * accepts submissions, dispatches jobs to workers, and stores every job until it
 * is completed.
 *
 * @example Two steps, in one process
 * ```ts
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * const shout = defineStep("shout", (text: string) => text.toUpperCase());
 *
 * await using pipeline = new Pipeline({ name: "greetings", steps: [greet, shout] });
 * const { requests } = await pipeline.listen({ port: 0 });
 * await using greeting = await greet.run({ pipeline: requests });
 * await using shouting = await shout.run({ pipeline: requests });
 * console.log(await pipeline.result(await pipeline.submit(greet, "Ada"))); // HELLO, ADA
 * ```
 *
 * @module
 */
export type { Logger, Schema, SchemaResult } from "../manager/mod.ts";
export type { RateLimitOptions } from "./model/rate_limit.ts";
export type { StepPolicy } from "./model/step_policy.ts";
export type { Submission } from "./scheduler/new_records.ts";
export type {
  EventInfo,
  FlowInfo,
  FlowStatusInfo,
  JobInfo,
  ScheduleInfo,
  StatsInfo,
  WorkerInfo,
} from "./client/infos.ts";
export type {
  ClientOptions,
  ListOptions,
  PageOptions,
} from "./client/client_options.ts";
export { PipelineClient } from "./client/pipeline_client.ts";
export type { WatchEvent } from "./client/watch_feed.ts";
export type { Answer, CallOptions } from "./protocol/request_dealer.ts";
export type { Limits } from "./coordinator/coordinator_options.ts";
export type { Operations, ScheduleRequest } from "./coordinator/operations.ts";
export type { SubmitRequest, Submitted } from "./coordinator/submitter.ts";
export type { FlowStatus, QueueStats, Stats } from "./coordinator/overviews.ts";
export type { Search, SearchResult } from "./coordinator/searches.ts";
export type { Schedule, ScheduleStatus } from "./coordinator/schedule_entry.ts";
export type { Worker } from "./coordinator/worker_table.ts";
export {
  NonRetryableError,
  PipelineError,
  type PipelineErrorCode,
  RetryAfterError,
} from "./model/pipeline_error.ts";
export type { FaultKind } from "./model/faults.ts";
export type { Graph, GraphNode } from "./model/graph.ts";
export type {
  Backoff,
  FlowFailure,
  FlowRecord,
  FlowState,
  JobEvent,
  JobFailure,
  JobRecord,
  JobState,
  RetryPolicy,
} from "./model/records.ts";
export type { JobLogLine } from "./model/job_log.ts";
export type { RetryAllOptions } from "./model/retry_all.ts";
export type { AllowedKeys } from "./model/roles.ts";
export type { PipelineAddress } from "./model/pipeline_addresses.ts";
export type { Keys, PeerSecurity, PipelineSecurity } from "./model/security.ts";
export type {
  ScheduleOptions,
  SubmitManyOptions,
  SubmitOptions,
} from "./model/submit_options.ts";
export { Pipeline } from "./pipeline.ts";
export { standBy, type StandByOptions } from "./stand_by.ts";
export {
  type ShardListenOptions,
  standByShards,
  type StandByShardsOptions,
} from "./stand_by_shards.ts";
export type { Shard } from "./model/shards.ts";
export type { ShardMember } from "./shard_member.ts";
export type { ListenOptions } from "./listen_options.ts";
export type {
  PipelineAddresses,
  PipelineOptions,
  PipelineSchedule,
} from "./pipeline_options.ts";
export type { FeedEvent, FeedListener } from "./server/feed.ts";
export type { Chain, Fitting, OutputOf, Submittable } from "./define/chain.ts";
export { defineStep, type StepOptions } from "./define/define_step.ts";
export { type Branch, Flow, flow, type OutputsOf } from "./define/flow.ts";
export type { RunOptions } from "./worker/run_options.ts";
export type {
  AnyStep,
  Handler,
  JobContext,
  Step,
  StepRun,
} from "./worker/types.ts";
export type {
  Awaitable,
  Batch,
  FlowSearchQuery,
  JobCount,
  JobStore,
  Lead,
  ListQuery,
  LocalJobStore,
  OpenOptions,
  Page,
  PipelineMember,
  SearchPart,
  SearchQuery,
  UnfinishedFlow,
} from "./store/job_store.ts";
export { memoryStore, type MemoryStoreOptions } from "./store/memory_store.ts";
export {
  type SqliteStore,
  sqliteStore,
  type SqliteStoreOptions,
} from "./store/sqlite_store.ts";
export type { Available, Claim } from "./protocol/messages.ts";
