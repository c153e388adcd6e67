/**
 * Layer: pipeline. A pipeline accepts submissions, dispatches jobs to workers and
 * stores them. `listener.ts` opens its sockets; `parts.ts` creates what is behind
 * them.
 *
 * @module
 */
import { SocketManager } from "../manager/mod.ts";
import { type Resolvers, withResolvers } from "../async/promises.ts";
import { splitTcp } from "../zmq/endpoint.ts";
import { PipelineAccess } from "./access.ts";
import { optionNames } from "../util/check_options.ts";
import { RAW } from "../serializers/mod.ts";
import type { WorkerPlace } from "./coordinator/coordinator_options.ts";
import type { Operations } from "./coordinator/operations.ts";
import type { SubmitRequest } from "./coordinator/submitter.ts";
import {
  requireDuration,
  requireFunction,
  requireOptions,
  requireSignal,
} from "./model/check.ts";
import {
  atSubmission,
  checkSubmitted,
  SUBMIT_MANY_OPTIONS,
  SUBMIT_OPTIONS,
} from "./model/check_submit.ts";
import { PipelineError } from "./model/pipeline_error.ts";
import { Faults } from "./model/faults.ts";
import {
  type SubmitManyOptions,
  type SubmitOptions,
  withShared,
} from "./model/submit_options.ts";
import { unfinished } from "./model/unfinished.ts";
import {
  checkPipelineOptions,
  flowsOf,
  type PipelineAddresses,
  type PipelineOptions,
} from "./pipeline_options.ts";
import { checkAddresses, Listener } from "./listener.ts";
import {
  addressesOf,
  type ListenAddresses,
  type ListenOptions,
} from "./listen_options.ts";
import { EventPublisher } from "./event_publisher.ts";
import { createParts, type PipelineParts } from "./parts.ts";
import type { SocketSettings } from "./sockets.ts";
import { DEFAULT_RETRY } from "./model/retry.ts";
import type { FeedListener } from "./server/feed.ts";
import type { Host } from "./server/request_table.ts";
import { answer } from "./server/requests.ts";
import type { View } from "./server/views.ts";
import { nameOf, type Submittable } from "./define/chain.ts";
import type { Flow } from "./define/flow.ts";
import { machine } from "./worker/machine.ts";
import type { AnyStep } from "./worker/types.ts";
import type { JobStore, PipelineMember } from "./store/job_store.ts";
import { memoryStore } from "./store/memory_store.ts";
import { loadTelemetry } from "./telemetry/opentelemetry.ts";
import { PipelineTelemetry } from "./telemetry/pipeline_telemetry.ts";
import { requireJson } from "./protocol/json.ts";
import {
  ANNOUNCED_VERSION,
  WIRE_MINOR,
  WIRE_VERSION,
} from "./protocol/messages.ts";

/** From `listen` to the end of `close`. */
interface Life {
  readonly closed: Resolvers<PipelineError | undefined>;
  /** Ends the wait for the lead. */
  readonly ending: AbortController;
  opening?: Promise<PipelineAddresses>;
  closing?: Promise<void>;
  /** Whether the store is open; if another pipeline has locked it, it must not be closed here. */
  hasStore: boolean;
  /** Why it closed by itself. */
  fenced?: PipelineError;
}

const SUBMIT = optionNames<SubmitOptions>(SUBMIT_OPTIONS);
const SUBMIT_MANY = optionNames<SubmitManyOptions>(SUBMIT_MANY_OPTIONS);
const RESULT = new Set(["timeoutMs", "signal"]);

/**
 * Coordinates steps, and stores every job until it is completed.
 *
 * TypeScript checks consecutive steps: each accepts the result of the previous
 * one.
 *
 * @example
 * ```ts
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 *
 * const double = defineStep("double", (n: number) => 2 * n);
 * const show = defineStep("show", (n: number) => `it is ${n}`);
 *
 * await using pipeline = new Pipeline({ name: "numbers", steps: [double, show] });
 * const { requests } = await pipeline.listen({ port: 0 });
 * await using doubling = await double.run({ pipeline: requests });
 * await using showing = await show.run({ pipeline: requests });
 *
 * const id = await pipeline.submit(double, 21);
 * console.log(await pipeline.result(id)); // it is 42
 * ```
 */
export class Pipeline<
  const S extends readonly AnyStep[] = readonly AnyStep[],
