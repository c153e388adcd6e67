/**
 * Layer: sockets. XPUB (RFC 29): publishes, and tells the application who
 * subscribes to what.
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
import { bytesKey, copyOf } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import { type Message, subscriptionFrame, toFrame } from "../message.ts";
import type {
  MatchOptions,
  OptionValues,
  PublishModes,
  ReceiveOptions,
  SendOptions,
  VerbosityOptions,
} from "../options/values.ts";
import { allCanWrite, fanOut } from "../routing/fan_out.ts";
import type { Pipe } from "../routing/pipe.ts";
import { Quota } from "../routing/quota.ts";
import { Ring } from "../routing/ring.ts";
import { SubscriptionTrie } from "../routing/subscription_trie.ts";
import { XPUB } from "../types.ts";
import { doInSlices } from "./chores.ts";
import { DuplexSocket } from "./flow.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";
import { SUBSCRIBE, toTopic, UNSUBSCRIBE } from "./topic.ts";

/** The number in libzmq of `verbosity`, when it means cancellations, too. */
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

/** A message for the application, and the peer that it is of. */
interface Told {
  readonly message: Message;
  readonly pipe: Pipe;
}

/**
 * The subscriptions of a peer that has gone. They are forgotten one by one as the
 * application receives that they are over: a message for each would be more than
 * the high-water mark allows, and the peer would choose how many.
 */
interface Departure {
  readonly topics: Iterator<Uint8Array | undefined>;
  readonly pipe: Pipe;
}

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
 * @example With `manual`, the application decides what a subscriber gets
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using xpub = new zmq.XPublisher({ manual: true });
 * await using sub = new zmq.Subscriber();
 * await xpub.bind("tcp://127.0.0.1:*");
 * sub.connect(xpub.lastEndpoint!);
 * sub.subscribe("");
 *
 * await xpub.receive(); // 1: it wants everything
 * xpub.subscribe("public"); // and gets this
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
   * With the option `manual`: from now on, the peer of the event that was
   * received last gets the messages of these topics, whatever it asked for;
   * without a topic, all messages.
   *
   * @returns Whether that peer is still there.
   * @throws {ZmqError} `EINVAL` without the option `manual`.
   */
  subscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#pattern.decide(topics, true);
  }

  /**
   * With the option `manual`: the peer of the event that was received last no
   * longer gets the messages of these topics. A subscription that was made for
   * it is counted once, however often it was made.
   *
   * @returns Whether that peer is still there.
   * @throws {ZmqError} `EINVAL` without the option `manual`.
   */
  unsubscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#pattern.decide(topics, false);
  }

  /** Sets an option; with the numbers of libzmq's `ZMQ_SUBSCRIBE` and `ZMQ_UNSUBSCRIBE`, a topic. */
  override setOption(option: string | number, value: unknown): void {
    if (option === SUBSCRIBE) this.subscribe(toTopic(value));
    else if (option === UNSUBSCRIBE) this.unsubscribe(toTopic(value));
    else if (option !== VERBOSER) super.setOption(option, value);
    else super.setOption("verbosity", value === 1 ? "allSubsUnsubs" : value);
  }
}

/** What PUB and XPUB do; only XPUB tells the application. */
export class PublishPattern extends Pattern {
  readonly #options: Readonly<OptionValues>;
  readonly #isTelling: boolean;
  readonly #pipes: Set<Pipe> = new Set();
  readonly #subscriptions: SubscriptionTrie<Pipe> = new SubscriptionTrie();
  /** With `manual`, what each peer has asked for. */
  readonly #asked: Map<Pipe, Map<string, Uint8Array>> = new Map();
  readonly #quota: Quota;
  readonly #events: Ring<Told | Departure> = new Ring();
  /** What `receive` gives next, if that is known already. */
  #next: Told | undefined;
  /** The peer of the event that was received last. */
  #last: Pipe | undefined;
  /** Whether nothing was sent since. */
  #isAnswerDue = false;
  /** Pipes that are not read on until the application has taken its events. */
  readonly #heldUp: Set<Pipe> = new Set();
  #matched: Pipe[] = [];
  #messageId = 0;

