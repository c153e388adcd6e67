/**
 * Layer: pipeline. A pipeline: takes submissions, gives jobs to steps, keeps
 * what happens. This file opens the sockets and wires the parts together.
 *
 * @module
 */
import { SocketManager } from "../manager/mod.ts";
import { RAW } from "../serializers/mod.ts";
import { PUB, PULL, ROUTER, SUB } from "../zmq/mod.ts";
import { Coordinator } from "./coordinator/coordinator.ts";
import {
  DEFAULT_LIMITS,
  type Limits,
} from "./coordinator/coordinator_options.ts";
import { Links } from "./coordinator/links.ts";
import { Operations } from "./coordinator/operations.ts";
import { PipelineError } from "./model/errors.ts";
import { type Flow, flow } from "./step/flow.ts";
import type { JobEvent, JobRecord } from "./model/records.ts";
import {
  clientOptions,
  type PipelineSecurity,
  requireSafe,
  serverOptions,
} from "./model/security.ts";
import { Feed, type FeedListener } from "./server/feed.ts";
import { serveRequests } from "./server/request_server.ts";
import { answer } from "./server/requests.ts";
import { eventView, type View } from "./server/views.ts";
import { unfinished } from "./model/unfinished.ts";
import type { AnyStep, Step } from "./step/types.ts";
import type { JobStore } from "./store/job_store.ts";
import { memoryStore } from "./store/memory_store.ts";
import { decodeJson } from "./wire/json.ts";
import { WIRE_VERSION } from "./wire/messages.ts";
import { readUp } from "./wire/reader.ts";

/** What a pipeline is. */
export interface PipelineOptions extends Partial<Limits> {
  /** A name for people. */
  readonly name: string;
  /** Steps that follow each other: each gets the result of the one before. */
  readonly steps?: readonly AnyStep[];
  /** Flows that are more than a chain, or several of them. */
  readonly flows?: readonly Flow<never, unknown>[];
  /** Where it keeps what happens. Default: in memory, until the process ends. */
  readonly store?: JobStore;
  /** Its keys, for CURVE. */
  readonly security?: PipelineSecurity;
  /** Told of what does not stop it, such as a store that fails at present. Default: `console.error`. */
  readonly onError?: (error: Error) => void;
}

/** Where a pipeline listens: a host, and a port or an address for each socket; port 0 is any. */
export interface ListenOptions {
  /** Default `"127.0.0.1"`. */
  readonly host?: string;
  /** For the events of steps. Default 6000. */
  readonly events?: number | string;
  /** For requests. Default 7000. */
  readonly requests?: number | string;
  /** For the results of steps. Default 7001. */
  readonly results?: number | string;
  /** For whoever watches. Default 7002. */
  readonly feed?: number | string;
  /** Listens beyond loopback without CURVE. Default false. */
  readonly insecure?: boolean;
}

/** Where a pipeline listens. */
export interface PipelineAddresses {
  readonly events: string;
  readonly requests: string;
  readonly results: string;
  readonly feed: string;
}

/**
 * The coordinator of steps: it keeps every job until it is done.
 *
 * @example
 * ```ts
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 *
 * const double = defineStep("double", (n: number) => 2 * n);
 * const show = defineStep("show", (n: number) => `it is ${n}`);
 *
 * await using pipeline = new Pipeline({ name: "numbers", steps: [double, show] });
 * const { requests } = await pipeline.listen({
 *   events: 0, requests: 0, results: 0, feed: 0,
 * });
 * await using doubling = await double.run({ pipeline: requests });
 * await using showing = await show.run({ pipeline: requests });
 *
 * const id = await pipeline.submit("double", 21);
 * console.log(await pipeline.result(id)); // it is 42
 * ```
 */
