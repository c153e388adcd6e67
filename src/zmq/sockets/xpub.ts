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
import { encodeText } from "../bytes.ts";
import { type Message, subscriptionFrame } from "../message.ts";
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
import { SubscriptionTrie } from "../routing/subscription_trie.ts";
import { XPUB } from "../types.ts";
import { DuplexSocket } from "./flow.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

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
 */
export class XPublisher extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: XPublisherOptions = {}) {
    super(XPUB, options, (values) => new PublishPattern(values, true));
  }
}

/** What PUB and XPUB do; only XPUB tells the application. */
export class PublishPattern extends Pattern {
  readonly #options: Readonly<OptionValues>;
  readonly #isTelling: boolean;
  readonly #pipes: Set<Pipe> = new Set();
  readonly #subscriptions: SubscriptionTrie<Pipe> = new SubscriptionTrie();
  #events: Message[] = [];
  /** Pipes that are not read on until the application has taken its events. */
  readonly #heldUp: Set<Pipe> = new Set();
  #matched: Pipe[] = [];
  #stamp = 0;

  /** @param isTelling Whether the application is told of subscriptions. */
  constructor(options: Readonly<OptionValues>, isTelling: boolean) {
    super();
    this.#options = options;
    this.#isTelling = isTelling;
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
    const { welcomeMessage } = this.#options;
    if (welcomeMessage !== null) pipe.write([encodeText(welcomeMessage)]);
    this.readable(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.#heldUp.delete(pipe);
    for (const topic of this.#subscriptions.removeAll(pipe)) {
      this.#tell(0, topic);
    }
  }

  override readable(pipe: Pipe): void {
    for (;;) {
      if (this.#isFull) return void this.#heldUp.add(pipe);
      const m = pipe.read();
      if (m === undefined) return;
      const first = m[0]![0];
      if (m.length > 1 || first === undefined || first > 1) {
        if (this.#isTelling) this.#events.push(m);
      } else if (first === 1) this.#subscribe(pipe, m[0]!.subarray(1));
      else this.#cancel(pipe, m[0]!.subarray(1));
    }
  }

  override send(message: Message): boolean {
    if (this.#pipes.size === 0) return true;
    const matched = this.#match(message[0]!);
    const isTaken = !this.#options.noDrop || allCanWrite(matched);
    if (isTaken) fanOut(matched, message);
    this.#matched = [];
    return isTaken;
  }

  override receive(): Message | undefined {
    const event = this.#events.shift();
    if (this.#heldUp.size > 0 && !this.#isFull) {
      const pipes = [...this.#heldUp];
      this.#heldUp.clear();
      for (const pipe of pipes) this.readable(pipe);
    }
    return event;
  }

  override get canSend(): boolean {
    return !this.#options.noDrop || allCanWrite(this.#pipes);
  }

  override get canReceive(): boolean {
    return this.#events.length > 0;
  }

  /** An application that does not receive its events holds the subscribers up. */
  get #isFull(): boolean {
    const limit = this.#options.receiveHighWaterMark;
    return limit > 0 && this.#events.length >= limit;
  }

  /** Each pipe once, however many of its subscriptions match. */
  #match(topic: Uint8Array): Pipe[] {
    this.#stamp++;
    this.#subscriptions.match(topic, this.#found);
    if (!this.#options.invertMatching) return this.#matched;
    return [...this.#pipes].filter((pipe) => pipe.stamp !== this.#stamp);
  }

  readonly #found = (pipe: Pipe): void => {
    if (pipe.stamp === this.#stamp) return;
    pipe.stamp = this.#stamp;
    this.#matched.push(pipe);
  };

  #subscribe(pipe: Pipe, topic: Uint8Array): void {
    const isFirst = this.#subscriptions.add(topic, pipe);
    if (isFirst || this.#options.verbosity !== null) this.#tell(1, topic);
  }

  #cancel(pipe: Pipe, topic: Uint8Array): void {
    const isLast = this.#subscriptions.remove(topic, pipe);
    if (isLast || this.#options.verbosity === "allSubsUnsubs") {
      this.#tell(0, topic);
    }
  }

  #tell(first: 0 | 1, topic: Uint8Array): void {
    if (this.#isTelling) this.#events.push([subscriptionFrame(first, topic)]);
  }
}
