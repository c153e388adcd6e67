/**
 * Layer: sockets. SUB (RFC 29): receives what it has subscribed to.
 *
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL deliver only messages whose first frame begins with a topic it has
 *   subscribed to, whatever its peers send.
 *
 * @module
 */
import type {
  ConflateOptions,
  MatchOptions,
  ReceiveOptions,
} from "../options/values.ts";
import { SUB } from "../types.ts";
import { ReadableSocket } from "./send_receive.ts";
import type { SocketOptions } from "./socket.ts";
import { SUBSCRIBE, toTopic, UNSUBSCRIBE } from "./topic.ts";
import { SubscribePattern } from "./xsub.ts";

/** The options of a SUB. */
export interface SubscriberOptions
  extends
    SocketOptions,
    Partial<ReceiveOptions & MatchOptions & ConflateOptions> {}

/** The options of a SUB, as properties. */
export interface Subscriber extends MatchOptions, ConflateOptions {}

/**
 * Receives the messages of the topics that it has subscribed to; initially
 * there are none.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using publisher = new zmq.XPublisher();
 * await using subscriber = new zmq.Subscriber();
 * await publisher.bind("inproc://news");
 * subscriber.connect("inproc://news");
 * subscriber.subscribe("sports", "weather");
 *
 * await publisher.receive(); // a subscription has arrived
 * await publisher.receive();
 * await publisher.send(["weather", "rain"]);
 * const [topic, report] = await subscriber.receive();
 * ```
 */
export class Subscriber extends ReadableSocket {
  readonly #subscriptions: SubscribePattern;

  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: SubscriberOptions = {}) {
    super(SUB, options, (values) => new SubscribePattern(values, true));
    this.#subscriptions = this.patternOf(SubscribePattern);
  }

  /**
   * Subscribes to topics: to all messages whose first frame starts with one of
   * them. The empty topic, or no topic, means all messages. A topic may be
   * subscribed to more than once.
   */
  subscribe(...topics: (string | Uint8Array)[]): void {
    if (topics.length === 0) topics = [""];
    for (const topic of topics) this.#subscriptions.subscribe(toTopic(topic));
  }

  /** Cancels one subscription to each topic; without a topic, one to all messages. */
  unsubscribe(...topics: (string | Uint8Array)[]): void {
    if (topics.length === 0) topics = [""];
    for (const topic of topics) this.#subscriptions.unsubscribe(toTopic(topic));
  }

  /** Sets an option; with the numbers of libzmq's `ZMQ_SUBSCRIBE` and `ZMQ_UNSUBSCRIBE`, a topic. */
  override setOption(option: string | number, value: unknown): void {
    if (option === SUBSCRIBE) this.subscribe(toTopic(value));
    else if (option === UNSUBSCRIBE) this.unsubscribe(toTopic(value));
    else super.setOption(option, value);
  }
}
