/**
 * Layer: sockets. XPUB (RFC 29): publishes, and reports to the application
 * which topics its peers subscribe to.
 *
 * - SHALL send messages only to the peers whose subscriptions match, by prefix
 *   of the first frame.
 * - SHALL silently drop a message for a peer whose queue is full, for this peer
 *   alone (option `noDrop`: waits instead).
 * - SHALL deliver subscriptions, and their cancellations, to the application,
 *   once for each topic (option `verbosity`: every time).
 *
 * @module
 */
import type {
  MatchOptions,
  PublishModes,
  ReceiveOptions,
  SendOptions,
  VerbosityOptions,
} from "../options/values.ts";
import { XPUB } from "../types.ts";
import { DuplexSocket } from "./send_receive.ts";
import { PublishPattern } from "./publish_pattern.ts";
import type { SocketOptions } from "./socket.ts";
import { SUBSCRIBE, toTopic, UNSUBSCRIBE } from "./topic.ts";

/** libzmq's number for the `verbosity` that includes cancellations. */
const VERBOSER = 78;

/** The options that PUB and XPUB share. */
export interface PublishOptions
  extends SocketOptions, Partial<SendOptions & PublishModes & MatchOptions> {}

/** The options of an XPUB. */
export interface XPublisherOptions
  extends PublishOptions, Partial<ReceiveOptions & VerbosityOptions> {}

/** The options of an XPUB, as properties. */
export interface XPublisher
  extends PublishModes, MatchOptions, VerbosityOptions {}

/**
 * Publishes, and receives its subscribers' subscriptions: the byte 1 or 0, then
 * the topic.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using xpub = new zmq.XPublisher();
 * await using sub = new zmq.Subscriber();
 * await xpub.bind("tcp://127.0.0.1:*");
 * sub.connect(xpub.lastEndpoint!);
 * sub.subscribe("news");
 *
 * const [event] = await xpub.receive(); // 1, then "news"
 * await xpub.send(["news", "somebody listens"]);
 * await sub.receive();
 * ```
 *
 * @example With `manual`, the application decides what a subscriber receives
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using xpub = new zmq.XPublisher({ manual: true });
 * await using sub = new zmq.Subscriber();
 * await xpub.bind("tcp://127.0.0.1:*");
 * sub.connect(xpub.lastEndpoint!);
 * sub.subscribe("");
 *
 * await xpub.receive(); // 1: the peer subscribes to everything
 * xpub.subscribe("public"); // and gets only this
 * await xpub.send(["secret", "not for everybody"]);
 * await xpub.send(["public", "for all"]);
 * const [topic] = await sub.receive(); // public
 * ```
 */
export class XPublisher extends DuplexSocket {
  readonly #pattern: PublishPattern;

  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: XPublisherOptions = {}) {
    super(XPUB, options, (values) => new PublishPattern(values, true));
    this.#pattern = this.patternOf(PublishPattern);
  }

  /**
   * With the option `manual`: subscribes the peer of the last received event to
   * these topics, whatever it has subscribed to itself; without a topic, to all
   * messages.
   *
   * @returns Whether that peer is still connected.
   * @throws {ZmqError} `EINVAL` without the option `manual`.
   */
  subscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#pattern.setSubscriptions(topics, true);
  }

  /**
   * With the option `manual`: unsubscribes the peer of the last received event
   * from these topics. A subscription counts once, however often it was made.
   *
   * @returns Whether that peer is still connected.
   * @throws {ZmqError} `EINVAL` without the option `manual`.
   */
  unsubscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#pattern.setSubscriptions(topics, false);
  }

  /** Sets an option; with the numbers of libzmq's `ZMQ_SUBSCRIBE` and `ZMQ_UNSUBSCRIBE`, a topic. */
  override setOption(option: string | number, value: unknown): void {
    if (option === SUBSCRIBE) this.subscribe(toTopic(value));
    else if (option === UNSUBSCRIBE) this.unsubscribe(toTopic(value));
    else if (option !== VERBOSER) super.setOption(option, value);
    else super.setOption("verbosity", value === 1 ? "allSubsUnsubs" : value);
  }
}
