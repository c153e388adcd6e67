/**
 * Layer: pipeline. The parts of a pipeline behind its sockets: its coordinator,
 * operations, connections to workers and what receives. This file creates and
 * connects them.
 *
 * @module
 */
import type { SocketManager } from "../manager/mod.ts";
import type { PipelineAccess } from "./access.ts";
import { Coordinator } from "./coordinator/coordinator.ts";
import type { WorkerPlace } from "./coordinator/coordinator_options.ts";
import { FlowWaiters } from "./coordinator/flow_waiters.ts";
import { Operations } from "./coordinator/operations.ts";
import { WorkerConnections } from "./coordinator/worker_connections.ts";
import type { Flow } from "./define/flow.ts";
import type { EventPublisher } from "./event_publisher.ts";
import { IncomingMessages } from "./incoming.ts";
import type { Faults } from "./model/faults.ts";
import type { PipelineError } from "./model/pipeline_error.ts";
import { isInShard } from "./model/shards.ts";
import {
  limitsOf,
  type PipelineOptions,
  schedulesOf,
  stepsOf,
} from "./pipeline_options.ts";
import type { JobStore } from "./store/job_store.ts";

/** What the parts need from their pipeline. */
export interface PartsContext {
  readonly store: JobStore;
  readonly flows: ReadonlyMap<string, Flow<never, unknown>>;
  readonly faults: Faults;
  readonly access: PipelineAccess;
  readonly publisher: EventPublisher;
  readonly sockets: SocketManager;
  /** @throws {PipelineError} For a worker that the pipeline must not connect to. */
  readonly requireWorker: (worker: WorkerPlace) => void;
  /** Another process has taken the store over. */
  readonly onFenced: (error: PipelineError) => void;
  /** Whether the pipeline is closing. */
  readonly isClosed: () => boolean;
}

/** The parts of one pipeline. */
export interface PipelineParts {
  readonly coordinator: Coordinator;
  readonly flowWaiters: FlowWaiters;
  readonly operations: Operations;
  readonly connections: WorkerConnections;
  readonly incoming: IncomingMessages;
}

/** Creates the parts; nothing runs before the coordinator is started. */
export function createParts(
  options: PipelineOptions,
  context: PartsContext,
): PipelineParts {
  const { store, faults, publisher, access, isClosed } = context;
  const steps = stepsOf(context.flows.values());
  const flows = new Map(
    [...context.flows].map(([name, { graph }]) => [name, graph]),
  );
  const coordinator: Coordinator = new Coordinator(store, {
    ...limitsOf(options),
    steps: new Map([...steps].map(([name, { policy }]) => [name, policy])),
    flows,
    schedules: schedulesOf(options.schedules)
      .filter((one) => isInShard(one, store.shard)),
    now: Date.now,
    monotonicNow: () => performance.now(),
    random: Math.random,
    onEvent: (event, job) =>
      publisher.publish(event, job, coordinator.scheduler),
    isWatched: () => publisher.isWatched,
    tracing: publisher.submitByClock,
    onFlow: (flow) => flowWaiters.ended(flow),
    onWarning: faults.report,
    faults,
    requireWorker: context.requireWorker,
    onFenced: context.onFenced,
  }, faults.report);
  const flowWaiters = new FlowWaiters(
    (then, otherwise) => coordinator.commits.after(then, otherwise),
  );
  const connections = connectionsOf(coordinator, options, context);
  const incoming = new IncomingMessages({
    ...{ coordinator, faults, access, isClosed },
    feed: publisher.feed,
    onClosed: (route) => connections.closed(route),
  });
  return {
    coordinator,
    flowWaiters,
    operations: new Operations(coordinator, store, flows, flowWaiters),
    connections,
    incoming,
  };
}

function connectionsOf(
  coordinator: Coordinator,
  options: PipelineOptions,
  { sockets, access, faults }: PartsContext,
): WorkerConnections {
  return new WorkerConnections(sockets, {
    ...limitsOf(options),
    socketOptions: (key) => access.workerOptions(key),
  }, {
    up: (id) => faults.guard(() => coordinator.workerManager.connected(id)),
    down: (id) =>
      faults.guard(() => coordinator.workerManager.disconnected(id)),
    dead: (id) =>
      faults.guard(() => coordinator.workerManager.giveUp(id, "killed")),
    failed: faults.report,
  });
}
