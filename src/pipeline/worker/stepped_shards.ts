/**
 * Layer: pipeline/worker. A step at work for all shards of a pipeline: for each as
 * for a pipeline of its own, with one identity and one executor.
 *
 * @module
 */
import { SocketManager } from "../../manager/mod.ts";
import { RAW } from "../../serializers/mod.ts";
import { invalid } from "../model/check.ts";
import { addressList } from "../model/pipeline_addresses.ts";
import { ShardFinder } from "../protocol/shard_finder.ts";
import { makeExecutor } from "./make_executor.ts";
import type { RunOptions } from "./run_options.ts";
import { SharedExecutor } from "./shared_executor.ts";
import { StepLog } from "./step_log.ts";
import type { AnyStep, StepRun } from "./types.ts";
import { RunningStep } from "./worker.ts";
import { socketOptionsOf } from "./worker_connection.ts";
import { WorkerProof } from "./worker_proof.ts";

/** A step at work for all shards. */
export class SteppedShards implements StepRun {
  readonly address = undefined;
  /** Resolves once it has left all shards. */
  readonly closed: Promise<void>;
  readonly #proof = new WorkerProof();
  readonly #executor: SharedExecutor;
  readonly #runs: readonly RunningStep[];
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  readonly #finder: ShardFinder;

  /** @param count How many shards the pipeline has. */
  constructor(step: AnyStep, options: RunOptions, count: number) {
    const { bind, address, prefetch = 0 } = options;
    if (bind !== undefined || address !== undefined) {
      throw invalid(
        "A pipeline with shards sends jobs over the connections of its workers only: leave out bind and address of the step",
        "bind",
        "address",
      );
    }
    this.#executor = new SharedExecutor(count, (channel, placesChanged) => {
      const publish = channel.publish.bind(channel);
      const log = new StepLog(step.jobType, this.id, publish);
      const parts = { proof: this.#proof, channel, log, placesChanged };
      return makeExecutor(step, options, parts);
    });
    const onConnection = allConnected(count, options.onConnection);
    this.#runs = this.#executor.shares.map((executor, shard) =>
      new RunningStep(step, {
        ...options,
        prefetch: Math.ceil(prefetch / count),
        onConnection: (isConnected) => onConnection(shard, isConnected),
      }, { proof: this.#proof, executor })
    );
    this.#finder = new ShardFinder({
      sockets: this.#sockets,
      addresses: addressList(options.pipeline),
      socketOptions: socketOptionsOf(options),
      onFound: (shard, address, term) =>
        this.#runs[shard]?.found(address, term),
    });
    this.closed = this.#leave();
  }

  /** The worker's id. */
  get id(): string {
    return this.#proof.id;
  }

  /** How many jobs it has. */
  get running(): number {
    return this.#runs.reduce((sum, { running }) => sum + running, 0);
  }

  /** @internal Joins all shards. */
  async join(): Promise<void> {
    try {
      await this.#executor.start();
      await Promise.all(this.#runs.map((run) => run.join()));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes no new work, finishes what it has, and leaves. */
  drain(): Promise<void> {
    for (const run of this.#runs) void run.drain();
    return this.closed;
  }

  /** Aborts what it works on, gives it back, and leaves. */
  close(): Promise<void> {
    for (const run of this.#runs) void run.close();
    return this.closed;
  }

  /** Closes it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Once it leaves one shard, as an operator may have asked it to, it leaves all. */
  async #leave(): Promise<void> {
    const all = this.#runs.map(({ closed }) => closed);
    await Promise.race(all);
    for (const run of this.#runs) void run.drain();
    await Promise.all(all);
    this.#finder.close();
    await Promise.all([this.#sockets.closeAll(), this.#executor.close()]);
  }
}

/** Reports one connection for those to all shards: it is there when all are. */
function allConnected(
  count: number,
  report: RunOptions["onConnection"],
): (shard: number, isConnected: boolean) => void {
  const connected = new Set<number>();
  return (shard, isConnected) => {
    const before = connected.size === count;
    if (isConnected) connected.add(shard);
    else connected.delete(shard);
    const after = connected.size === count;
    if (after !== before) report?.(after);
  };
}
