/**
 * Layer: pipeline. Runs the shards of a pipeline whose turn it is in this process:
 * each shard is led by one of the processes that offer themselves, as a pipeline
 * without shards is, and the processes have about equally many.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import {
  addressesOf,
  DEFAULT_PORT,
  type ListenOptions,
  PORT_COUNT,
} from "./listen_options.ts";
import { invalid, requireWhole } from "./model/check.ts";
import { Faults } from "./model/faults.ts";
import type { PipelineError } from "./model/pipeline_error.ts";
import { MAX_SHARDS, type Shard } from "./model/shards.ts";
import { Pipeline } from "./pipeline.ts";
import {
  flowsOf,
  limitsOf,
  type PipelineAddresses,
  type PipelineOptions,
} from "./pipeline_options.ts";
import { COUNT_MS, ShardBalance } from "./shard_balance.ts";
import { ShardDirectory } from "./shard_directory.ts";
import { ShardMember } from "./shard_member.ts";
import { standBy } from "./stand_by.ts";
import type { Awaitable, JobStore, PipelineMember } from "./store/job_store.ts";
import { machine } from "./worker/machine.ts";

/** How a process takes part in a pipeline with shards. */
export interface StandByShardsOptions {
  /** How many shards the pipeline has, the same in all processes. It cannot be changed. */
  readonly shards: number;
  /** The store of a shard: one that processes can share, such as `postgresStore(url, { name, shard })`. */
  readonly storeOf: (shard: Shard) => JobStore;
  /**
   * Where it listens. Clients and workers use `port`, at which the process says which
   * shards it leads; shard 0 is at `port` + 4, shard 1 at `port` + 8, and so on, each
   * with its feed 3 further. With 0 all are at any free port.
   */
  readonly listen?: ShardListenOptions;
  /** Ends it: others take its shards over at once. */
  readonly signal: AbortSignal;
  /**
   * Called when it listens, with the endpoint for clients and workers; and with this
   * process, of which `dashboard()` shows all shards.
   */
  readonly onListening?: (
    address: string,
    member: ShardMember,
  ) => Awaitable<void>;
  /** As for {@link standBy}, for each shard. */
  readonly onLeading?: (
    pipeline: Pipeline,
    addresses: PipelineAddresses,
    shard: Shard,
  ) => Awaitable<(() => Awaitable<void>) | void>;
  /** As for {@link standBy}, for each shard. */
  readonly onFenced?: (error: PipelineError, shard: Shard) => Awaitable<void>;
  /** Called while another process leads a shard: at first, and whenever that changes. */
  readonly onStandby?: (leader: PipelineMember, shard: Shard) => void;
}

/** Where a process with shards listens. */
export interface ShardListenOptions
  extends Pick<ListenOptions, "host" | "insecure"> {
  /** The port for clients and workers. Default 7450. */
  readonly port?: number;
}

/**
 * Takes part in a pipeline whose flows are spread over several coordinators, in as
 * many processes. Start it in as many processes as there are shards, or in fewer or
 * more: each leads its share. Clients and workers get the addresses of all of them.
 *
 * @param definition The pipeline, without a store; its limits are those of each shard.
 * @returns Resolves once the signal is aborted and all is closed.
 * @throws {PipelineError} `ERR_STORE_SHARDS` if the pipeline was created with another
 *   number of shards, `ERR_PIPELINE_INVALID`, and what {@link standBy} throws.
 *
 * @example
 * ```ts no-run
 * import { defineStep, standByShards } from "@agentzero/agentzero/pipeline";
 * import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * const ending = new AbortController();
 * process.once("SIGTERM", () => ending.abort());
 * await standByShards({ name: "greetings", steps: [greet] }, {
 *   shards: 2,
 *   storeOf: (shard) =>
 *     postgresStore("postgres://db.example/jobs", { name: "greetings", shard }),
 *   signal: ending.signal,
 * });
 * ```
 */
