/**
 * Layer: pipeline/client. Requests to a pipeline with shards: to the one that has a
 * flow or a schedule, or to all, whose answers become one.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { shardOf } from "../model/shards.ts";
import {
  type Answer,
  type CallOptions,
  RequestDealer,
  type RequestExtras,
} from "../protocol/request_dealer.ts";
import { ShardFinder } from "../protocol/shard_finder.ts";
import { mergedSchedules, mergedStats } from "./merged_answers.ts";
import { MergedLists, type ShardAnswer } from "./merged_lists.ts";

/** How the processes are reached. */
export interface ShardRequestsOptions {
  readonly sockets: SocketManager;
  /** Those of all processes; see `ShardRequests.look`. */
  readonly addresses: readonly string[];
  readonly socketOptions: object;
}

/** A request that can be sent to any number of shards. */
type Request = Readonly<Record<string, unknown>>;

/** The requests about one flow, which only the shard knows that has it. */
const ABOUT_ONE: ReadonlySet<unknown> = new Set([
  "status",
  "job",
  "result",
  "timeline",
  "logs",
  "cancel",
  "retry",
  "promote",
  "set_priority",
  "remove",
]);

/** Sends requests to the shards of a pipeline. */
export class ShardRequests {
  /** One for each shard. */
  readonly dealers: readonly RequestDealer[];
  readonly #finder: ShardFinder;
  readonly #lists: MergedLists;

  /** Begins to look for the leaders. @param count How many shards there are. */
  constructor(count: number, options: ShardRequestsOptions) {
    const { sockets, addresses, socketOptions } = options;
    this.dealers = Array.from({ length: count }, (_, shard) => {
      const dealer = new RequestDealer();
      const name = `requests of shard ${shard}`;
      const shown = `${addresses.join(", ")}, shard ${shard}`;
      dealer.open({ sockets, name, addresses: [], shown, socketOptions })
        .catch(() => {}); // only of a client that is closed meanwhile
      return dealer;
    });
    this.#finder = new ShardFinder({
      ...options,
      onFound: (shard, address, term) =>
        this.dealers[shard]?.found(address, term),
    });
    this.#lists = new MergedLists({
      count,
      ask: (shard, request, call) => this.#askShard(shard, request, call),
      askAbout: (request, call) => this.#askAbout(request, call),
    });
  }

  /** How many shards there are. */
  get count(): number {
    return this.dealers.length;
  }

  /** The processes are at these addresses from now on, and at no others. */
  look(addresses: readonly string[]): void {
    this.#finder.look(addresses);
  }

  /** Sends a request, and waits for the answers that it takes. */
  ask(
    request: Request,
    call: CallOptions,
    extras: RequestExtras = {},
  ): Promise<Answer> {
    const { type = "submit" } = request;
    if (ABOUT_ONE.has(type)) {
      return this.#askAbout(request, call, extras).then(({ answer }) => answer);
    }
    switch (type) {
      case "list":
      case "search": // all flows with a key are in one shard
        if (typeof request.key !== "string") {
          return this.#lists.ask(request, call);
        }
        break;
      case "retry_all":
        return this.#retryAll(request, call);
      case "stats":
        return this.#askAll(request, call).then(mergedStats);
      case "schedules":
        return this.#askAll(request, call).then(mergedSchedules);
      case "drain": // every worker is at every shard
      case "pause":
      case "resume":
        return this.#askAll(request, call).then(([first]) => first!);
    }
    const shard = extras.shard ?? this.#shardOf(request);
    return this.#askShard(shard, request, call, extras);
  }

  /** Rejects every call. */
  close(): void {
    this.#finder.close();
    for (const dealer of this.dealers) dealer.close();
  }

  #shardOf({ id, key }: Request): number {
    return shardOf({
      id: typeof id === "string" ? id : undefined,
      key: typeof key === "string" ? key : undefined,
    }, this.count);
  }

  #askShard(
    shard: number,
    request: Request,
    call: CallOptions,
    extras?: RequestExtras,
  ): Promise<Answer> {
    return this.dealers[shard]!.ask({ ...request }, call, extras);
  }

  #askAll(request: Request, call: CallOptions): Promise<Answer[]> {
    return Promise.all(
      this.dealers.map((_, shard) => this.#askShard(shard, request, call)),
    );
  }

  /** Asks where the id belongs; a flow with an id of its own and a key is where the key belongs. */
  async #askAbout(
    request: Request,
    call: CallOptions,
    extras?: RequestExtras,
  ): Promise<ShardAnswer> {
    const ask = async (shard: number) => ({
      shard,
      answer: await this.#askShard(shard, request, call, extras),
    });
    const first = this.#shardOf({ id: request.id });
    try {
      return await ask(first);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      const others = [...this.dealers.keys()].filter((one) => one !== first);
      for (const one of await Promise.allSettled(others.map(ask))) {
        if (one.status === "fulfilled") return one.value;
        if (!isUnknown(one.reason)) throw one.reason;
      }
      throw error;
    }
  }

  /** Retries dead jobs of one shard after the other, up to the limit. */
  async #retryAll(request: Request, call: CallOptions): Promise<Answer> {
    const { limit } = request;
    let left = typeof limit === "number" ? limit : 1000;
    let count = 0;
    for (const shard of this.dealers.keys()) {
      if (left <= 0) break;
      const answer = await this.#askShard(
        shard,
        { ...request, limit: left },
        call,
      );
      count += Number(answer.count);
      left -= Number(answer.count);
    }
    return { count };
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof PipelineError &&
    error.code === "ERR_PIPELINE_UNKNOWN";
}
