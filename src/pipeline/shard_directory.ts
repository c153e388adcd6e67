/**
 * Layer: pipeline. Where a process says which shards of a pipeline it leads. It
 * listens whether that is any or none, and answers those who know it as soon as it
 * changes. Everything else is asked at the shards themselves.
 *
 * @module
 */
import { SocketManager } from "../manager/mod.ts";
import { RAW } from "../serializers/mod.ts";
import { PendingCall } from "../async/pending_call.ts";
import { ROUTER } from "../zmq/mod.ts";
import { PipelineAccess } from "./access.ts";
import type { Faults } from "./model/faults.ts";
import { maxMessageBytes } from "./model/bounds.ts";
import { PipelineError } from "./model/pipeline_error.ts";
import type { Protection } from "./model/security.ts";
import { patientHeartbeats } from "./protocol/heartbeat.ts";
import { WIRE_MINOR, WIRE_VERSION } from "./protocol/messages.ts";
import { natural, optional, text } from "./protocol/reader.ts";
import type { LedShard } from "./protocol/shard_finder.ts";
import { bindError } from "./listen_options.ts";
import { CLOSED_MESSAGE, serveRequests } from "./server/request_server.ts";
import type { View } from "./server/views.ts";

/** The minor version from which on a peer knows shards. */
const SINCE_MINOR = 4;
/** The longest that an answer is held back, in milliseconds. */
const MAX_WAIT_MS = 60_000;
/** How many answers may be held back; beyond that they are given at once. */
const MAX_WAITING = 10_000;

/** What a directory is for. */
export interface DirectoryOptions {
  /** The name of the pipeline. */
  readonly name: string;
  /** The names of its flows. */
  readonly flows: readonly string[];
  readonly maxPayloadBytes: number;
  readonly leaseMs: number;
  /** How many shards it has. */
  readonly shards: number;
  readonly protection: Protection;
  readonly faults: Faults;
}

/** Says which shards this process leads. */
export class ShardDirectory {
  readonly #options: DirectoryOptions;
  readonly #access: PipelineAccess;
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  readonly #led: Map<number, LedShard> = new Map();
  /** Answers that are held back until something changes. */
  readonly #waiting: Set<PendingCall> = new Set();
  /** A restarted process begins with another one. */
  readonly #run: string = crypto.randomUUID();
  #changes = 0;
  #isClosed = false;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#access = new PipelineAccess(options.protection, options.faults);
  }

  /**
   * Listens.
   *
   * @returns The endpoint.
   * @throws {PipelineError} `ERR_PIPELINE_ADDRESS` if the address is in use.
   */
  async open(address: string): Promise<string> {
    const { maxPayloadBytes, leaseMs, faults } = this.#options;
    const router = this.#sockets.create("shards", ROUTER, {
      ...this.#access.serverOptions("client", "worker", "operator"),
      ...patientHeartbeats(leaseMs),
      maxMessageSize: maxMessageBytes(maxPayloadBytes),
      disconnectMessage: CLOSED_MESSAGE,
    });
    try {
      await this.#sockets.bind("shards", address);
    } catch (error) {
      await this.#sockets.closeAll();
      throw bindError("requests", address, error);
    }
    const ignore = () => {}; // workers find their shards before they say anything
    const serving = serveRequests(
      router,
      (request) => this.#answer(request),
      { receive: ignore, publish: ignore, closed: ignore },
    );
    faults.watch("the list of shards", serving, () => this.#isClosed);
    return router.lastEndpoint!;
  }

  /** This process leads a shard. */
  add(led: LedShard): void {
    this.#led.set(led.shard, led);
    this.#changed();
  }

  /** It leads that shard no more. */
  remove(shard: number): void {
    if (this.#led.delete(shard)) this.#changed();
  }

  /** Frees the address. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#changed();
    await this.#sockets.closeAll();
  }

  #changed(): void {
    this.#changes++;
    for (const call of [...this.#waiting]) call.resolve();
  }

  #answer(request: View): View | Promise<View> {
    const { name, shards } = this.#options;
    const minor = optional(request, "minor", natural) ?? 0;
    if (request.type !== "describe" || minor < SINCE_MINOR) {
      throw new PipelineError(
        "ERR_PIPELINE_SHARDED",
        `The pipeline "${name}" has ${shards} shards: this address only says where they are. Use a client and workers of a release that knows shards, or the address of a shard`,
      );
    }
    const isKnown = optional(request, "known", text) === this.#revision;
    const waitMs = optional(request, "wait_ms", natural) ?? 0;
    if (!isKnown || waitMs === 0 || this.#waiting.size >= MAX_WAITING) {
      return this.#describe();
    }
    const call: PendingCall = new PendingCall({
      timeoutMs: Math.min(waitMs, MAX_WAIT_MS),
      onTimeout: (call) => call.resolve(),
      onSettled: (call) => this.#waiting.delete(call),
    });
    this.#waiting.add(call);
    return call.promise.then(() => this.#describe());
  }

  get #revision(): string {
    return `${this.#run} ${this.#changes}`;
  }

  #describe(): View {
    const { name, flows, maxPayloadBytes, shards } = this.#options;
    return {
      v: WIRE_VERSION,
      minor: WIRE_MINOR,
      name,
      flows,
      max_payload_bytes: maxPayloadBytes,
      shards,
      led: [...this.#led.values()],
      revision: this.#revision,
      // There is neither one run nor one feed of all shards.
      epoch: "",
      feed: "",
    };
  }
}