  /** @param isTelling Whether the application is told of subscriptions. */
  constructor(options: Readonly<OptionValues>, isTelling: boolean) {
    super();
    this.#options = options;
    this.#quota = new Quota(options);
    this.#isTelling = isTelling;
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
    const { welcomeMessage } = this.#options;
    if (welcomeMessage !== null) pipe.write([copyOf(toFrame(welcomeMessage))]);
    this.readable(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.#heldUp.delete(pipe);
    this.#quota.forget(pipe);
    if (this.#last === pipe) this.#last = undefined;
    const asked = this.#asked.get(pipe);
    this.#asked.delete(pipe);
    if (this.#isTelling && !this.#isManual) {
      if (this.#subscriptions.countOf(pipe) === 0) return;
      const topics = this.#subscriptions.removeAll(pipe, this.#isToBeTold);
      this.#events.push({ topics, pipe });
    } else {
      void doInSlices(this.#subscriptions.removeAll(pipe, () => false));
      if (asked) this.#events.push({ topics: asked.values(), pipe });
    }
  }

  override readable(pipe: Pipe): void {
    for (;;) {
      if (this.#isFull) return void this.#heldUp.add(pipe);
      const m = pipe.read();
      if (m === undefined) return;
      const first = m[0]![0];
      if (m.length > 1 || first === undefined || first > 1) {
        if (this.#isTelling) this.#events.push({ message: m, pipe });
      } else if (first === 1) this.#subscribe(pipe, m[0]!.subarray(1));
      else this.#cancel(pipe, m[0]!.subarray(1));
    }
  }

  override send(message: Message): boolean {
    if (this.#pipes.size === 0) return true;
    const matched = this.#match(message[0]!);
    const isTaken = !this.#options.noDrop || allCanWrite(matched);
    if (isTaken) {
      fanOut(matched, message);
      this.#isAnswerDue = false;
    }
    this.#matched = [];
    return isTaken;
  }

  override receive(): Message | undefined {
    const event = this.#peek();
    if (event !== undefined) {
      this.#next = undefined;
      const isThere = this.#pipes.has(event.pipe) && !event.pipe.isOver;
      this.#last = isThere ? event.pipe : undefined;
      this.#isAnswerDue = this.#last !== undefined;
    }
    // One that is held up again comes last.
    for (const pipe of this.#heldUp) {
      if (this.#isFull) break;
      this.#heldUp.delete(pipe);
      this.readable(pipe);
    }
    return event?.message;
  }

  /** With `manual`: begins or ends subscriptions of the last event's peer. */
  decide(topics: readonly (string | Uint8Array)[], isWanted: boolean): boolean {
    if (!this.#isManual) {
      throw new ZmqError(
        "EINVAL",
        "An XPUB subscribes for its peers only with the option manual",
      );
    }
    const pipe = this.#last;
    if (pipe === undefined) return false;
    for (const topic of topics.length === 0 ? [""] : topics) {
      if (isWanted) this.#subscriptions.add(toTopic(topic), pipe);
      else this.#subscriptions.remove(toTopic(topic), pipe);
    }
    return true;
  }

  override get canSend(): boolean {
    return !this.#options.noDrop || allCanWrite(this.#pipes);
  }

  override get canReceive(): boolean {
    return this.#peek() !== undefined;
  }

  /** The next message for the application. */
  #peek(): Told | undefined {
    while (this.#next === undefined) {
      const first = this.#events.first;
      if (first === undefined) break;
      if ("message" in first) {
        this.#events.shift();
        this.#next = first;
        break;
      }
      const { done, value: topic } = first.topics.next();
      if (done) this.#events.shift();
      else if (topic !== undefined) this.#next = told(0, topic, first.pipe);
    }
    return this.#next;
  }

  /** An application that does not receive its events holds the subscribers up. */
  get #isFull(): boolean {
    const limit = this.#options.receiveHighWaterMark;
    return limit > 0 && this.#events.length >= limit;
  }

  /** Each pipe once, however many of its subscriptions match. */
  #match(topic: Uint8Array): Pipe[] {
    this.#messageId++;
    const only = this.#isAnswerDue && this.#options.manualLastValue
      ? this.#last
      : undefined;
    this.#subscriptions.match(
      topic,
      only === undefined
        ? this.#found
        : (pipe) => pipe === only && this.#found(pipe),
    );
    if (!this.#options.invertMatching) return this.#matched;
    return [...this.#pipes].filter((pipe) =>
      pipe.lastMessageId !== this.#messageId
    );
  }

  readonly #found = (pipe: Pipe): void => {
    if (pipe.lastMessageId === this.#messageId) return;
    pipe.lastMessageId = this.#messageId;
    // One that has gone may still have subscriptions that are to be forgotten.
    if (this.#pipes.has(pipe)) this.#matched.push(pipe);
  };

  get #isManual(): boolean {
    return this.#options.manual || this.#options.manualLastValue;
  }

  #subscribe(pipe: Pipe, topic: Uint8Array): void {
    if (this.#isManual) {
      const asked = this.#asked.get(pipe) ?? new Map();
      const count = asked.size;
      this.#asked.set(pipe, asked.set(bytesKey(topic), topic));
      const isNew = asked.size > count;
      if (isNew && !this.#quota.take(pipe, topic.byteLength)) {
        asked.delete(bytesKey(topic)); // of which nobody was told
        return;
      }
      return this.#tell(1, topic, pipe);
    }
    const count = this.#subscriptions.countOf(pipe);
    const isFirst = this.#subscriptions.add(topic, pipe);
    const isNew = this.#subscriptions.countOf(pipe) > count;
    if (isNew && !this.#quota.take(pipe, topic.byteLength)) {
      this.#subscriptions.remove(topic, pipe);
      return;
    }
    if (isFirst || this.#options.verbosity !== null) this.#tell(1, topic, pipe);
  }

  #cancel(pipe: Pipe, topic: Uint8Array): void {
    if (this.#isManual) {
      const isGone = this.#asked.get(pipe)?.delete(bytesKey(topic)) === true;
      if (isGone) this.#quota.give(pipe, topic.byteLength);
      return this.#tell(0, topic, pipe);
    }
    const count = this.#subscriptions.countOf(pipe);
    const isLast = this.#subscriptions.remove(topic, pipe);
    const isGone = this.#subscriptions.countOf(pipe) < count;
    if (isGone) this.#quota.give(pipe, topic.byteLength);
    if (this.#isToBeTold(isLast)) this.#tell(0, topic, pipe);
  }

  /** Whether the application is told that a subscription is over. */
  readonly #isToBeTold = (isLast: boolean): boolean =>
    isLast || this.#options.verbosity === "allSubsUnsubs";

  #tell(first: 0 | 1, topic: Uint8Array, pipe: Pipe): void {
    if (this.#isTelling) this.#events.push(told(first, topic, pipe));
  }
}

function told(first: 0 | 1, topic: Uint8Array, pipe: Pipe): Told {
  return { message: [subscriptionFrame(first, topic)], pipe };
}
