/**
 * Layer: pipeline/client. Watches the feed of a pipeline, and continues when the
 * pipeline comes back, on the same or another port.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { onAbort } from "../../async/abort.ts";
import { mergeAll } from "../../async/merge.ts";
import { SUB } from "../../zmq/mod.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { reachable } from "../protocol/reachable_endpoint.ts";
import {
  describeRequest,
  type Description,
  readDescription,
} from "../protocol/describe.ts";
import { decodeJson } from "../protocol/json.ts";
import { feedFromWire } from "../protocol/names.ts";
import { PipelineSearch } from "../protocol/find_pipeline_again.ts";
import type { CallOptions, RequestDealer } from "../protocol/request_dealer.ts";
import { connectTo } from "../protocol/connect_to.ts";

/** An event of a pipeline. */
export interface WatchEvent {
  /** `job:<what>:<job type>:<id>`, `logs:<job type>:<level>`, `metric:<job type>:<name>` or `available`. */
  readonly topic: string;
  /** The data of the event. */
  readonly data: unknown;
}

/** What to watch, and how the pipeline is reached. */
interface FeedQuery {
  /** The prefix of topics. */
  readonly topic: string;
  /** The endpoint for requests of the pipeline that has described itself last. */
  readonly leader: () => string;
  readonly signal: AbortSignal | undefined;
  readonly socketOptions: object;
  /** Asks the pipeline where its sockets are. */
  readonly describe: (call: CallOptions) => Promise<Description>;
}

/** Where to watch. */
export interface WatchPlace {
  readonly sockets: SocketManager;
  readonly socketOptions: object;
  /** The pipelines: each shard is one. */
  readonly parts: readonly RequestDealer[];
}

/** Watches all of a pipeline; see {@link watchFeed}. */
export async function* watchAll(
  { sockets, socketOptions, parts }: WatchPlace,
  topic: string,
  options: CallOptions,
): AsyncGenerator<WatchEvent, void> {
  const leaving = new AbortController();
  const { signal = leaving.signal } = options;
  const feeds = parts.map((part) =>
    watchFeed(sockets, {
      topic,
      leader: () => part.leader!,
      signal: AbortSignal.any([signal, leaving.signal]),
      socketOptions,
      describe: async (call) => {
        const answer = await part.ask({ ...describeRequest() }, call);
        return readDescription(answer, part.leader!);
      },
    }, options)
  );
  yield* feeds.length === 1
    ? feeds[0]!
    : mergeAll(feeds, () => leaving.abort());
}

/**
 * Watches until the iteration is left, the signal is aborted or the sockets are
 * closed.
 *
 * @param call How long to wait for the first answer of the pipeline.
 * @throws {PipelineError} `ERR_PIPELINE_FORBIDDEN` if our key may not watch; and
 *   what `describe` throws.
 */
async function* watchFeed(
  sockets: SocketManager,
  { topic, leader, signal, socketOptions, describe }: FeedQuery,
  call: CallOptions,
): AsyncGenerator<WatchEvent, void> {
  const description = await describe(call);
  const name = `watch:${crypto.randomUUID()}`;
  const sub = sockets.create(name, SUB, socketOptions);
  const feed = new FeedConnection(sockets, name);
  const search = new PipelineSearch({
    ask: (signal) => describe({ signal }),
    move: (description) => feed.move(reachable(description.feed, leader())),
  });
  let unlisten: (() => void) | undefined;
  let refused: PipelineError | undefined;
  try {
    sub.subscribe(topic);
    sub.events.on("handshake", () => search.end());
    sub.events.on("disconnect", () => {
      if (!sub.closed) search.lost();
    });
    // This key may ask, or it would not have got the address.
    sub.events.on("handshake:error:auth", ({ error }) => {
      refused ??= forbidden(leader(), error);
      sockets.close(name).catch(() => {}); // thrown below
    });
    // The one that has described itself may lead no more.
    search.lost();
    await feed.open(reachable(description.feed, leader()));
    unlisten = onAbort(signal, () => {
      sockets.close(name).catch(() => {}); // ends the loop below
    });
    for await (const [about, bytes] of sub) {
      const event = eventOf(String(about), bytes);
      if (event !== undefined) yield event;
    }
    if (refused !== undefined) throw refused;
  } finally {
    unlisten?.();
    await sockets.close(name);
    search.end();
  }
}

/** The connection of a SUB to the feed, wherever that is. */
class FeedConnection {
  readonly #sockets: SocketManager;
  readonly #name: string;
  /** Where it is connected; empty if it is not. */
  #address = "";

  constructor(sockets: SocketManager, name: string) {
    this.#sockets = sockets;
    this.#name = name;
  }

  /** Connects. */
  async open(address: string): Promise<void> {
    this.#address = address;
    await connectTo(this.#sockets, this.#name, address);
  }

  /** Connects to this address instead, unless it is connected there. */
  async move(address: string): Promise<void> {
    const before = this.#address;
    if (address === before) return;
    this.#address = "";
    if (before !== "") await this.#sockets.disconnect(this.#name, before);
    await connectTo(this.#sockets, this.#name, address);
    this.#address = address;
  }
}

function forbidden(pipeline: string, cause: Error): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_FORBIDDEN",
    `Cannot watch the pipeline at "${pipeline}": that needs the role client or operator`,
    { cause },
  );
}

/** Reads an event; `undefined` if it is invalid, which does not end the feed. */
function eventOf(
  topic: string,
  bytes: Uint8Array | undefined,
): WatchEvent | undefined {
  try {
    return { topic, data: feedFromWire(topic, decodeJson(bytes!)) };
  } catch {
    return undefined;
  }
}
