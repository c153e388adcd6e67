/**
 * Layer: pipeline/worker. The sockets of a step: a PULL for jobs, a PUSH for what
 * came of them, and a PUB for watchers. It knows bytes, no jobs.
 *
 * Nothing queues for a pipeline that is not there: what must not be lost is in
 * the outbox, and is sent once there is a connection.
 *
 * @module
 */
import { SocketManager } from "../../manager/mod.ts";
import { RAW } from "../../serializers/mod.ts";
import { getPublicZmqAddress } from "../../util/mod.ts";
import {
  PUB,
  type Publisher,
  PULL,
  type Pull,
  PUSH,
  type Push,
} from "../../zmq/mod.ts";
import { encodeUtf8 } from "../../serializers/utf8.ts";
import {
  MAX_EVENT_BYTES,
  MAX_TOPIC_BYTES,
  maxMessageBytes,
} from "../model/bounds.ts";
import { isLocal } from "../model/is_local.ts";
import { addressList } from "../model/pipeline_addresses.ts";
import { clientOptions, jobsOptions, requireSafe } from "../model/security.ts";
import { requireTokenAddress } from "../model/token.ts";
import { reachable } from "../protocol/reachable_endpoint.ts";
import { leadsToLoopback } from "../protocol/loopback.ts";
import {
  describePipeline,
  type Description,
  requireAccepted,
} from "../protocol/describe.ts";
import { consume } from "../protocol/consume.ts";
import { heartbeats } from "../protocol/heartbeat.ts";
import { encodeJson } from "../protocol/json.ts";
import { feedToWire } from "../protocol/names.ts";
import { LeaderFinder } from "../protocol/leader_finder.ts";
import { PipelineSearch } from "../protocol/find_pipeline_again.ts";
import type { RunOptions } from "./run_options.ts";
import { connectTo } from "../protocol/connect_to.ts";

/** How long what was sent may take to leave when the step ends, in milliseconds. */
const LINGER_MS = 1000;
/** How soon a lost pipeline is tried again, and the longest pause, in milliseconds. */
const RECONNECT = { reconnectInterval: 50, reconnectMaxInterval: 1000 };

