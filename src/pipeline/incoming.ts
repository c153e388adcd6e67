/**
 * Layer: pipeline. Receives from all sockets of a pipeline, and passes messages
 * on. A message that cannot be read or handled is counted as an error; a socket
 * that stops receiving makes the pipeline unhealthy.
 *
 * @module
 */
import type { Coordinator } from "./coordinator/coordinator.ts";
import type { Faults } from "./model/faults.ts";
import { MAX_TOPIC_BYTES } from "./model/bounds.ts";
import type { Feed } from "./server/feed.ts";
import { type Answer, serveRequests } from "./server/request_server.ts";
import type { PipelineSockets } from "./sockets.ts";
import { consume } from "./protocol/consume.ts";
import { decodeRecord } from "./protocol/json.ts";
import type { FromWorker } from "./protocol/messages.ts";
import { feedFromWire } from "./protocol/names.ts";
import { readFromWorker } from "./protocol/reader.ts";
import { type Message, peerOf } from "../zmq/mod.ts";

/** Receives from all sockets of a pipeline. */
export class IncomingMessages {
  readonly #coordinator: Coordinator;
  readonly #feed: Feed;
  readonly #faults: Faults;

  constructor(coordinator: Coordinator, feed: Feed, faults: Faults) {
    this.#coordinator = coordinator;
    this.#feed = feed;
    this.#faults = faults;
  }

  /**
   * Receives until the sockets are closed.
   *
   * @param answer Answers requests.
   * @param isClosed Whether the pipeline is closing, so that a socket may end.
   */
  open(
    { results, events, feed, requests }: PipelineSockets,
    answer: Answer,
    isClosed: () => boolean,
  ): void {
    events.subscribe("logs:", "metric:");
    const work = {
      "the feed": this.#feed.serveSubscribers(feed),
      "messages of workers": consume(
        results,
        (message) => this.#receive(message),
      ),
      "logs and metrics": consume(
        events,
        (message) => this.#forwardEvent(message),
      ),
      "answering requests": serveRequests(requests, answer),
    };
    for (const [part, end] of Object.entries(work)) {
      this.#faults.watch(part, end, isClosed);
    }
  }

  /** Handles a message of a worker. */
  #receive(received: Message): void {
    let message: FromWorker;
    try {
      message = readFromWorker(received[0]!);
    } catch (error) {
      return this.#faults.report(error as Error, "unreadable");
    }
    this.#faults.guard(() => {
      if (!this.#coordinator.receive(message, keyOf(received))) return;
      if (message.type !== "available" || !this.#feed.isWatched) return;
      const { type: _, secret: _secret, ...info } = message;
      this.#feed.publish("available", info);
    });
  }

  /** Forwards a log record or a metric of a worker to watchers. */
  #forwardEvent(received: Message): void {
    if (!this.#feed.isWatched) return;
    const [topic, bytes] = received;
    if (topic!.byteLength > MAX_TOPIC_BYTES || bytes === undefined) return;
    try {
      const about = String(topic);
      const data = feedFromWire(about, decodeRecord(bytes));
      const { worker } = Object(data) as { worker?: unknown };
      const isFromWorker = typeof worker !== "string" ||
        this.#coordinator.workerManager.isFrom(
          worker,
          keyOf(received),
          "log or metric",
        );
      if (!isFromWorker) return;
      this.#feed.publish(about, data);
    } catch (error) {
      this.#faults.report(error as Error, "unreadable");
    }
  }
}

/** The public key of the sender of a message, with CURVE. */
function keyOf(message: Message): string | undefined {
  return peerOf(message)?.publicKey;
}
