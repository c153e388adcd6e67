/**
 * Layer: pipeline. One of the processes of a pipeline with shards, as a dashboard
 * needs it: the shards that it leads, and a client of all. Where the other
 * processes are it knows from the database.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import { SocketManager } from "../manager/mod.ts";
import { RAW } from "../serializers/mod.ts";
import { formatTcp, splitTcp } from "../zmq/endpoint.ts";
import { ShardRequests } from "./client/shard_requests.ts";
import { chunksOf } from "./client/submission_chunks.ts";
import { submissionFields } from "./client/submission_fields.ts";
import { watchAll } from "./client/watch_feed.ts";
import type { SubmitRequest } from "./coordinator/submitter.ts";
import type { Flow } from "./define/flow.ts";
import { memberOptions, type Protection } from "./model/security.ts";
import { idOf } from "./model/shards.ts";
import type { SubmitOptions } from "./model/submit_options.ts";
import type { Pipeline } from "./pipeline.ts";
import { heartbeats } from "./protocol/heartbeat.ts";
import { WIRE_MINOR } from "./protocol/messages.ts";
import type { CallOptions } from "./protocol/request_dealer.ts";
import { Feed, type FeedListener } from "./server/feed.ts";
import { readSubmission, readSubmissions } from "./server/read_submission.ts";
import type { View } from "./server/views.ts";
import type { PipelineMember } from "./store/job_store.ts";
import { machine } from "./worker/machine.ts";

/** How long a shard may take to answer, in milliseconds; the dashboard's page waits a little longer. */
const ANSWER_MS = 8000;
/** The pause before the feeds are watched again, in milliseconds. */
const AGAIN_MS = 1000;

/** What a process knows of its pipeline. */
export interface ShardMemberOptions {
  readonly name: string;
  readonly flows: ReadonlyMap<string, Flow<never, unknown>>;
  readonly maxPayloadBytes: number;
  readonly shards: number;
  readonly protection: Protection;
  /** Where the process listens for clients and workers. */
  readonly address: string;
  /** Called with what a listener throws. */
  readonly onError: (error: unknown) => void;
}

/** A process that takes part in a pipeline with shards; see {@link standByShards}. */
export class ShardMember {
  /** The name of the pipeline. */
  readonly name: string;
  /** Its flows, by their names. */
  readonly flows: ReadonlyMap<string, Flow<never, unknown>>;
  /** The largest payload that it takes, in bytes of JSON. */
  readonly maxPayloadBytes: number;
  /** Where this process listens for clients and workers. */
  readonly address: string;
  readonly #options: ShardMemberOptions;
  readonly #led: Map<number, Pipeline> = new Map();
  /** Where the leader of each shard says so. */
  readonly #leaders: Map<number, string> = new Map();
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  /** The events of all shards, and of those that are led here. */
  readonly #feeds = { all: new Feed(), here: new Feed() };
  readonly #closed = new AbortController();
  #requests: ShardRequests | undefined;

  /** @internal Use {@link standByShards}. */
  constructor(options: ShardMemberOptions) {
    this.#options = options;
    this.name = options.name;
    this.flows = options.flows;
    this.maxPayloadBytes = options.maxPayloadBytes;
    this.address = options.address;
  }

  /** The shards that this process leads. */
  get led(): ReadonlyMap<number, Pipeline> {
    return this.#led;
  }

  /** @internal This process leads a shard. Returns what ends that. */
  lead(shard: number, pipeline: Pipeline): () => void {
    this.#led.set(shard, pipeline);
    this.#found(shard, this.address);
    const unwatch = pipeline.watch(({ topic, data }) =>
      this.#feeds.here.publish(topic, data)
    );
    return () => {
      unwatch();
      this.#led.delete(shard);
    };
  }

  /** @internal Another process leads a shard. */
  standBy(shard: number, leader: PipelineMember): void {
    this.#found(shard, addressOf(leader));
  }

  /**
   * Sends a request to the shards that it concerns, as a client does.
   *
   * @param request As in `docs/pipeline/wire.md`.
   * @param signal Gives up when aborted.
   * @throws {PipelineError} The error of the pipeline; `ERR_PIPELINE_TIMEOUT` if a
   *   shard has no leader for so long.
   */
  async request(
    request: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const waitMs = Number(request.wait_ms ?? 0);
    const call = { timeoutMs: ANSWER_MS + waitMs, signal };
    if (request.type === "submit") {
      return await this.#submit(readSubmission(request), call);
    }
    if (request.type === "submit_many") {
      return await this.#submitMany(readSubmissions(request), call);
    }
    const { status: _status, request_id: _id, ...answer } = await this.#all
      .ask({ ...request, minor: WIRE_MINOR }, call, { answerMs: waitMs });
    return answer;
  }

