/**
 * Layer: pipeline/step. The sockets of a step: a PULL for jobs, a PUSH for what
 * came of them, and a PUB for whoever watches. It knows bytes, no jobs.
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
import {
  clientOptions,
  isLocal,
  requireSafe,
  serverOptions,
} from "../model/security.ts";
import { reachable } from "../wire/address.ts";
import { describePipeline } from "../wire/describe.ts";
import { hear } from "../wire/hear.ts";
import { heartbeats } from "../wire/heartbeat.ts";
import { encodeJson } from "../wire/json.ts";
import { feedToWire } from "../wire/names.ts";
import type { RunOptions } from "./run_options.ts";

/** How long what was sent may take to leave when the step ends, in milliseconds. */
const LINGER_MS = 1000;
/** How soon a lost pipeline is tried again, and the longest pause, in milliseconds. */
const RECONNECT = { reconnectInterval: 50, reconnectMaxInterval: 1000 };

/** The connection of a step to its pipeline. */
export class StepLine {
  readonly #options: RunOptions;
  readonly #onLink: (isLinked: boolean) => void;
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  #address = "";
  #jobs: Pull | undefined;
  #results: Push | undefined;
  #events: Publisher | undefined;

  /** @param onLink Called whenever a connection to the pipeline is there, or is lost. */
  constructor(options: RunOptions, onLink: (isLinked: boolean) => void) {
    this.#options = options;
    this.#onLink = onLink;
  }

  /** Whether there is a connection to the pipeline. */
  get isLinked(): boolean {
    return this.#results?.writable === true;
  }

  /** Where jobs are to be sent to. */
  get address(): string {
    return this.#address;
  }

  /** Finds the pipeline, waiting for it if need be, and joins it. */
  async open(): Promise<void> {
    const { pipeline, security, signal, silenceMs } = this.#options;
    const client = {
      ...clientOptions(security, security?.serverKey),
      ...heartbeats(silenceMs),
    };
    const sockets = this.#sockets;
    try {
      const { events, results } = await describePipeline(
        sockets,
        pipeline,
        client,
        signal,
      );
      await this.#listen();
      this.#events = sockets.create("events", PUB, {
        ...client,
        ...RECONNECT,
        linger: LINGER_MS,
      });
      await sockets.connect("events", reachable(events, pipeline));
      this.#results = sockets.create("results", PUSH, {
        ...client,
        ...RECONNECT,
        linger: LINGER_MS,
        immediate: true,
        sendHighWaterMark: 0, // bounded by the jobs that are not settled
      });
      // The pipe comes, and goes, right after the event.
      const tell = (isLinked: boolean) =>
        queueMicrotask(() => this.#onLink(isLinked));
      this.#results.events.on("handshake", () => tell(true));
      this.#results.events.on("disconnect", () => tell(false));
      await sockets.connect("results", reachable(results, pipeline));
    } catch (error) {
      await sockets.closeAll();
      throw error;
    }
  }

  /** Gives what the pipeline sends, until the line is closed. */
  async hear(each: (bytes: Uint8Array) => void): Promise<void> {
    await hear(this.#jobs!, ([bytes]) => each(bytes!));
  }

  /** Sends to the pipeline, if it is there; tells whether it was. */
  send(bytes: Uint8Array): boolean {
    return this.#results?.closed === false && this.#results.trySend(bytes);
  }

  /** Publishes to whoever watches; nobody waits for it, and it may be lost. */
  publish(topic: string, data: object): void {
    if (this.#events?.closed !== false) return;
    this.#events.trySend([topic, encodeJson(feedToWire(topic, data))]);
  }

  /** Closes it; what was sent still leaves. */
  async close(): Promise<void> {
    await this.#sockets.closeAll();
  }

  async #listen(): Promise<void> {
    const { pipeline, security, insecure, bind, address } = this.#options;
    const local = "tcp://127.0.0.1:*";
    const listenAt = bind ?? (isLocal(pipeline) ? local : "tcp://0.0.0.0:*");
    requireSafe(listenAt, security !== undefined || insecure === true);
    this.#jobs = this.#sockets.create("jobs", PULL, {
      ...serverOptions(security, security && [security.serverKey]),
      receiveHighWaterMark: 0, // credit bounds it
    });
    await this.#sockets.bind("jobs", listenAt);
    const endpoint = this.#jobs.lastEndpoint!;
    this.#address = address ??
      (isLocal(endpoint) ? endpoint : await getPublicZmqAddress(endpoint));
  }
}
