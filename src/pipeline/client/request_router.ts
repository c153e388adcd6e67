/**
 * Layer: pipeline/client. Sends each request to where it belongs: to the pipeline,
 * or, if that turns out to have shards, to the one that has the flow, or to all of
 * them. Only here a client knows that there are shards.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { describeRequest } from "../protocol/describe.ts";
import { natural } from "../protocol/reader.ts";
import {
  type Answer,
  type CallOptions,
  RequestDealer,
  type RequestExtras,
} from "../protocol/request_dealer.ts";
import { ShardRequests } from "./shard_requests.ts";

/** How a pipeline is reached. */
export interface RouterOptions {
  readonly sockets: SocketManager;
  /** The endpoints of all processes for requests. */
  readonly addresses: readonly string[];
  readonly socketOptions: object;
}

/** Sends requests to a pipeline, with shards or without. */
export class RequestRouter {
  readonly #dealer = new RequestDealer();
  #options: RouterOptions | undefined;
  #shards: ShardRequests | undefined;

  /** Connects; the pipeline need not be there yet. */
  async open(options: RouterOptions): Promise<void> {
    this.#options = options;
    await this.#dealer.open(options);
  }

  /** How many shards the pipeline has, as far as that is known. */
  get shards(): number {
    return this.#shards?.count ?? 1;
  }

  /** Asks how many shards the pipeline has. */
  async countShards(call: CallOptions): Promise<number> {
    if (this.#shards === undefined) await this.#findShards(call);
    return this.shards;
  }

  /** The pipelines to watch: each shard is one. */
  get parts(): readonly RequestDealer[] {
    return this.#shards?.dealers ?? [this.#dealer];
  }

  /**
   * Sends a request, and waits for the answer.
   *
   * @param request A new object: it gets its `request_id`.
   * @throws {PipelineError} See {@link RequestDealer.ask}.
   */
  ask(
    request: Record<string, unknown>,
    call: CallOptions,
    extras?: RequestExtras,
  ): Promise<Answer> {
    if (this.#shards !== undefined) {
      return this.#shards.ask(request, call, extras);
    }
    const { timeoutMs } = call;
    const beganAt = timeoutMs === undefined ? 0 : performance.now();
    return this.#dealer.ask(request, call, extras).catch(async (error) => {
      // Many submissions are divided by the caller.
      if (!isSharded(error) || request.type === "submit_many") throw error;
      const left = leftOf(call, beganAt);
      await this.#findShards(left);
      return await this.#shards!.ask(request, left, extras);
    });
  }

  /** Rejects every call. */
  close(): void {
    this.#dealer.close();
    this.#shards?.close();
  }

  async #findShards(call: CallOptions): Promise<void> {
    const answer = await this.#dealer.ask({ ...describeRequest() }, call);
    if (answer.shards === undefined || this.#shards !== undefined) return;
    const count = natural(answer, "shards");
    this.#shards = new ShardRequests(count, this.#options!);
  }
}

function leftOf({ timeoutMs, signal }: CallOptions, since: number) {
  if (timeoutMs === undefined) return { signal };
  return { timeoutMs: timeoutMs - (performance.now() - since), signal };
}

/** Whether a request was sent where only the list of shards is. */
export function isSharded(error: unknown): boolean {
  return error instanceof PipelineError &&
    error.code === "ERR_PIPELINE_SHARDED";
}
