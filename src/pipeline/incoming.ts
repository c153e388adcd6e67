/**
 * Layer: pipeline. Receives from all sockets of a pipeline, and passes messages
 * on. A message that cannot be read or handled is counted as an error; a socket
 * that stops receiving makes the pipeline unhealthy.
 *
 * @module
 */
import type { PipelineAccess } from "./access.ts";
import type { Coordinator } from "./coordinator/coordinator.ts";
import type { Sender } from "./coordinator/worker_manager.ts";
import type { Faults } from "./model/faults.ts";
import { MAX_EVENT_BYTES, MAX_TOPIC_BYTES } from "./model/bounds.ts";
import type { Feed } from "./server/feed.ts";
import {
  type Answer,
  serveRequests,
  type WorkerMessages,
} from "./server/request_server.ts";
import type { AnnouncedSockets, PipelineSockets } from "./sockets.ts";
import { consume } from "./protocol/consume.ts";
import { decodeRecord } from "./protocol/json.ts";
import type { FromWorker } from "./protocol/messages.ts";
import { feedFromWire } from "./protocol/names.ts";
import {
  type Parsed,
  parseMessage,
  workerMessageOf,
} from "./protocol/reader.ts";
import { type Message, peerOf } from "../zmq/mod.ts";

/** Where messages go, and who may send them. */
export interface IncomingParts {
  readonly coordinator: Coordinator;
  readonly feed: Feed;
  readonly faults: Faults;
  readonly access: PipelineAccess;
  /** Called with the routing id of a connection that is closed. */
  readonly onClosed: (route: Uint8Array) => void;
  /** Whether the pipeline is closing, so that a socket may end. */
  readonly isClosed: () => boolean;
}

/** Receives from all sockets of a pipeline. */
export class IncomingMessages implements WorkerMessages {
  readonly #parts: IncomingParts;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /** Receives until the sockets are closed. @param answer Answers requests. */
  open({ feed, requests }: PipelineSockets, answer: Answer): void {
    this.#watch({
      "the feed": this.#parts.feed.serveSubscribers(feed),
      "answering requests": serveRequests(requests, answer, this),
    });
  }

  /** Receives from workers of version 1, too. */
  openAnnounced({ results, events }: AnnouncedSockets): void {
    events.subscribe("logs:", "metric:");
    this.#watch({
      "messages of workers": consume(results, (message) => {
        const parsed = parseMessage(message[0]!);
        const sender = senderOf(message);
        if (!(parsed instanceof Promise)) return this.#receive(parsed, sender);
        return parsed.then((parsed) => this.#receive(parsed, sender));
      }),
      "logs and metrics": consume(events, (message) => {
        const [topic, data] = message;
        if (topic!.byteLength > MAX_TOPIC_BYTES || data === undefined) return;
        this.#forwardEvent(String(topic), data, senderOf(message));
      }),
    });
  }

  /** Handles a message of a worker at the ROUTER. */
  receive(parsed: Parsed, sender: Sender): void {
    if (this.#mayWork(sender, parsed.fields.type)) {
      this.#receive(parsed, sender);
    }
  }

  /** Handles a log record or a metric at the ROUTER. */
  publish(topic: string, data: Uint8Array, sender: Sender): void {
    const size = topic.length + data.byteLength;
    if (topic.length > MAX_TOPIC_BYTES || size > MAX_EVENT_BYTES) return;
    if (!this.#isWanted(topic) || !this.#mayWork(sender, topic)) return;
    this.#forwardEvent(topic, data, sender);
  }

  /** Handles the end of a connection at the ROUTER. */
  closed(route: Uint8Array): void {
    this.#parts.faults.guard(() => this.#parts.onClosed(route));
  }

  #watch(work: Readonly<Record<string, Promise<unknown>>>): void {
    const { faults, isClosed } = this.#parts;
    for (const [part, end] of Object.entries(work)) {
      faults.watch(part, end, isClosed);
    }
  }

  /** Whether the key of a sender has the role of a worker; otherwise that is reported. */
  #mayWork({ key }: Sender, type: unknown): boolean {
    try {
      this.#parts.access.requireRole(key, ["worker"], String(type));
      return true;
    } catch {
      return false;
    }
  }

  #receive(parsed: Parsed, sender: Sender): void {
    const { coordinator, faults, feed } = this.#parts;
    let message: FromWorker;
    try {
      message = workerMessageOf(parsed);
    } catch (error) {
      return faults.report(error as Error, "unreadable");
    }
    faults.guard(() => {
      if (!coordinator.receive(message, sender)) return;
      if (message.type !== "available" || !feed.isWatched) return;
      const { type: _, secret: _secret, ...info } = message;
      feed.publish("available", { ...info, address: info.address ?? "" });
    });
  }

  /** Whether anyone gets an event: watchers, or a job with which it is kept. */
  #isWanted(topic: string): boolean {
    return this.#parts.feed.isWatched || topic.startsWith("logs:");
  }

  /** Forwards a log record or a metric of a worker to watchers; the log of a job is kept with it. */
  #forwardEvent(topic: string, bytes: Uint8Array, { key }: Sender): void {
    const { coordinator, faults, feed } = this.#parts;
    if (!this.#isWanted(topic)) return;
    try {
      const data = feedFromWire(topic, decodeRecord(bytes));
      const { worker } = Object(data) as { worker?: unknown };
      const isFromWorker = typeof worker !== "string" ||
        coordinator.workerManager.isFrom(worker, key, "log or metric");
      if (!isFromWorker) return;
      if (topic.startsWith("logs:")) coordinator.keepLog(data);
      if (feed.isWatched) feed.publish(topic, data);
    } catch (error) {
      faults.report(error as Error, "unreadable");
    }
  }
}

/** The sender of a message at a socket of version 1. */
function senderOf(message: Message): Sender {
  return { key: peerOf(message)?.publicKey };
}