export async function standByShards(
  definition: Omit<PipelineOptions, "store">,
  options: StandByShardsOptions,
): Promise<void> {
  requireWhole("shards of a pipeline", options.shards, 1, MAX_SHARDS);
  const faults = new Faults(definition.onError);
  const { host, port = DEFAULT_PORT, insecure } = options.listen ?? {};
  if (typeof port !== "number") {
    throw invalid("port of a pipeline with shards must be a number", "port");
  }
  const protection = definition;
  const { maxPayloadBytes, leaseMs } = limitsOf(definition);
  const { requests } = addressesOf({ host, port, insecure }, protection);
  const { name } = definition;
  const flows = flowsOf(definition);
  const directory = new ShardDirectory({
    name,
    flows: [...flows.keys()],
    maxPayloadBytes,
    leaseMs,
    shards: options.shards,
    protection,
    faults,
  });
  let member: ShardMember | undefined;
  try {
    const address = await directory.open(requests);
    member = new ShardMember({
      ...{ name, flows, maxPayloadBytes, protection, address },
      shards: options.shards,
      onError: (error) => faults.report(error as Error, "listener"),
    });
    await options.onListening?.(address, member);
    await new ShardHost(definition, options, directory, member).run();
  } finally {
    await member?.close();
    await directory.close();
    faults.close();
  }
}

/** The shards of one process. */
class ShardHost {
  readonly #definition: Omit<PipelineOptions, "store">;
  readonly #options: StandByShardsOptions;
  readonly #directory: ShardDirectory;
  readonly #member: ShardMember;
  readonly #balance: ShardBalance;
  /** The stores of the shards that it leads. */
  readonly #stores: Map<number, JobStore> = new Map();
  readonly #failed = new AbortController();
  readonly #ending: AbortSignal;

  constructor(
    definition: Omit<PipelineOptions, "store">,
    options: StandByShardsOptions,
    directory: ShardDirectory,
    member: ShardMember,
  ) {
    this.#definition = definition;
    this.#options = options;
    this.#directory = directory;
    this.#member = member;
    this.#balance = new ShardBalance(
      { ...machine(), address: member.address },
      () => member.led.size,
    );
    this.#ending = AbortSignal.any([options.signal, this.#failed.signal]);
  }

  /** Stands by for all shards, until the signal is aborted or one of them fails. */
  async run(): Promise<void> {
    const { shards: of } = this.#options;
    const shards = Array.from({ length: of }, (_, index) => ({ index, of }));
    const ended = shards.map(async (shard) => {
      try {
        await this.#standBy(shard);
      } catch (error) {
        this.#failed.abort(error);
        throw error;
      }
    });
    const results = await Promise.allSettled([this.#keepBalance(), ...ended]);
    const failed = results.find(({ status }) => status === "rejected");
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  async #standBy(shard: Shard): Promise<void> {
    const { storeOf, listen = {}, onFenced, onStandby } = this.#options;
    const { port = DEFAULT_PORT, ...where } = listen;
    const store = storeOf(shard);
    await standBy(() => new Pipeline({ ...this.#definition, store }), {
      listen: {
        ...where,
        port: port === 0 ? 0 : port + PORT_COUNT * (shard.index + 1),
        onStandby: (leader) => {
          this.#member.standBy(shard.index, leader);
          onStandby?.(leader, shard);
        },
        candidate: {
          address: this.#member.address,
          patienceMs: () => this.#balance.patienceMs,
        },
      },
      signal: this.#ending,
      onLeading: (pipeline, addresses) =>
        this.#lead(shard, store, pipeline, addresses),
      onFenced: (error) => onFenced?.(error, shard),
    });
  }

  async #lead(
    shard: Shard,
    store: JobStore,
    pipeline: Pipeline,
    addresses: PipelineAddresses,
  ): Promise<() => Promise<void>> {
    const { index } = shard;
    const { requests } = addresses;
    this.#stores.set(index, store);
    const endLead = this.#member.lead(index, pipeline);
    const term = store.lead?.term ?? 0;
    this.#directory.add({ shard: index, term, requests });
    const end = await this.#options.onLeading?.(pipeline, addresses, shard);
    return async () => {
      this.#stores.delete(index);
      endLead();
      this.#directory.remove(index);
      await end?.();
    };
  }

  /** Hands over what another process should lead. */
  async #keepBalance(): Promise<void> {
    while (!this.#ending.aborted) {
      const [store] = this.#stores.values();
      try {
        const census = await store?.lead?.census?.();
        const surplus = census === undefined ? 0 : this.#balance.count(census);
        const handedOver = [...this.#member.led.values()].slice(0, surplus);
        for (const pipeline of handedOver) void pipeline.close();
      } catch {
        // The database cannot be asked at present, or the term has just ended.
      }
      await sleep(COUNT_MS, this.#ending);
    }
  }
}
