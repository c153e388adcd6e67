/**
 * Layer: pipeline/step. The sockets of a step: a PULL for jobs, a PUSH for what
 * came of them, and a PUB for whoever watches. It knows bytes, no jobs.
 *
 * @module
 */
import { SocketManager } from "../../manager/mod.ts";
import { RAW } from "../../serializers/mod.ts";
import { getPublicZmqAddress } from "../../util/mod.ts";
import { PUB, PULL, PUSH } from "../../zmq/mod.ts";
import {
  clientOptions,
  isLocal,
  requireSafe,
  serverOptions,
} from "../model/security.ts";
import { reachable } from "../wire/address.ts";
import { describePipeline } from "../wire/describe.ts";
import { encodeJson } from "../wire/json.ts";
import type { RunOptions } from "./run_options.ts";

/** The connection of a step to its pipeline. */
export class StepLine {
  readonly #options: RunOptions;
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  #address = "";
  #isOpen = false;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Where jobs are to be sent to. */
  get address(): string {
    return this.#address;
  }

  /** Finds the pipeline, waiting for it if need be, and joins it. */
  async open(): Promise<void> {
    const { pipeline, security, signal } = this.#options;
    const client = clientOptions(security, security?.serverKey);
    try {
      const { events, results } = await describePipeline(
        this.#sockets,
        pipeline,
        client,
        signal,
      );
      await this.#listen();
      this.#sockets.create("results", PUSH, {
        ...client,
        sendHighWaterMark: 0, // bounded by the jobs that are not settled
      });
      await this.#sockets.connect("results", reachable(results, pipeline));
      this.#sockets.create("events", PUB, client);
      await this.#sockets.connect("events", reachable(events, pipeline));
      this.#isOpen = true;
    } catch (error) {
      await this.#sockets.closeAll();
      throw error;
    }
  }

  /** What the pipeline sends, until the line is closed. */
  async *messages(): AsyncIterable<Uint8Array> {
    for await (const [bytes] of this.#sockets.getByName("jobs", PULL)) {
      yield bytes!;
    }
  }

  /** Sends to the pipeline, if that is possible without waiting; tells whether it was. */
  send(bytes: Uint8Array): boolean {
    return this.#isOpen &&
      this.#sockets.getByName("results", PUSH).trySend(bytes);
  }

  /** Publishes to whoever watches; nobody waits for it, and it may be lost. */
  publish(topic: string, data: object): void {
    if (!this.#isOpen) return;
    this.#sockets.getByName("events", PUB).trySend([topic, encodeJson(data)]);
  }

  /** Closes it; what was sent still leaves. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#sockets.closeAll();
  }

  async #listen(): Promise<void> {
    const { pipeline, security, insecure, bind, address } = this.#options;
    const local = "tcp://127.0.0.1:*";
    const listenAt = bind ?? (isLocal(pipeline) ? local : "tcp://0.0.0.0:*");
    requireSafe(listenAt, security !== undefined || insecure === true);
    const jobs = this.#sockets.create("jobs", PULL, {
      ...serverOptions(security, security && [security.serverKey]),
      receiveHighWaterMark: 0, // credit bounds it
    });
    await this.#sockets.bind("jobs", listenAt);
    const endpoint = jobs.lastEndpoint!;
    this.#address = address ??
      (isLocal(endpoint) ? endpoint : await getPublicZmqAddress(endpoint));
  }
}
