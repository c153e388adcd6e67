/**
 * Layer: pipeline/worker. The sockets of a worker of version 2, which connects to
 * the one port of the pipeline and needs none of its own: a DEALER for jobs and
 * what came of them, and one for watchers, so that logs never delay results.
 *
 * @module
 */
import { securityOf } from "../../zmq/engine/security_options.ts";
import { DEALER, type Dealer } from "../../zmq/mod.ts";
import { defaultOptions } from "../../zmq/options/check.ts";
import { maxMessageBytes } from "../model/bounds.ts";
import { connectTo } from "../protocol/connect_to.ts";
import { consume } from "../protocol/consume.ts";
import type { Description } from "../protocol/describe.ts";
import { heartbeatTimes, workerSilence } from "../protocol/heartbeat.ts";
import { leadsToLoopback } from "../protocol/loopback.ts";
import { HEARTBEAT_MINOR, WIRE_VERSION } from "../protocol/messages.ts";
import { Heartbeats } from "./heartbeat/heartbeats.ts";
import {
  LINGER_MS,
  type LinkParts,
  type PipelineLink,
  RECONNECT,
} from "./pipeline_link.ts";

/** Makes all connections itself. */
export class OutgoingLink implements PipelineLink {
  readonly version = WIRE_VERSION;
  readonly address = undefined;
  /** No one else can send over a connection that the worker has made. */
  readonly hasSecrets = false;
  readonly #parts: LinkParts;
  #jobs: Dealer | undefined;
  /** Made with the first log record or metric. */
  #events: Dealer | undefined;
  /** Made when the pipeline has said hello, if it is on another machine. */
  #heartbeats: Heartbeats | undefined;
  /** The address of the pipeline, or of the process that leads it. */
  #connectedTo: string | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  get isLinked(): boolean {
    return this.#jobs?.writable === true;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async connect(description: Description): Promise<void> {
    this.#jobs ??= this.#openJobs(description);
    const { sockets, leader } = this.#parts;
    const [before, address] = [this.#connectedTo, leader()];
    if (before === address) return;
    this.#connectedTo = undefined;
    for (const name of this.#names) {
      if (before !== undefined) await sockets.disconnect(name, before);
      await connectTo(sockets, name, address);
    }
    this.#connectedTo = address;
  }

  greeted(minor: number): void {
    if (minor >= HEARTBEAT_MINOR) void this.#sendHeartbeats();
  }

  send(bytes: Uint8Array): boolean {
    return this.#jobs?.closed === false && this.#jobs.trySend(bytes);
  }

  publish(topic: string, data: Uint8Array): void {
    if (this.#jobs?.closed !== false) return;
    const events = this.#events ??= this.#openEvents();
    events.trySend([topic, data]);
  }

  async close(): Promise<void> {
    const { sockets } = this.#parts;
    await Promise.all([
      this.#heartbeats?.close(),
      ...this.#names.map((name) => sockets.close(name)),
    ]);
  }

  get #names(): string[] {
    return [
      ...this.#jobs ? ["jobs"] : [],
      ...this.#events ? ["events"] : [],
    ];
  }

  #openJobs({ maxPayloadBytes }: Description): Dealer {
    const { sockets, options, clientOptions, onLink, onMessage, onEnded } =
      this.#parts;
    const jobs = sockets.create("jobs", DEALER, {
      ...clientOptions,
      ...RECONNECT,
      routingId: null, // the pipeline gives it one that no one else can take
      // Without threads a handler may compute, and the lease of the pipeline counts.
      heartbeatTimeToLive: workerSilence(
        options.threads !== undefined,
        options.silenceMs,
      ),
      linger: LINGER_MS,
      immediate: true,
      sendHighWaterMark: 0, // bounded by the jobs that are not settled
      receiveHighWaterMark: 0, // credit bounds it
      maxMessageSize: maxPayloadBytes === undefined
        ? -1
        : maxMessageBytes(maxPayloadBytes),
    });
    // The pipe comes, and goes, right after the event.
    const report = (isLinked: boolean) =>
      queueMicrotask(() => {
        if (!this.isLinked) this.#heartbeats?.disconnect();
        onLink(isLinked);
      });
    jobs.events.on("handshake", () => report(true));
    jobs.events.on("disconnect", () => report(false));
    consume(jobs, ([bytes]) => onMessage(bytes!))
      .then(() => onEnded(), (cause) => onEnded(cause));
    return jobs;
  }

  /** Never rejects. */
  async #sendHeartbeats(): Promise<void> {
    const { heartbeatThread, threads } = this.#parts.options;
    const address = this.#connectedTo;
    if (address === undefined || threads !== undefined) return;
    const isWanted = heartbeatThread ?? !await leadsToLoopback(address);
    const isStill = this.isLinked && this.#connectedTo === address;
    if (!isWanted || !isStill) return;
    this.#heartbeats ??= this.#newHeartbeats();
    this.#heartbeats?.connect(address);
  }

  #newHeartbeats(): Heartbeats | undefined {
    const { options, clientOptions, heartbeat, onFailed } = this.#parts;
    const times = heartbeatTimes(options.silenceMs);
    if (times === undefined) return undefined;
    return new Heartbeats({
      ...times,
      security: securityOf({ ...defaultOptions(DEALER), ...clientOptions }),
      message: heartbeat,
      onFailed: (error) => {
        this.send(heartbeat(0)); // the lease counts again
        onFailed(error);
      },
    });
  }

  #openEvents(): Dealer {
    const { sockets, clientOptions } = this.#parts;
    const events = sockets.create("events", DEALER, {
      ...clientOptions,
      ...RECONNECT,
      linger: LINGER_MS,
      maxMessageSize: 0, // a pipeline says nothing here
    });
    if (this.#connectedTo !== undefined) events.connect(this.#connectedTo);
    return events;
  }
}
