/**
 * Layer: pipeline. What a pipeline hears at its sockets, and where it goes. One
 * message that cannot be read, or that something fails with, is counted; a
 * socket that is heard no more makes the pipeline unwell.
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
import { decodeJson } from "./protocol/json.ts";
import type { FromWorker } from "./protocol/messages.ts";
import { feedFromWire } from "./protocol/names.ts";
import { readFromWorker } from "./protocol/reader.ts";
import { type Message, peerOf } from "../zmq/mod.ts";

/** Hears all sockets of a pipeline. */
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
   * Hears them, until they are closed.
   *
   * @param answer Answers requests.
   * @param isClosed Whether they may be.
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

  /** What steps say of jobs. */
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

  /** What steps tell to whoever watches. */
  #forwardEvent(received: Message): void {
    if (!this.#feed.isWatched) return;
    const [topic, bytes] = received;
    if (topic!.byteLength > MAX_TOPIC_BYTES || bytes === undefined) return;
    try {
      const about = String(topic);
      const data = feedFromWire(about, decodeJson(bytes));
      const { worker } = Object(data) as { worker?: unknown };
      const isFromWorker = typeof worker !== "string" ||
        this.#coordinator.manager.isFrom(
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

/** The public key of who sent a message, where there is CURVE. */
function keyOf(message: Message): string | undefined {
  return peerOf(message)?.publicKey;
}