  /** Calls a listener with every event of the pipeline. Returns what removes it. */
  watch(listener: FeedListener): () => void {
    const isFirst = !this.#feeds.all.isWatched;
    const unwatch = this.#feeds.all.listen(listener, this.#options.onError);
    if (isFirst) void this.#watchAll();
    return unwatch;
  }

  /** Calls a listener with every event of the shards that this process leads. Returns what removes it. */
  watchLed(listener: FeedListener): () => void {
    return this.#feeds.here.listen(listener, this.#options.onError);
  }

  /** @internal */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#requests?.close();
    await this.#sockets.closeAll();
  }

  /** The client of all shards, which connects when it is used first. */
  get #all(): ShardRequests {
    return this.#requests ??= new ShardRequests(this.#options.shards, {
      sockets: this.#sockets,
      addresses: this.#addresses,
      socketOptions: this.#socketOptions,
    });
  }

  get #addresses(): string[] {
    return [...new Set(this.#leaders.values())];
  }

  get #socketOptions(): object {
    return { ...memberOptions(this.#options.protection), ...heartbeats() };
  }

  #found(shard: number, address: string): void {
    this.#leaders.set(shard, address);
    this.#requests?.look(this.#addresses);
  }

  async #submit(given: SubmitRequest, call: CallOptions): Promise<View> {
    const request = {
      type: "submit",
      minor: WIRE_MINOR,
      flow: given.name,
      id: idOf(given, this.#options.shards),
      ...submissionFields(optionsOf(given)),
    };
    const extras = { payload: given.payload };
    const answer = await this.#all.ask(request, call, extras);
    return { id: answer.id, new: answer.new };
  }

  /** Submits flows: all of a shard and a name in one commit, or none of them. */
  async #submitMany(
    given: readonly SubmitRequest[],
    call: CallOptions,
  ): Promise<View> {
    const view = { ids: [] as unknown[], new: [] as unknown[] };
    const names = new Set(given.map(({ name }) => name));
    const all = [...names].flatMap((flow) => {
      const submissions = given.flatMap((one, index) =>
        one.name === flow ? [{ index, ...preparedOf(one) }] : []
      );
      const chunks = [...chunksOf(submissions, this.#options.shards)];
      return chunks.map(async ({ shard, submissions, list }) => {
        const request = { type: "submit_many", minor: WIRE_MINOR, flow };
        const extras = { submissions: list, shard };
        const answer = await this.#all.ask(request, call, extras);
        for (const [i, { index }] of submissions.entries()) {
          view.ids[index] = (answer.ids as unknown[])[i];
          view.new[index] = (answer.new as unknown[])[i];
        }
      });
    });
    await Promise.all(all);
    return view;
  }

  /** Publishes the events of all shards here. */
  async #watchAll(): Promise<void> {
    const { signal } = this.#closed;
    const { dealers: parts } = this.#all;
    const place = {
      sockets: this.#sockets,
      socketOptions: this.#socketOptions,
      parts,
    };
    while (!signal.aborted) {
      try {
        for await (const { topic, data } of watchAll(place, "", { signal })) {
          this.#feeds.all.publish(topic, data);
        }
      } catch (error) {
        if (!signal.aborted) this.#options.onError(error);
      }
      await sleep(AGAIN_MS, signal);
    }
  }
}

/** Where another process can be reached, if it listens at all addresses of its host. */
function addressOf({ address, host }: PipelineMember): string {
  const target = splitTcp(address)?.target;
  const isAnywhere = /^(\*|0\.0\.0\.0|::)$/.test(target?.host ?? "");
  if (!isAnywhere) return address;
  const isHere = host === machine().host;
  return formatTcp(isHere ? "127.0.0.1" : host, target!.port!);
}

function preparedOf(given: SubmitRequest) {
  const { id, payload } = given;
  return { id, own: optionsOf(given), payload: payload! };
}

function optionsOf(
  { key, delayMs, priority, retry, timeoutMs, traceparent }: SubmitRequest,
): SubmitOptions {
  return {
    key,
    delayMs,
    priority,
    retry,
    jobTimeoutMs: timeoutMs,
    traceparent,
  };
}