export class Pipeline {
  /** The name. */
  readonly name: string;
  /** The flows, by the name under which they are submitted. */
  readonly flows: ReadonlyMap<string, Flow<never, unknown>>;
  /** Everything that can be asked of it. */
  readonly operations: Operations;
  readonly #options: PipelineOptions;
  readonly #store: JobStore;
  readonly #coordinator: Coordinator;
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  readonly #links: Links;
  readonly #feed = new Feed();
  #addresses: PipelineAddresses | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Makes a pipeline, which does nothing before `listen`.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
   */
  constructor(options: PipelineOptions) {
    this.name = options.name;
    this.#options = options;
    this.flows = flowsOf(options);
    this.#store = options.store ?? memoryStore();
    const steps = new Map(
      [...this.flows.values()].flatMap((one) => [...one.steps]),
    );
    const policies = new Map(
      [...steps].map(([jobType, { policy }]) => [jobType, policy]),
    );
    this.#coordinator = new Coordinator(this.#store, {
      ...DEFAULT_LIMITS,
      ...options,
      steps: policies,
      now: Date.now,
      random: Math.random,
      onEvent: (event, job) => this.#tell(event, job),
      onFlow: (flow) => this.operations.ended(flow),
      onWarning: (message) => this.#report(new Error(message)),
    }, (error) => this.#report(error));
    const graphs = new Map(
      [...this.flows].map(([name, { graph }]) => [name, graph]),
    );
    this.operations = new Operations(this.#coordinator, this.#store, graphs);
    this.#links = new Links(this.#sockets, {
      graceMs: options.graceMs ?? DEFAULT_LIMITS.graceMs,
      socketOptions: (key) => clientOptions(options.security, key),
    }, {
      up: (id) => this.#coordinator.linked(id),
      dead: (id) => this.#coordinator.died(id),
    });
  }

  /** Where it listens. */
  get addresses(): PipelineAddresses | undefined {
    return this.#addresses;
  }

  /**
   * Opens the store and listens.
   *
   * @returns Where it listens; steps and clients need `requests` only.
   * @throws {PipelineError} `ERR_PIPELINE_INSECURE`, or an error of the store.
   * @throws {SocketBindError} If a port is taken.
   */
  async listen(options: ListenOptions = {}): Promise<PipelineAddresses> {
    const { host = "127.0.0.1", insecure = false } = options;
    const { security } = this.#options;
    const curve = serverOptions(security, security?.allowedKeys);
    const at = (place: number | string) => {
      const address = typeof place === "string"
        ? place
        : `tcp://${host}:${place === 0 ? "*" : place}`;
      requireSafe(address, security !== undefined || insecure);
      return address;
    };
    await this.#store.open();
    const sockets = this.#sockets;
    const results = sockets.create("results", PULL, curve);
    const requests = sockets.create("requests", ROUTER, curve);
    const events = sockets.create("events", SUB, curve);
    const feed = sockets.create("feed", PUB, curve);
    await sockets.bind("results", at(options.results ?? 7001));
    await sockets.bind("events", at(options.events ?? 6000));
    await sockets.bind("feed", at(options.feed ?? 7002));
    await sockets.bind("requests", at(options.requests ?? 7000));
    this.#addresses = {
      events: events.lastEndpoint!,
      requests: requests.lastEndpoint!,
      results: results.lastEndpoint!,
      feed: feed.lastEndpoint!,
    };
    this.#feed.publishOver(feed);
    this.#coordinator.start(this.#links);
    void this.#hearSteps();
    void this.#passOn();
    void serveRequests(requests, (request) => this.#answer(request));
    return this.#addresses;
  }

  /**
   * Submits a flow.
   *
   * @param name Of the flow: by default the job type of its first step.
   * @returns Its id, once it is kept.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_FULL`.
   */
  async submit(name: string, instructions: unknown): Promise<string> {
    const json = JSON.stringify(instructions) ?? "null";
    return (await this.operations.submit({ name, instructions: json })).id;
  }

  /**
   * The result of a flow, once there is one.
   *
   * @param timeoutMs How long to wait for it. Default: for ever.
   * @throws {PipelineError} `ERR_PIPELINE_FAILED`, `ERR_PIPELINE_CANCELLED`,
   *   `ERR_PIPELINE_TIMEOUT`, `ERR_PIPELINE_UNKNOWN`.
   */
  async result(id: string, timeoutMs = 0x7fffffff): Promise<unknown> {
    const flow = await this.operations.wait(id, timeoutMs);
    if (flow.state === "completed") return JSON.parse(flow.result!);
    throw unfinished(flow.id, flow.state, flow.error?.message);
  }

  /**
   * Watches what happens.
   *
   * @returns Stops that.
   */
  watch(listener: FeedListener): () => void {
    return this.#feed.listen(listener);
  }

  /** Closes it: what happened is kept, workers go on with what they have. Safe to call again. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.operations.stop();
    this.#links.stop();
    if (this.#addresses !== undefined) await this.#coordinator.stop();
    await this.#sockets.closeAll();
    await this.#store.close();
  }

  /** What steps say of jobs. */
  async #hearSteps(): Promise<void> {
    for await (const [bytes] of this.#sockets.getByName("results", PULL)) {
      try {
        this.#coordinator.hear(readUp(bytes!));
      } catch (error) {
        this.#report(error as Error);
      }
    }
  }

  /** What steps tell to whoever watches. */
  async #passOn(): Promise<void> {
    const events = this.#sockets.getByName("events", SUB);
    for (const topic of ["logs:", "metric:", "available"]) {
      events.subscribe(topic);
    }
    for await (const [topic, bytes] of events) {
      try {
        this.#feed.tell(String(topic), decodeJson(bytes!));
      } catch (error) {
        this.#report(error as Error);
      }
    }
  }

  #answer(request: View): Promise<View> {
    const describe = () => ({
      v: WIRE_VERSION,
      name: this.name,
      epoch: this.#coordinator.epoch,
      flows: [...this.flows.keys()],
      ...this.#addresses,
    });
    return answer(request, this.operations, describe);
  }

  #tell(event: JobEvent, { id, jobType, flowId, progress }: JobRecord): void {
    const view = { ...eventView(event), job_type: jobType, flow_id: flowId };
    this.#feed.tell(`job:${event.type}:${jobType}:${id}`, {
      ...view,
      progress,
    });
  }

  #report(error: Error): void {
    (this.#options.onError ?? console.error)(error);
  }
}

function flowsOf(
  { name, steps = [], flows = [] }: PipelineOptions,
): Map<string, Flow<never, unknown>> {
  const all = [...flows];
  const [first, ...rest] = steps;
  if (first !== undefined) {
    let chain: Flow<never, unknown> = flow(first);
    // Whether each takes what the one before gives, TypeScript has checked.
    for (const step of rest) chain = chain.to(step as Step<unknown, unknown>);
    all.push(chain);
  }
  if (all.length === 0) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `The pipeline "${name}" has no steps`,
    );
  }
  const byName = new Map(all.map((one) => [one.name, one]));
  if (byName.size < all.length) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `Two flows of the pipeline "${name}" have the same name`,
    );
  }
  return byName;
}
