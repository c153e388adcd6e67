/**
 * Layer: pipeline/server. What happens, for whoever watches: over an XPUB, and
 * in the same process. Nobody waits for a watcher; one that is slow misses some.
 * While nobody watches, nothing is encoded.
 *
 * @module
 */
import { callSafely } from "../../async/call_safely.ts";
import type { XPublisher } from "../../zmq/mod.ts";
import { MAX_TOPIC_BYTES } from "../model/bounds.ts";
import { encodeJson } from "../protocol/json.ts";
import { feedToWire } from "../protocol/names.ts";

/** Something that happened. */
export interface FeedEvent {
  /** Such as `job:completed:resize:<id>`, `logs:resize:20`, `metric:resize:bytes` or `available`. */
  readonly topic: string;
  /** What there is to say of it: plain data. */
  readonly data: unknown;
}

/** Gets what happens. What it throws goes to the pipeline's `onError`. */
export type FeedListener = (event: FeedEvent) => void;

/** The feed of one pipeline. */
export class Feed {
  readonly #listeners: Set<FeedListener> = new Set();
  /** How many topics are subscribed to, by whomever. */
  #topicCount = 0;
  #publisher: XPublisher | undefined;

  /** Publishes, from now on until the socket is closed. */
  async serveSubscribers(publisher: XPublisher): Promise<void> {
    this.#publisher = publisher;
    for await (const [frame, ...others] of publisher) {
      // Nothing that is published has a topic as long as that.
      const isTopic = frame!.byteLength <= MAX_TOPIC_BYTES + 1;
      if (!isTopic || others.length > 0) continue;
      // An XPUB tells of each topic once, however many subscribe to it.
      if (frame![0] === 1) this.#topicCount++;
      else if (frame![0] === 0) this.#topicCount--;
    }
    this.#publisher = undefined;
  }

  /** Whether anybody watches. */
  get isWatched(): boolean {
    return this.#listeners.size > 0 || this.#topicCount > 0;
  }

  /**
   * Listens.
   *
   * @param onError Told of what the listener throws: nobody else is kept from
   *   anything by it.
   * @returns Stops that.
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

  /** Tells something. */
  publish(topic: string, data: unknown): void {
    const publisher = this.#publisher;
    if (this.#topicCount > 0 && publisher?.closed === false) {
      publisher.trySend([topic, encodeJson(feedToWire(topic, data))]);
    }
    for (const listener of this.#listeners) listener({ topic, data });
  }
}
