/**
 * Layer: pipeline/worker. The sockets of a worker of version 1: a PULL for jobs,
 * whose address it announces, a PUSH for what came of them, and a PUB for
 * watchers. For older pipelines, and for a worker that is to listen itself.
 *
 * @module
 */
import { getPublicZmqAddress } from "../../util/mod.ts";
import {
  PUB,
  type Publisher,
  PULL,
  type Pull,
  PUSH,
  type Push,
} from "../../zmq/mod.ts";
import { maxMessageBytes } from "../model/bounds.ts";
import { isLocal } from "../model/is_local.ts";
import { jobsOptions, requireSafe } from "../model/security.ts";
import { requireTokenAddress } from "../model/token.ts";
import { connectTo } from "../protocol/connect_to.ts";
import { consume } from "../protocol/consume.ts";
import type { Description } from "../protocol/describe.ts";
import { leadsToLoopback } from "../protocol/loopback.ts";
import { ANNOUNCED_VERSION } from "../protocol/messages.ts";
import { reachable } from "../protocol/reachable_endpoint.ts";
import {
  LINGER_MS,
  type LinkParts,
  type PipelineLink,
  RECONNECT,
} from "./pipeline_link.ts";

/** Sends to the pipeline, and lets it connect for jobs. */
export class AnnouncedLink implements PipelineLink {
  readonly version = ANNOUNCED_VERSION;
  readonly #parts: LinkParts;
  readonly #results: Push;
  readonly #events: Publisher;
  #jobs: Pull | undefined;
  #address = "";
  #hasSecrets = false;
  /** Where each socket is connected to. */
  readonly #connected: Map<string, string> = new Map();

  constructor(parts: LinkParts) {
    this.#parts = parts;
    const { sockets, clientOptions, onLink } = parts;
    const common = { ...clientOptions, ...RECONNECT, linger: LINGER_MS };
    this.#events = sockets.create("events", PUB, common);
    this.#results = sockets.create("results", PUSH, {
      ...common,
      immediate: true,
      sendHighWaterMark: 0, // bounded by the jobs that are not settled
      maxMessageSize: 0, // a pipeline says nothing here
    });
    // The pipe comes, and goes, right after the event.
    const report = (isLinked: boolean) =>
      queueMicrotask(() => onLink(isLinked));
    this.#results.events.on("handshake", () => report(true));
    this.#results.events.on("disconnect", () => report(false));
  }

  get isLinked(): boolean {
    return this.#results.writable;
  }

  get address(): string {
    return this.#address;
  }

  get hasSecrets(): boolean {
    return this.#hasSecrets;
  }

  async prepare({ maxPayloadBytes }: Description): Promise<void> {
    const { sockets, options, leader, onMessage, onEnded } = this.#parts;
    const { security, token, insecure, bind, address } = options;
    const local = "tcp://127.0.0.1:*";
    const isHere = bind === undefined && await leadsToLoopback(leader());
    const listenAt = bind ?? (isHere ? local : "tcp://0.0.0.0:*");
    requireTokenAddress(listenAt, token);
    requireSafe(listenAt, security !== undefined || insecure === true);
    const jobs = this.#jobs = sockets.create("jobs", PULL, {
      ...jobsOptions(options),
      receiveHighWaterMark: 0, // credit bounds it
      maxMessageSize: maxPayloadBytes === undefined
        ? -1
        : maxMessageBytes(maxPayloadBytes),
    });
    await sockets.bind("jobs", listenAt);
    const endpoint = jobs.lastEndpoint!;
    this.#address = address ??
      (isLocal(endpoint) ? endpoint : await getPublicZmqAddress(endpoint));
    consume(jobs, ([bytes]) => onMessage(bytes!))
      .then(() => onEnded(), (cause) => onEnded(cause));
  }

  async connect(
    { events, results, workerSecrets }: Description,
  ): Promise<void> {
    this.#hasSecrets = workerSecrets;
    const { sockets, leader } = this.#parts;
    for (const [name, at] of Object.entries({ events, results })) {
      const before = this.#connected.get(name);
      const address = reachable(at!, leader());
      if (before === address) continue;
      this.#connected.delete(name);
      if (before !== undefined) await sockets.disconnect(name, before);
      await connectTo(sockets, name, address);
      this.#connected.set(name, address);
    }
  }

  /** A pipeline of version 1 has no additions. */
  greeted(): void {}

  send(bytes: Uint8Array): boolean {
    return !this.#results.closed && this.#results.trySend(bytes);
  }

  publish(topic: string, data: Uint8Array): void {
    if (!this.#events.closed) this.#events.trySend([topic, data]);
  }

  async close(): Promise<void> {
    const { sockets } = this.#parts;
    const names = ["events", "results", ...this.#jobs ? ["jobs"] : []];
    await Promise.all(names.map((name) => sockets.close(name)));
  }
}
