/**
 * Layer: sockets. XSUB (RFC 29): subscribes by sending subscriptions.
 *
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL send its subscriptions to every peer, and to a new one at once.
 * - Subscriptions are counted: one ends after as many cancellations as
 *   subscriptions.
 *
 * @module
 */
import { bytesKey } from "../bytes.ts";
import { type Message, subscriptionFrame } from "../message.ts";
import type {
  OptionValues,
  ReceiveOptions,
  SendOptions,
  UnsubscribeOptions,
} from "../options/values.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriptionTrie } from "../routing/subscription_trie.ts";
import { XSUB } from "../types.ts";
import { DuplexSocket } from "./send_receive.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of an XSUB. */
export interface XSubscriberOptions
  extends
    SocketOptions,
    Partial<SendOptions & ReceiveOptions & UnsubscribeOptions> {}

/** The options of an XSUB, as properties. */
export interface XSubscriber extends UnsubscribeOptions {}

/**
 * Receives what its peers publish. To subscribe, it sends the byte 1 and the
 * topic; to cancel, the byte 0 and the topic.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using xsub = new zmq.XSubscriber();
 * await using publisher = new zmq.XPublisher();
 * await publisher.bind("inproc://feed");
 * xsub.connect("inproc://feed");
 * await xsub.send("\x01news");
 * await publisher.receive(); // the subscription has arrived
 * await publisher.send(["news", "all is well"]);
 * await xsub.receive();
 * ```
 */
export class XSubscriber extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: XSubscriberOptions = {}) {
    super(XSUB, options, (values) => new SubscribePattern(values, false));
  }
}

/** The only subscriber in the trie. */
const SELF = true;

/** The pattern of SUB and XSUB; only SUB filters what it receives. */
export class SubscribePattern extends Pattern {
  readonly #options: Readonly<OptionValues>;
  readonly #isFiltering: boolean;
  readonly #pipes: Set<Pipe> = new Set();
  readonly #incoming = new FairQueue();
  readonly #topics: Map<string, { body: Uint8Array; count: number }> =
    new Map();
  readonly #filter: SubscriptionTrie<typeof SELF> = new SubscriptionTrie();
  /** A message that `canReceive` has found. */
  #found: Message | undefined;

  /** @param isFiltering Whether messages that do not match are dropped on arrival. */
  constructor(options: Readonly<OptionValues>, isFiltering: boolean) {
    super();
    this.#options = options;
    this.#isFiltering = isFiltering;
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
    this.#incoming.attach(pipe);
    this.reset(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.#incoming.detach(pipe);
  }

  /** Sends all subscriptions to a new peer. */
  override reset(pipe: Pipe): void {
    for (const { body } of this.#topics.values()) pipe.write([body]);
  }

  override readable(pipe: Pipe): void {
    this.#incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.#incoming.ending(pipe);
  }

  override send(message: Message): boolean {
    const body = message[0]!;
    if (message.length === 1 && body[0] === 1) this.subscribe(body.subarray(1));
    else if (message.length === 1 && body[0] === 0) {
      this.unsubscribe(body.subarray(1));
    } else this.#sendUp(message);
    return true;
  }

  override receive(): Message | undefined {
    const message = this.#found ?? this.#find();
    this.#found = undefined;
    return message;
  }

  override get canSend(): boolean {
    return true;
  }

  override get canReceive(): boolean {
    this.#found ??= this.#find();
    return this.#found !== undefined;
  }

  /** Adds a subscription and sends it to every peer. */
  subscribe(topic: Uint8Array): void {
    const key = bytesKey(topic);
    const known = this.#topics.get(key);
    const body = known?.body ?? subscriptionFrame(1, topic);
    this.#topics.set(key, { body, count: (known?.count ?? 0) + 1 });
    if (this.#isFiltering) this.#filter.add(topic, SELF);
    for (const pipe of this.#pipes) pipe.write([body]);
  }

  /** Removes a subscription, and sends that to every peer if it was the last of its topic. */
  unsubscribe(topic: Uint8Array): void {
    const key = bytesKey(topic);
    const known = this.#topics.get(key);
    const isLast = known !== undefined && --known.count === 0;
    if (isLast) {
      this.#topics.delete(key);
      this.#filter.remove(topic, SELF);
    }
    if (!isLast && !this.#options.verboseUnsubscribe) return;
    const body = subscriptionFrame(0, topic);
    for (const pipe of this.#pipes) pipe.write([body]);
  }

  /** Sends a message of the application to XPUB peers; those whose queue is full miss it. */
  #sendUp(message: Message): void {
    const limit = this.#options.sendHighWaterMark;
    for (const pipe of this.#pipes) {
      if (limit === 0 || pipe.hasFewerThan(limit)) pipe.write(message);
    }
  }

  #find(): Message | undefined {
    for (;;) {
      const message = this.#incoming.receive();
      if (message === undefined || !this.#isFiltering) return message;
      const isMatch = this.#filter.matches(message[0]!);
      if (isMatch !== this.#options.invertMatching) return message;
    }
  }
}
