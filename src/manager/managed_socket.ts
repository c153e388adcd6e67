/**
 * Layer: manager.
 *
 * One named socket of a SocketManager, with all that belongs to it: its
 * messages, data format, addresses, topics, requests and event streams. It
 * exists for as long as its socket is open.
 *
 * @module
 */
import type { Deadline } from "../async/deadline.ts";
import type { BaseSerializer } from "../serializers/mod.ts";
import { castBytes } from "../util/mod.ts";
import { Codec } from "./codec.ts";
import type { ZmqSocket } from "./contract.ts";
import type { Event } from "./event.ts";
import { EventDispatcher } from "./event_dispatcher.ts";
import { SocketEventStream, type SubscribeOptions } from "./event_stream.ts";
import { type Frames, MessageIO } from "./message_io.ts";
import { ReliableRequests, type RequestLimits } from "./reliable_requests.ts";
import type { Schema } from "./schema.ts";
import { SocketAddresses } from "./socket_addresses.ts";
import { hasTopics, traitsOf } from "./socket_types.ts";
import { type Topic, Topics } from "./topics.ts";

/** `keepPolling` is called at least this often. */
const MAX_POLL_INTERVAL_MS = 100;

/** A named socket. */
export class ManagedSocket {
  readonly name: string;
  readonly socket: ZmqSocket;
  readonly messages: MessageIO;
  readonly codec: Codec;
  readonly addresses: SocketAddresses;
  readonly topics: Topics;
  /** Validates its messages, unless a call brings its own schema. */
  schema: Schema | undefined;
  /** Whether the first frame of each message is a routing id. */
  readonly #isRouted: boolean;
  readonly #requests: ReliableRequests;
  readonly #events: EventDispatcher;

  constructor(name: string, socket: ZmqSocket, serializer: BaseSerializer) {
    this.name = name;
    this.socket = socket;
    this.messages = new MessageIO(name, socket);
    this.codec = new Codec(serializer, this.messages);
    this.addresses = new SocketAddresses(name, socket);
    this.topics = new Topics(this.messages);
    this.#isRouted = traitsOf(socket.type).address === "routing id frame";
    this.#requests = new ReliableRequests(this.messages);
    this.#events = new EventDispatcher(this.messages);
  }

  /** Sends data as one frame; `false` when the time is over. */
  send(data: unknown, deadline: Deadline): boolean | Promise<boolean> {
    if (this.#isRouted) {
      throw this.messages.unable(
        "send without a routing id",
        "; use publishSafe(name, routingId, data)",
      );
    }
    return this.messages.send(this.codec.pack(data), deadline);
  }

  /** Receives data of one frame; `undefined` when the time is over. */
  receive(
    deadline: Deadline,
    schema: Schema | undefined = this.schema,
  ): unknown {
    if (this.#isRouted) {
      throw this.messages.unable(
        "receive data alone",
        "; use recvEventSafe(name)",
      );
    }
    const frames = this.messages.receive(deadline);
    // A closure only where the call waits; see sendSafe.
    return frames instanceof Promise
      ? unpackLater(frames, (frames) => this.codec.unpack(frames, schema))
      : this.codec.unpack(frames, schema);
  }

  /** Sends a topic and data; `false` when the time is over. */
  publish(
    topic: Topic,
    data: unknown,
    deadline: Deadline,
  ): boolean | Promise<boolean> {
    return this.messages.send(this.codec.packEvent(topic, data), deadline);
  }

  /** Sends a topic and data if the socket takes them now. */
  tryPublish(topic: Topic, data: unknown): boolean {
    return this.messages.trySend(this.codec.packEvent(topic, data));
  }

  /** Receives a topic and data; `undefined` when the time is over. */
  receiveEvent(
    topic: Topic | undefined,
    deadline: Deadline,
    schema: Schema | undefined = this.schema,
  ): Event | undefined | Promise<Event | undefined> {
    if (topic !== undefined) this.topics.add(topic);
    const frames = this.messages.receive(deadline);
    return frames instanceof Promise
      ? unpackLater(frames, (frames) => this.codec.unpackEvent(frames, schema))
      : this.codec.unpackEvent(frames, schema);
  }

  /** Sends a request, again if there is no reply in time, and receives the reply. */
  async request(
    data: unknown,
    limits: RequestLimits,
    schema: Schema | undefined = this.schema,
  ): Promise<unknown> {
    const reply = await this.#requests.request(this.codec.pack(data), limits);
    return await this.codec.unpack(reply, schema);
  }

  /**
   * Subscribes at once, and opens a stream of events.
   *
   * @param pollingTimeoutMs `keepPolling` is called at least this often, too.
   */
  subscribe(
    topic: Topic | undefined,
    options: SubscribeOptions & { readonly schema?: Schema | undefined },
    pollingTimeoutMs: number,
  ): SocketEventStream {
    this.messages.requireReceiving();
    const subscribed = this.#topicToSubscribe(topic);
    const hasEnded = options.signal?.aborted ?? false;
    if (subscribed !== undefined && !hasEnded) {
      this.topics.subscribe(subscribed);
    }
    const stream = new SocketEventStream({
      topic: topic === undefined ? undefined : subscribed,
      intervalMs: pollingTimeoutMs < 0
        ? MAX_POLL_INTERVAL_MS
        : Math.min(pollingTimeoutMs, MAX_POLL_INTERVAL_MS),
      unpack: (frames) =>
        this.codec.unpackEvent(frames, options.schema ?? this.schema),
      onDemand: () => this.#events.update(),
      onEnd: () => {
        this.#events.delete(stream);
        if (subscribed !== undefined && !hasEnded) {
          this.topics.unsubscribe(subscribed);
        }
      },
    }, options);
    this.#events.add(stream);
    if (hasEnded) stream.end();
    return stream;
  }

  /** Closes the socket and ends its event streams. */
  async close(): Promise<void> {
    const closed = this.socket.close();
    this.#events.end();
    await closed;
  }

  /** Without a topic, a stream takes what the socket is subscribed to; if that is nothing, everything. */
  #topicToSubscribe(topic: Topic | undefined): Uint8Array | undefined {
    if (topic !== undefined) return castBytes(topic);
    const isUnsubscribed = hasTopics(this.socket.type) && this.topics.isEmpty;
    return isUnsubscribed ? new Uint8Array(0) : undefined;
  }
}

/** Unpacks a message that has still to arrive. */
function unpackLater<T>(
  frames: Promise<Frames | undefined>,
  unpack: (frames: Frames) => T | Promise<T>,
): Promise<T | undefined> {
  return frames.then((frames) => frames && unpack(frames));
}
