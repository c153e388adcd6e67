/**
 * Layer: pipeline/worker. The connection of a step to its pipeline: finds it, and
 * finds it again, with the version of the protocol that both speak. It knows
 * bytes, no jobs.
 *
 * Nothing queues for a pipeline that is not there: what must not be lost is in
 * the outbox, and is sent once there is a connection.
 *
 * @module
 */
import { SocketManager } from "../../manager/mod.ts";
import { RAW } from "../../serializers/mod.ts";
import { encodeUtf8 } from "../../serializers/utf8.ts";
import { MAX_EVENT_BYTES, MAX_TOPIC_BYTES } from "../model/bounds.ts";
import { addressList } from "../model/pipeline_addresses.ts";
import type { PipelineError } from "../model/pipeline_error.ts";
import { clientOptions } from "../model/security.ts";
import {
  describePipeline,
  type Description,
  requireAccepted,
} from "../protocol/describe.ts";
import { heartbeats, WORKER_SILENCE_MS } from "../protocol/heartbeat.ts";
import { encodeJson } from "../protocol/json.ts";
import { ANNOUNCED_VERSION, WIRE_VERSION } from "../protocol/messages.ts";
import { feedToWire } from "../protocol/names.ts";
import { LeaderFinder } from "../protocol/leader_finder.ts";
import { PipelineSearch } from "../protocol/find_pipeline_again.ts";
import { AnnouncedLink } from "./announced_link.ts";
import { OutgoingLink } from "./outgoing_link.ts";
import type { LinkParts, PipelineLink } from "./pipeline_link.ts";
import type { RunOptions } from "./run_options.ts";
import type { WorkerProof } from "./worker_proof.ts";

/** What a connection reports. */
export interface ConnectionListener {
  /** A connection to the pipeline is there, or is lost. */
  onLink(isLinked: boolean): void;
  /** A message of the pipeline. */
  onMessage(bytes: Uint8Array): void;
  /** No more messages can come. */
  onEnded(cause?: unknown): void;
  /** Something has ended that someone has to know about; the connection goes on. */
  onFailed(error: PipelineError): void;
}

/** Thrown where a pipeline turns out to have shards. */
export class ShardedPipeline extends Error {
  /** How many. */
  readonly shards: number;

  constructor({ name, shards = 1 }: Description) {
    super(`The pipeline "${name}" has ${shards} shards`);
    this.shards = shards;
  }
}

