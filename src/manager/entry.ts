/**
 * Layer: manager.
 *
 * All that belongs to one name: the socket, and what the manager keeps about
 * it. It is gone when the socket is.
 *
 * @module
 */
import { castBytes } from "../util/mod.ts";
import { Channel } from "./channel.ts";
import type { Codec } from "./codec.ts";
import type { Schema } from "./schema.ts";
import type { ZmqSocket } from "./contract.ts";
import { Endpoints } from "./endpoints.ts";
import { EventHub } from "./event_hub.ts";
import { Stream, type SubscribeOptions } from "./event_stream.ts";
import { Requester } from "./requester.ts";
import { hasTopics } from "./socket_types.ts";
import { type Topic, Topics } from "./topics.ts";

/** How often `keepPolling` is asked at least. */
const MAX_INTERVAL_MS = 100;

/** A named socket with its belongings. */
export class Entry {
  readonly name: string;
  readonly socket: ZmqSocket;
  readonly channel: Channel;
  readonly endpoints: Endpoints;
  readonly topics: Topics;
  readonly requester: Requester;
  /** What its messages are checked with. */
  schema: Schema | undefined;
  readonly #events: EventHub;

  constructor(name: string, socket: ZmqSocket) {
    this.name = name;
    this.socket = socket;
    this.channel = new Channel(name, socket);
    this.endpoints = new Endpoints(this.channel);
    this.topics = new Topics(this.channel);
    this.requester = new Requester(this.channel);
    this.#events = new EventHub(this.channel);
  }

  /** Subscribes at once, and opens a stream of events. */
  subscribe(
    topic: Topic | undefined,
    options: SubscribeOptions,
    read: { codec: Codec; schema: Schema | undefined; pollingTimeout: number },
  ): Stream {
    this.channel.requireReceiving();
    const borrowed = this.#topicToBorrow(topic);
    const isOver = options.signal?.aborted ?? false;
    if (borrowed !== undefined && !isOver) this.topics.borrow(borrowed);
    const intervalMs = read.pollingTimeout < 0
      ? MAX_INTERVAL_MS
      : Math.min(read.pollingTimeout, MAX_INTERVAL_MS);
    const stream = new Stream({
      topic: topic === undefined ? undefined : borrowed,
      intervalMs,
      read: (frames) =>
        read.codec.unpackEvent(
          this.channel,
          frames,
          read.schema ?? this.schema,
        ),
      onHunger: () => this.#events.update(),
      onEnd: () => {
        this.#events.delete(stream);
        if (borrowed !== undefined && !isOver) this.topics.giveBack(borrowed);
      },
    }, options);
    this.#events.add(stream);
    if (isOver) stream.end();
    return stream;
  }

  /** Closes the socket and ends what waits for it. */
  async close(): Promise<void> {
    const closed = this.socket.close();
    this.#events.end();
    await closed;
  }

  /** Without a topic, it is what the socket is subscribed to; everything, if that is nothing. */
  #topicToBorrow(topic: Topic | undefined): Uint8Array | undefined {
    if (topic !== undefined) return castBytes(topic);
    const isUnsubscribed = hasTopics(this.socket.type) && this.topics.isEmpty;
    return isUnsubscribed ? new Uint8Array(0) : undefined;
  }
}
