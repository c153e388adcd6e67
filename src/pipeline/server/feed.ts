/**
 * Layer: pipeline/server. What happens, for whoever watches: over a PUB, and in
 * the same process. Nobody waits for a watcher; one that is slow misses some.
 *
 * @module
 */
import type { Publisher } from "../../zmq/mod.ts";
import { encodeJson } from "../wire/json.ts";

/** Something that happened. */
export interface FeedEvent {
  /** Such as `job:completed:resize:<id>`, `logs:resize:20`, `metric:resize:bytes` or `available`. */
  readonly topic: string;
  readonly data: unknown;
}

/** Gets what happens. Must not throw. */
export type FeedListener = (event: FeedEvent) => void;

/** The feed of one pipeline. */
export class Feed {
  readonly #listeners: Set<FeedListener> = new Set();
  #publisher: Publisher | undefined;

  /** Publishes from now on. */
  publishOver(publisher: Publisher): void {
    this.#publisher = publisher;
  }

  /**
   * Listens.
   *
   * @returns Stops that.
   */
  listen(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells something. */
  tell(topic: string, data: unknown): void {
    const publisher = this.#publisher;
    if (publisher !== undefined && !publisher.closed) {
      publisher.trySend([topic, encodeJson(data)]);
    }
    for (const listener of this.#listeners) listener({ topic, data });
  }
}
