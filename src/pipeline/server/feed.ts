/**
 * Layer: pipeline/server. Publishes events to watchers, over an XPUB and in the
 * same process. A slow watcher misses events and delays nothing. Without
 * watchers nothing is encoded.
 *
 * @module
 */
import { callSafely } from "../../async/call_safely.ts";
import type { XPublisher } from "../../zmq/mod.ts";
import { MAX_TOPIC_BYTES } from "../model/bounds.ts";
import { encodeJson } from "../protocol/json.ts";
import { feedToWire } from "../protocol/names.ts";

/** An event of a pipeline. */
export interface FeedEvent {
  /** Such as `job:completed:resize:<id>`, `logs:resize:20`, `metric:resize:bytes` or `available`. */
  readonly topic: string;
  /** The data of the event: plain data. */
  readonly data: unknown;
}

/** Receives events. What it throws goes to the pipeline's `onError`. */
export type FeedListener = (event: FeedEvent) => void;

/** The feed of one pipeline. */
export class Feed {
  readonly #listeners: Set<FeedListener> = new Set();
  /** How many topics have subscribers. */
  #topicCount = 0;
  #publisher: XPublisher | undefined;

  /** Publishes over a socket until that is closed. */
  async serveSubscribers(publisher: XPublisher): Promise<void> {
    this.#publisher = publisher;
    for await (const [frame, ...others] of publisher) {
      // Published topics are never as long as that.
      const isTopic = frame!.byteLength <= MAX_TOPIC_BYTES + 1;
      if (!isTopic || others.length > 0) continue;
      // An XPUB reports each topic once, however many subscribers it has.
      if (frame![0] === 1) this.#topicCount++;
      else if (frame![0] === 0) this.#topicCount--;
    }
    this.#publisher = undefined;
  }

  /** Whether there are watchers. */
  get isWatched(): boolean {
    return this.#listeners.size > 0 || this.#topicCount > 0;
  }

  /**
   * Adds a listener.
   *
   * @param onError Called with what the listener throws.
   * @returns Removes the listener.
   */
  listen(
    listener: FeedListener,
    onError: (error: unknown) => void,
  ): () => void {
    const guardedListener: FeedListener = (event) =>
      callSafely(() => listener(event), onError);
    this.#listeners.add(guardedListener);
    return () => void this.#listeners.delete(guardedListener);
  }

  /** Publishes an event. */
  publish(topic: string, data: unknown): void {
    const publisher = this.#publisher;
    if (this.#topicCount > 0 && publisher?.closed === false) {
      publisher.trySend([topic, encodeJson(feedToWire(topic, data))]);
    }
    for (const listener of this.#listeners) listener({ topic, data });
  }
}