/** The connection of a step to its pipeline. */
export class WorkerConnection {
  readonly #options: RunOptions;
  readonly #proof: WorkerProof;
  readonly #listener: ConnectionListener;
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  readonly #finder: LeaderFinder;
  #link: PipelineLink | undefined;
  readonly #search: PipelineSearch = new PipelineSearch({
    ask: async (signal) => {
      const description = await this.#describe(signal);
      // It may have been started again with other keys, or in another version.
      await this.#join(description, signal);
      return description;
    },
    move: (description) => this.#link!.connect(description),
  });

  /** @param addresses Of all processes that may lead the pipeline; with none, `found` says which does. */
  constructor(
    options: RunOptions,
    proof: WorkerProof,
    listener: ConnectionListener,
    addresses: readonly string[] = addressList(options.pipeline),
  ) {
    this.#options = options;
    this.#proof = proof;
    this.#listener = listener;
    this.#finder = new LeaderFinder({
      sockets: this.#sockets,
      addresses,
      socketOptions: this.#clientOptions,
      onMoved: () => this.#link !== undefined && this.#search.moved(),
    });
  }

  /** A process says that it leads. */
  found(address: string, term: number): void {
    this.#finder.found(address, term);
  }

  /** Whether there is a connection to the pipeline. */
  get isLinked(): boolean {
    return this.#link?.isLinked === true;
  }

  /** Whether the pipeline gives a worker's secret with what it says. */
  get hasSecrets(): boolean {
    return this.#link?.hasSecrets === true;
  }

  /** The version of the protocol. */
  get version(): number {
    return this.#link?.version ?? WIRE_VERSION;
  }

  /** Where jobs are to be sent to; `undefined` if they come over a connection of the worker. */
  get address(): string | undefined {
    return this.#link?.address;
  }

  /**
   * Finds the pipeline, waiting for it if need be, and joins it.
   *
   * @throws {ShardedPipeline} If it has shards: each of them is to be joined.
   */
  async open(): Promise<void> {
    const { signal } = this.#options;
    try {
      const description = await this.#describe(signal);
      if (description.shards !== undefined) {
        throw new ShardedPipeline(description);
      }
      await this.#join(description, signal);
      await this.#link!.connect(description);
    } catch (error) {
      this.#link = undefined;
      this.#finder.close();
      await this.#sockets.closeAll();
      throw error;
    }
  }

  /**
   * The pipeline has said hello: it is there, and speaks this version.
   *
   * @param minor Which additions to the version it knows.
   */
  greeted(minor: number): void {
    this.#search.end();
    this.#link?.greeted(minor);
  }

  /** Sends to the pipeline, if it is there. Returns whether it was. */
  send(bytes: Uint8Array): boolean {
    return this.#link?.send(bytes) === true;
  }

  /** Publishes to watchers, without waiting; it may be lost. */
  publish(topic: string, data: object): void {
    const topicSize = encodeUtf8(topic).byteLength;
    if (topicSize > MAX_TOPIC_BYTES) return;
    let bytes = encodeJson(feedToWire(topic, data));
    const size = topicSize + bytes.byteLength;
    // A pipeline ends the connection of who sends more, or ignores it.
    if (size > MAX_EVENT_BYTES) {
      bytes = encodeJson(feedToWire(topic, withoutText(data, size)));
    }
    this.#link?.publish(topic, bytes);
  }

  /** Closes it; what was sent still leaves. */
  async close(): Promise<void> {
    this.#finder.close();
    this.#search.end();
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
    await this.#sockets.closeAll();
    this.#search.end(); // what was lost with the sockets is not looked for
  }

  get #clientOptions(): object {
    return socketOptionsOf(this.#options);
  }

  #describe(signal: AbortSignal | undefined): Promise<Description> {
    const { bind, address } = this.#options;
    const isAnnounced = bind !== undefined || address !== undefined;
    const version = isAnnounced ? ANNOUNCED_VERSION : WIRE_VERSION;
    return this.#finder.ask(
      (leader, signal) =>
        describePipeline(this.#sockets, leader, this.#clientOptions, {
          version,
          signal,
        }),
      signal,
    );
  }

  /** Makes a link of the pipeline's version, and asks whether the pipeline accepts this worker. */
  async #join(
    description: Description,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.#link?.version !== description.version) {
      const before = this.#link;
      this.#link = undefined;
      await before?.close();
      this.#link = await this.#newLink(description);
    }
    // Pipelines of the first release do not know the question.
    const { version, workerSecrets } = description;
    if (version === ANNOUNCED_VERSION && !workerSecrets) return;
    const { publicKey } = this.#options.security ?? {};
    await this.#finder.ask(
      (leader, signal) =>
        requireAccepted(
          this.#sockets,
          leader,
          this.#clientOptions,
          { address: this.address, publicKey },
          signal,
        ),
      signal,
    );
  }

  async #newLink(description: Description): Promise<PipelineLink> {
    const parts = this.#partsOf(() => link);
    const link: PipelineLink = description.version === ANNOUNCED_VERSION
      ? new AnnouncedLink(parts)
      : new OutgoingLink(parts);
    try {
      await link.prepare(description);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  /** @param own The link that they are for: what one that was replaced reports counts no more. */
  #partsOf(own: () => PipelineLink): LinkParts {
    const isOwn = () => this.#link === own();
    const { onMessage, onEnded, onLink, onFailed } = this.#listener;
    return {
      sockets: this.#sockets,
      options: this.#options,
      clientOptions: this.#clientOptions,
      leader: () => this.#finder.leader!,
      heartbeat: (silenceMs) =>
        encodeJson({
          type: "heartbeat",
          ...this.#proof.sender,
          silence_ms: silenceMs,
        }),
      onFailed: (error) => {
        if (isOwn()) onFailed(error);
      },
      onLink: (isLinked) => {
        if (!isOwn()) return;
        if (!isLinked) {
          this.#finder.lost();
          this.#search.lost();
        } // An older pipeline says hello over a connection of its own.
        else if (this.version === ANNOUNCED_VERSION) this.#search.end();
        onLink(isLinked);
      },
      onMessage: (bytes) => {
        if (isOwn()) onMessage(bytes);
      },
      onEnded: (cause) => {
        if (isOwn()) onEnded(cause);
      },
    };
  }
}

/** The options of the sockets with which a worker asks its pipeline. */
export function socketOptionsOf(options: RunOptions): object {
  return {
    ...clientOptions(options),
    ...heartbeats(options.silenceMs ?? WORKER_SILENCE_MS),
  };
}

/** What is said in place of a log record that is too large to be sent. */
function withoutText(record: object, sizeBytes: number): object {
  const { level, time, jobId, worker } = record as Record<string, unknown>;
  const msg =
    `A log record of ${sizeBytes} bytes was not sent: a pipeline takes ${MAX_EVENT_BYTES} at most`;
  return { level, time, jobId, worker, args: [], msg };
}