/** The connection of a step to its pipeline. */
export class WorkerConnection {
  readonly #options: RunOptions;
  readonly #onLink: (isLinked: boolean) => void;
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  #address = "";
  #hasSecrets = false;
  #jobs: Pull | undefined;
  #results: Push | undefined;
  #events: Publisher | undefined;
  /** Where each socket is connected to. */
  readonly #connected: Map<string, string> = new Map();
  readonly #finder: LeaderFinder;
  readonly #search: PipelineSearch = new PipelineSearch({
    ask: async (signal) => {
      const description = await this.#describe(signal);
      // It may have been started again with other keys.
      await this.#requireAccepted(description, signal);
      return description;
    },
    move: (description) => this.#connect(description),
  });

  /** @param onLink Called whenever a connection to the pipeline is there, or is lost. */
  constructor(options: RunOptions, onLink: (isLinked: boolean) => void) {
    this.#options = options;
    this.#onLink = onLink;
    this.#finder = new LeaderFinder({
      sockets: this.#sockets,
      addresses: addressList(options.pipeline),
      socketOptions: this.#clientOptions,
      onMoved: () => this.#results?.closed === false && this.#search.moved(),
    });
  }

  /** Whether there is a connection to the pipeline. */
  get isLinked(): boolean {
    return this.#results?.writable === true;
  }

  /** Whether the pipeline gives a worker's secret with what it says. */
  get hasSecrets(): boolean {
    return this.#hasSecrets;
  }

  /** Where jobs are to be sent to. */
  get address(): string {
    return this.#address;
  }

  /** Finds the pipeline, waiting for it if need be, and joins it. */
  async open(): Promise<void> {
    const sockets = this.#sockets;
    const client = this.#clientOptions;
    try {
      const description = await this.#describe(this.#options.signal);
      await this.#listen(description);
      await this.#requireAccepted(description, this.#options.signal);
      this.#events = sockets.create("events", PUB, {
        ...client,
        ...RECONNECT,
        linger: LINGER_MS,
      });
      this.#results = sockets.create("results", PUSH, {
        ...client,
        ...RECONNECT,
        linger: LINGER_MS,
        immediate: true,
        sendHighWaterMark: 0, // bounded by the jobs that are not settled
        maxMessageSize: 0, // a pipeline says nothing here
      });
      // The pipe comes, and goes, right after the event.
      const report = (isLinked: boolean) =>
        queueMicrotask(() => {
          if (isLinked) this.#search.end();
          else if (this.#results?.closed === false) {
            this.#finder.lost();
            this.#search.lost();
          }
          this.#onLink(isLinked);
        });
      this.#results.events.on("handshake", () => report(true));
      this.#results.events.on("disconnect", () => report(false));
      await this.#connect(description);
    } catch (error) {
      this.#finder.close();
      await sockets.closeAll();
      throw error;
    }
  }

  /** Gives what the pipeline sends, until the line is closed. */
  async consume(each: (bytes: Uint8Array) => void): Promise<void> {
    await consume(this.#jobs!, ([bytes]) => each(bytes!));
  }

  /** Sends to the pipeline, if it is there. Returns whether it was. */
  send(bytes: Uint8Array): boolean {
    return this.#results?.closed === false && this.#results.trySend(bytes);
  }

  /** Publishes to watchers, without waiting; it may be lost. */
  publish(topic: string, data: object): void {
    if (this.#events?.closed !== false) return;
    const topicSize = encodeUtf8(topic).byteLength;
    if (topicSize > MAX_TOPIC_BYTES) return;
    let bytes = encodeJson(feedToWire(topic, data));
    const size = topicSize + bytes.byteLength;
    // A pipeline ends the connection of who sends more.
    if (size > MAX_EVENT_BYTES) {
      bytes = encodeJson(feedToWire(topic, withoutText(data, size)));
    }
    this.#events.trySend([topic, bytes]);
  }

  /** Closes it; what was sent still leaves. */
  async close(): Promise<void> {
    this.#finder.close();
    this.#search.end();
    await this.#sockets.closeAll();
    this.#search.end(); // what was lost with the sockets is not looked for
  }

  get #clientOptions(): object {
    const { silenceMs } = this.#options;
    return {
      ...clientOptions(this.#options),
      ...heartbeats(silenceMs),
    };
  }

  #describe(signal: AbortSignal | undefined): Promise<Description> {
    return this.#finder.ask(
      (leader, signal) =>
        describePipeline(this.#sockets, leader, this.#clientOptions, signal),
      signal,
    );
  }

  /** A pipeline that cannot use this worker says so before it joins; older ones do not know the question. */
  async #requireAccepted(
    { workerSecrets }: Description,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (!workerSecrets) return;
    const { publicKey } = this.#options.security ?? {};
    await this.#finder.ask(
      (leader, signal) =>
        requireAccepted(
          this.#sockets,
          leader,
          this.#clientOptions,
          { address: this.#address, publicKey },
          signal,
        ),
      signal,
    );
  }

  /** Connects to where the pipeline is, and no longer to where it was. */
  async #connect(
    { events, results, workerSecrets }: Description,
  ): Promise<void> {
    this.#hasSecrets = workerSecrets;
    const leader = this.#finder.leader!;
    for (const [name, at] of Object.entries({ events, results })) {
      const before = this.#connected.get(name);
      const address = reachable(at, leader);
      if (before === address) continue;
      this.#connected.delete(name);
      if (before !== undefined) await this.#sockets.disconnect(name, before);
      await connectTo(this.#sockets, name, address);
      this.#connected.set(name, address);
    }
  }

  async #listen({ maxPayloadBytes }: Description): Promise<void> {
    const { security, token, insecure, bind, address } = this.#options;
    const local = "tcp://127.0.0.1:*";
    const isHere = bind === undefined &&
      await leadsToLoopback(this.#finder.leader!);
    const listenAt = bind ?? (isHere ? local : "tcp://0.0.0.0:*");
    requireTokenAddress(listenAt, token);
    requireSafe(listenAt, security !== undefined || insecure === true);
    this.#jobs = this.#sockets.create("jobs", PULL, {
      ...jobsOptions(this.#options),
      receiveHighWaterMark: 0, // credit bounds it
      maxMessageSize: maxPayloadBytes === undefined
        ? -1
        : maxMessageBytes(maxPayloadBytes),
    });
    await this.#sockets.bind("jobs", listenAt);
    const endpoint = this.#jobs.lastEndpoint!;
    this.#address = address ??
      (isLocal(endpoint) ? endpoint : await getPublicZmqAddress(endpoint));
  }
}

/** What is said in place of a log record that is too large to be sent. */
function withoutText(record: object, sizeBytes: number): object {
  const { level, time, jobId, worker } = record as Record<string, unknown>;
  const msg =
    `A log record of ${sizeBytes} bytes was not sent: a pipeline takes ${MAX_EVENT_BYTES} at most`;
  return { level, time, jobId, worker, args: [], msg };
}
