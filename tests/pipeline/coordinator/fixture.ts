/**
 * Test support. A coordinator with a clock that is set by hand, and workers
 * that are played by the test: what is sent to them is read from `sent`.
 */
import { DEFAULT_RETRY } from "../../../src/pipeline/model/retry.ts";
import type { StepPolicy } from "../../../src/pipeline/model/step_policy.ts";
import { Coordinator } from "../../../src/pipeline/coordinator/coordinator.ts";
import {
  type CoordinatorOptions,
  DEFAULT_LIMITS,
} from "../../../src/pipeline/coordinator/coordinator_options.ts";
import type { WorkerConnections } from "../../../src/pipeline/coordinator/worker_connections.ts";
import { FlowWaiters } from "../../../src/pipeline/coordinator/flow_waiters.ts";
import { Operations } from "../../../src/pipeline/coordinator/operations.ts";
import type { Graph } from "../../../src/pipeline/model/graph.ts";
import type { LocalJobStore } from "../../../src/pipeline/store/job_store.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import type {
  Available,
  Claim,
  JobMessage,
  ToWorker,
} from "../../../src/pipeline/protocol/messages.ts";
import { readToWorker } from "../../../src/pipeline/protocol/reader.ts";
import { encodeJson, spliceJson } from "../../../src/pipeline/protocol/json.ts";
import { SlowStore } from "../store/slow_store.ts";
import type { TestContext } from "../../support/harness.ts";

/** What a test may change. */
export interface Options extends Partial<CoordinatorOptions> {
  readonly policies?: Record<string, Partial<StepPolicy>>;
  readonly graphs?: Record<string, Graph>;
  readonly store?: LocalJobStore;
  /** Whether the coordinator reaches the store as if over a network. */
  readonly isRemote?: boolean;
}

const GRAPHS: Record<string, Graph> = {
  a: [{ jobType: "a", after: [] }],
  chain: [{ jobType: "a", after: [] }, { jobType: "b", after: [0] }],
};

/** A coordinator under test. */
export class TestCoordinator {
  now = 1_000_000;
  readonly sent: (ToWorker & { readonly worker: string })[] = [];
  readonly opened: string[] = [];
  readonly warnings: Error[] = [];
  readonly coordinator: Coordinator;
  readonly operations: Operations;
  readonly flowWaiters: FlowWaiters;
  readonly store: LocalJobStore;
  /** WorkerConnections that cannot be made. */
  readonly broken: Set<string> = new Set();
  readonly #pids: Map<string, number> = new Map();
  #stopped: Promise<void> | undefined;

  constructor(
    { policies, graphs = GRAPHS, store, isRemote, ...options }: Options = {},
  ) {
    this.store = store ?? memoryStore();
    const used = isRemote === true ? new SlowStore(this.store) : this.store;
    const flows = new Map(Object.entries(graphs));
    this.coordinator = new Coordinator(used, {
      ...DEFAULT_LIMITS,
      steps: new Map(
        ["a", "b"].map((type) => [type, {
          retry: DEFAULT_RETRY,
          ...policies?.[type],
        }]),
      ),
      flows,
      now: () => this.now,
      random: () => 0.5,
      onFlow: (flow) => flowWaiters.ended(flow),
      onWarning: (error) => this.warnings.push(error),
      ...options,
    }, (error) => this.warnings.push(error));
    const flowWaiters = this.flowWaiters = new FlowWaiters(
      (then, otherwise) => this.coordinator.commits.after(then, otherwise),
    );
    this.operations = new Operations(
      this.coordinator,
      used,
      flows,
      flowWaiters,
    );
  }

  /** Opens the store and begins. */
  async start(): Promise<this> {
    await this.store.open();
    const read = (worker: string, bytes: Uint8Array) =>
      void this.sent.push({ ...readToWorker(bytes), worker });
    const links = {
      open: ({ id }: Available) => {
        this.opened.push(id);
        return this.broken.has(id)
          ? Promise.reject(new Error("no way"))
          : Promise.resolve();
      },
      send: (id: string, message: ToWorker) => read(id, encodeJson(message)),
      sendJob: (id: string, head: object, payload: string) =>
        read(id, spliceJson(head, "payload", payload)),
      close: () => Promise.resolve(),
    };
    await this.coordinator.start(links as unknown as WorkerConnections);
    return this;
  }

  /** A worker announces itself. */
  available(
    id: string,
    options: Partial<Available> & { readonly secret?: string } = {},
  ): void {
    this.coordinator.receive({
      type: "available",
      v: 1,
      id,
      address: `tcp://127.0.0.1:${1000 + id.length}`,
      jobType: "a",
      stepName: "a",
      host: "here",
      pid: this.#pidOf(id), // each is a process of its own
      runtime: "test",
      concurrency: 1,
      credit: 1,
      running: [],
      draining: false,
      ...options,
    });
  }

  #pidOf(id: string): number {
    const pid = this.#pids.get(id) ?? this.#pids.size + 1;
    this.#pids.set(id, pid);
    return pid;
  }

  /** A worker announces itself, and its link comes up. */
  join(
    id: string,
    options: Partial<Available> & { readonly secret?: string } = {},
  ): void {
    this.available(id, options);
    this.coordinator.workerManager.connected(id);
  }

  /** A worker has done a job. */
  succeed(worker: string, { id, attempt }: Claim, result: unknown): void {
    this.coordinator.receive({ type: "success", worker, id, attempt, result });
  }

  /** Submits, and gives the id. */
  async submit(name = "a", payload = "1"): Promise<string> {
    return (await this.operations.submit({ name, payload })).id;
  }

  /** Takes what was sent to a worker since the last call, once all is committed. */
  async takeSent(worker?: string): Promise<ToWorker[]> {
    // A commit may lead to more that is to be committed.
    for (let i = 0; i < 3; i++) await this.coordinator.commits.committed();
    return this.sent.splice(0).filter((one) =>
      worker === undefined || one.worker === worker
    ).map(({ worker: _, ...message }) => message as ToWorker);
  }

  /** Takes the jobs that were sent to a worker since the last call. */
  async jobs(worker?: string): Promise<JobMessage[]> {
    return (await this.takeSent(worker)).filter((one) => one.type === "job");
  }

  /** Ends it, as a pipeline does. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    const stopped = this.coordinator.stop();
    this.flowWaiters.stop();
    await stopped;
    await this.store.close();
  }
}

/** A coordinator at work, which is stopped when the test ends. */
export async function coordinate(
  t: TestContext,
  options: Options = {},
): Promise<TestCoordinator> {
  const one = new TestCoordinator(options);
  t.cleanup(() => one.stop());
  return await one.start();
}