> {
  /** The name. */
  readonly name: string;
  /** The flows, by their names. */
  readonly flows: ReadonlyMap<string, Flow<never, unknown>>;
  readonly #access: PipelineAccess;
  readonly #faults: Faults;
  readonly #store: JobStore;
  readonly #parts: PipelineParts;
  readonly #publisher = new EventPublisher();
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  readonly #life: Life = {
    closed: withResolvers<PipelineError | undefined>(),
    ending: new AbortController(),
    hasStore: false,
  };
  readonly #listener: Listener = new Listener(this.#sockets);

  /**
   * Creates a pipeline, which does nothing before `listen`.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`.
   */
  constructor(options: PipelineOptions<S>) {
    checkPipelineOptions(options as PipelineOptions);
    const { security, token, onError } = options;
    this.name = options.name;
    this.flows = flowsOf(options as PipelineOptions);
    this.#faults = new Faults(onError);
    this.#access = new PipelineAccess({ security, token }, this.#faults);
    this.#store = options.store ?? memoryStore();
    this.#parts = createParts(options as PipelineOptions, {
      store: this.#store,
      flows: this.flows,
      faults: this.#faults,
      access: this.#access,
      publisher: this.#publisher,
      sockets: this.#sockets,
      requireWorker: (worker) => this.#requireWorker(worker),
      onFenced: (error) => {
        this.#life.fenced = error;
        void this.close();
      },
      isClosed: () => this.#life.closing !== undefined,
    });
  }

  /** All operations of the pipeline. */
  get operations(): Operations {
    return this.#parts.operations;
  }

  /** Its endpoints; `undefined` before it listens. */
  get addresses(): PipelineAddresses | undefined {
    return this.#listener.addresses;
  }

  /**
   * Resolves once the pipeline is closed: with the error if that was not asked for,
   * because another process has taken the pipeline over.
   */
  get closed(): Promise<PipelineError | undefined> {
    return this.#life.closed.promise;
  }

  /**
   * Opens the store and listens. If that fails, the pipeline is closed. Over
   * PostgreSQL it waits until no other process leads the pipeline.
   *
   * @returns Its endpoints; workers and clients need `requests` only.
   * @throws {PipelineError} `ERR_PIPELINE_INSECURE`, `ERR_PIPELINE_CLOSED`,
   *   `ERR_PIPELINE_ADDRESS` if an address is in use, `ERR_STORE_LOCKED` if
   *   another pipeline uses the store, or another error of the store.
   * @throws {SocketBindError} If an address cannot be bound for another reason.
   */
  async listen(options: ListenOptions = {}): Promise<PipelineAddresses> {
    const { opening, closing } = this.#life;
    if (opening !== undefined || closing !== undefined) {
      throw new PipelineError(
        closing ? "ERR_PIPELINE_CLOSED" : "ERR_PIPELINE_INVALID",
        `The pipeline "${this.name}" ${
          closing ? "is closed" : "is already listening"
        }`,
      );
    }
    const addresses = addressesOf(options, this.#access.protection);
    this.#access.isInsecure = options.insecure ?? false;
    try {
      return await (this.#life.opening = this.#open(addresses, options));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Submits a flow.
   *
   * @param what The flow, its first step, or its name.
   * @param payload The input of its first step: any JSON value.
   * @returns Its id, once it is committed.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`,
   *   `ERR_PIPELINE_TOO_LARGE`, `ERR_PIPELINE_FULL`, `ERR_PIPELINE_CLOSED`,
   *   `ERR_STORE_FAILED`.
   */
  async submit<I>(
    what: Submittable<I>,
    payload: I,
    options: SubmitOptions = {},
  ): Promise<string> {
    const name = nameOf(what);
    const request = submissionOf(name, payload, options);
    const { traceparent } = request;
    const send = async (traceparent?: string) =>
      (await this.operations.submit({ ...request, traceparent })).id;
    const submissions = this.#publisher.telemetry?.submissions;
    return submissions === undefined
      ? await send(traceparent)
      : await submissions.submit({ flow: name, traceparent }, send);
  }

  /**
   * Submits many flows: all of them in one commit, or none.
   *
   * @param what The flow, its first step, or its name.
   * @param payloads The input of its first step, for each flow: any JSON value.
   * @param options What holds for all of them; `optionsOf` says what is for one.
   * @returns Their ids, in the order of the payloads, once they are committed.
   * @throws {PipelineError} As {@link Pipeline.submit}, for the first that cannot
   *   be accepted.
   *
   * @example
   * ```ts
   * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
   *
   * const double = defineStep("double", (n: number) => 2 * n);
   * await using pipeline = new Pipeline({ name: "many", steps: [double] });
   * await pipeline.listen({ port: 0 });
   * const ids = await pipeline.submitMany(double, [1, 2, 3], {
   *   optionsOf: (n) => ({ id: `double-${n}`, priority: n }),
   * });
   * console.log(ids); // [ "double-1", "double-2", "double-3" ]
   * ```
   */
  async submitMany<I>(
    what: Submittable<I>,
    payloads: readonly I[],
    options: SubmitManyOptions<I> = {},
  ): Promise<string[]> {
    requireOptions(options, SUBMIT_MANY, "submitMany()");
    const { optionsOf, ...shared } = options;
    if (optionsOf !== undefined) requireFunction("optionsOf", optionsOf);
    const name = nameOf(what);
    const send = async (traceparent?: string) => {
      const requests = payloads.map((payload, index) =>
        atSubmission(index, () => {
          const own = optionsOf?.(payload, index);
          const all = withShared({ ...shared, traceparent }, own);
          return submissionOf(name, payload, all);
        })
      );
      const submitted = await this.operations.submitMany(requests);
      return submitted.map(({ id }) => id);
    };
    const { traceparent } = shared;
    const submissions = this.#publisher.telemetry?.submissions;
    return submissions === undefined
      ? await send(traceparent)
      : await submissions.submitMany(
        { flow: name, traceparent },
        payloads.length,
        send,
      );
  }

  /**
   * Waits for the result of a flow.
   *
   * @param options How long to wait, in milliseconds, and a signal. Default: no
   *   limit.
   * @throws {PipelineError} `ERR_PIPELINE_FAILED`, `ERR_PIPELINE_CANCELLED`,
   *   `ERR_PIPELINE_TIMEOUT`, `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_CLOSED`.
   */
  async result<T = unknown>(
    id: string,
    options: {
      readonly timeoutMs?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<T> {
    requireOptions(options, RESULT, "result()");
    const { timeoutMs = Infinity, signal } = options;
    requireDuration("timeoutMs", timeoutMs);
    requireSignal(signal);
    const flow = await this.operations.wait(id, timeoutMs, signal);
    if (flow.state === "completed") return JSON.parse(flow.result!) as T;
    throw unfinished(flow.id, flow.state, flow.error);
  }

  /**
   * Calls a listener with every event.
   *
   * @returns Removes the listener.
   */
  watch(listener: FeedListener): () => void {
    requireFunction("The listener", listener);
    return this.#publisher.feed.listen(
      listener,
      (error) => this.#faults.report(error as Error, "listener"),
    );
  }

  /** Closes the pipeline, once everything is committed; workers go on with their jobs. Safe to call again. */
  close(): Promise<void> {
    return this.#life.closing ??= this.#close();
  }

  /** Closes the pipeline, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(
    bindTo: ListenAddresses,
    options: ListenOptions,
  ): Promise<PipelineAddresses> {
    const { coordinator, connections } = this.#parts;
    const telemetry = await loadTelemetry((api) =>
      new PipelineTelemetry(api, this.name)
    );
    this.#publisher.telemetry = telemetry;
    await this.#openStore(bindTo, options);
    const opened = await this.#listener.open(bindTo, this.#socketSettings);
    if (options.candidate === undefined) {
      this.#store.lead?.announce(this.addresses!.requests);
    }
    await coordinator.start(connections);
    telemetry?.observe(() => ({
      queues: coordinator.scheduler.queues.values(),
      workers: coordinator.workers.values(),
    }));
    const keyless = this.#hostOf(undefined); // for all clients, without CURVE
    this.#parts.incoming.open(
      opened,
      (request, key) =>
        this.#answer(request, key === undefined ? keyless : this.#hostOf(key)),
    );
    if (this.#listener.isAnnounced) await this.#announce();
    return this.addresses!;
  }

  /** Listens for workers of version 1, too. */
  #announce(): Promise<void> {
    return this.#listener.announce(
      this.#socketSettings,
      (opened) => this.#parts.incoming.openAnnounced(opened),
    );
  }

  get #socketSettings(): SocketSettings {
    const { maxPayloadBytes, leaseMs } = this.#parts.coordinator.limits;
    return {
      accept: (...roles) => this.#access.serverOptions(...roles),
      maxPayloadBytes,
      leaseMs,
    };
  }

  /** Opens the store, once this process leads. Until then it checks where it would listen. */
  async #openStore(
    bindTo: ListenAddresses,
    { candidate, onStandby }: ListenOptions,
  ): Promise<void> {
    const address = candidate?.address ?? bindTo.requests;
    const { ending } = this.#life;
    let check: Promise<void> | undefined;
    let problem: { readonly error: unknown } | undefined;
    try {
      await this.#store.open({
        member: { ...machine(), address },
        patienceMs: candidate?.patienceMs,
        signal: ending.signal,
        onStandby: (leader) => {
          check ??= this.#checkAddresses(bindTo, leader).catch((error) => {
            problem = { error };
            ending.abort(error);
          });
          onStandby?.(leader);
        },
        onLost: (error) => this.#parts.coordinator.fenced(error),
      });
      this.#life.hasStore = true;
    } catch (error) {
      throw problem === undefined ? error : problem.error;
    } finally {
      await check; // before it listens there
    }
  }

  /** Checks the addresses of a standby, unless the leader has the same on this machine. */
  async #checkAddresses(
    bindTo: ListenAddresses,
    leader: PipelineMember,
  ): Promise<void> {
    const isHere = leader.host === machine().host;
    if (isHere && isSamePort(leader.address, bindTo.requests)) return;
    const { signal } = this.#life.ending;
    await checkAddresses(bindTo, this.#socketSettings, signal);
  }

  async #close(): Promise<void> {
    const life = this.#life;
    if (!life.hasStore) life.ending.abort(standsBy());
    await life.opening?.catch(() => {});
    const { coordinator, flowWaiters, connections } = this.#parts;
    const stopped = coordinator.stop();
    flowWaiters.stop();
    await stopped;
    this.#publisher.telemetry?.stop();
    connections.stop();
    await this.#sockets.closeAll();
    try {
      if (life.hasStore) await this.#store.close();
    } finally {
      this.#faults.close();
      life.closed.resolve(life.fenced);
    }
  }

  /** @throws {PipelineError} `ERR_PIPELINE_INSECURE` for a worker that the pipeline must not connect to. */
  #requireWorker(worker: WorkerPlace): void {
    this.#access.requireWorker(worker, Object.values(this.addresses!));
  }

  #answer(request: View, host: Host): View | Promise<View> {
    const { telemetry } = this.#publisher;
    const { operations } = this;
    const context = { operations, lists: operations.bounded, host };
    if (telemetry === undefined) return answer(request, context);
    const reply = (request: View) => answer(request, context);
    return telemetry.receive(request, reply);
  }

  /** @param key The public key of the client, with CURVE. */
  #hostOf(key: string | undefined): Host {
    return {
      describe: (version) => this.#describe(version),
      requireWorker: (worker) => this.#requireWorker(worker),
      requireRole: (roles, type) => this.#access.requireRole(key, roles, type),
    };
  }

  /** @param version The latest version of the protocol that the peer speaks. */
  async #describe(version: number): Promise<View> {
    const { coordinator } = this.#parts;
    const isAnnounced = version < WIRE_VERSION;
    if (isAnnounced) await this.#announce();
    const { requests, feed, results, events } = this.addresses!;
    return {
      v: isAnnounced ? ANNOUNCED_VERSION : WIRE_VERSION,
      minor: WIRE_MINOR,
      name: this.name,
      epoch: coordinator.epoch,
      flows: [...this.flows.keys()],
      max_payload_bytes: coordinator.limits.maxPayloadBytes,
      term: this.#store.lead?.term,
      requests,
      feed,
      ...isAnnounced && { results, events, worker_secrets: true },
    };
  }
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`. */
function submissionOf(
  name: string,
  payload: unknown,
  options: SubmitOptions,
): SubmitRequest {
  requireOptions(options, SUBMIT, "submit()");
  const { retry, jobTimeoutMs: timeoutMs, ...rest } = options;
  checkSubmitted(options, { jobTimeoutMs: timeoutMs });
  return {
    ...rest,
    timeoutMs,
    retry: retry && { ...DEFAULT_RETRY, ...retry },
    name,
    payload: requireJson("The payload", payload),
  };
}

/** Whether two endpoints are at one port, or have one path. */
function isSamePort(a: string, b: string): boolean {
  const placeIn = (endpoint: string) =>
    splitTcp(endpoint)?.target.port ?? endpoint;
  return placeIn(a) === placeIn(b);
}

function standsBy(): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_CLOSED",
    "The pipeline was closed before this process came to lead it",
  );
}
