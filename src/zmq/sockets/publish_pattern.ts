/**
 * Layer: sockets. The pattern of PUB and XPUB (RFC 29): sends each message to
 * the peers whose subscriptions match. Only XPUB reports these subscriptions to
 * the application.
 *
 * @module
 */
import { copyOf } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import { type Message, toFrame } from "../message.ts";
import type { OptionValues } from "../options/values.ts";
import { allCanWrite, FanOut } from "../routing/fan_out.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriptionQuota } from "../routing/subscription_quota.ts";
import { SlicedWork } from "./sliced_work.ts";
import { Pattern } from "./pattern.ts";
import { SubscriberIndex } from "./subscriber_index.ts";
import { SubscriptionEvents } from "./subscription_events.ts";
import {
  ManualPolicy,
  ReportingPolicy,
  SilentPolicy,
  type SubscriptionPolicy,
} from "./subscription_policy.ts";
import { toTopic } from "./topic.ts";

/** Publishes to subscribers. */
export class PublishPattern extends Pattern {
  readonly #options: Readonly<OptionValues>;
  readonly #isReporting: boolean;
  readonly #index = new SubscriberIndex();
  readonly #fanOut = new FanOut();
  readonly #quota: SubscriptionQuota;
  readonly #automatic: SubscriptionPolicy;
  readonly #manual: ManualPolicy;
  readonly #events = new SubscriptionEvents();
  readonly #removals = new SlicedWork();
  /** The peer of the event that was received last, while it is connected. */
  #lastPeer: Pipe | undefined;
  /** The same, until a message is sent. */
  #unansweredPeer: Pipe | undefined;
  /** Pipes that are not read until the application has received its events. */
  readonly #blocked: Set<Pipe> = new Set();

  /** @param isReporting Whether subscriptions are reported to the application: an XPUB. */
  constructor(options: Readonly<OptionValues>, isReporting: boolean) {
    super();
    const { subscriptions } = this.#index;
    const quota = new SubscriptionQuota(options);
    this.#options = options;
    this.#quota = quota;
    this.#isReporting = isReporting;
    const removals = this.#removals;
    this.#manual = new ManualPolicy(subscriptions, quota, removals);
    this.#automatic = isReporting
      ? new ReportingPolicy(subscriptions, quota, removals, options)
      : new SilentPolicy(subscriptions, quota, removals);
  }

  attach(pipe: Pipe): void {
    this.#index.attach(pipe);
    this.#fanOut.attach(pipe);
    const { welcomeMessage } = this.#options;
    if (welcomeMessage !== null) pipe.write([copyOf(toFrame(welcomeMessage))]);
    this.readable(pipe);
  }

  detach(pipe: Pipe): void {
    this.#index.detach(pipe);
    this.#blocked.delete(pipe);
    this.#quota.forget(pipe);
    if (this.#lastPeer === pipe) this.#lastPeer = undefined;
    if (this.#unansweredPeer === pipe) this.#unansweredPeer = undefined;
    const topics = this.#policy.remove(pipe);
    this.#manual.forget(pipe);
    if (topics !== undefined) this.#events.addDeparture(topics, pipe);
  }

  override stop(): Promise<void> {
    return this.#removals.stop();
  }

  override readable(pipe: Pipe): void {
    for (;;) {
      if (this.#isFull) return void this.#blocked.add(pipe);
      const message = pipe.read();
      if (message === undefined) return;
      const [frame] = message as [Uint8Array];
      const first = frame[0];
      if (message.length > 1 || first === undefined || first > 1) {
        if (this.#isReporting) this.#events.addMessage(message, pipe);
        continue;
      }
      const topic = frame.subarray(1);
      const isReported = first === 1
        ? this.#policy.subscribe(pipe, topic)
        : this.#policy.cancel(pipe, topic);
      if (isReported) {
        this.#events.addSubscription(first as 0 | 1, topic, pipe);
      }
    }
  }

  override send(message: Message): boolean {
    if (this.#index.pipes.size === 0) return true;
    const peers = this.#peersFor(message[0]!);
    if (this.#options.noDrop && !this.#haveRoom(peers)) return false;
    this.#fanOut.send(peers, message);
    this.#unansweredPeer = undefined;
    return true;
  }

  override receive(): Message | undefined {
    const event = this.#events.take();
    if (event !== undefined) {
      const { pipe } = event;
      const isConnected = this.#index.pipes.has(pipe) && !pipe.isOver;
      this.#lastPeer = this.#unansweredPeer = isConnected ? pipe : undefined;
    }
    // A pipe that is blocked again goes to the end of the set.
    for (const pipe of this.#blocked) {
      if (this.#isFull) break;
      this.#blocked.delete(pipe);
      this.readable(pipe);
    }
    return event?.message;
  }

  /**
   * With `manual`: adds or removes subscriptions of the last event's peer.
   *
   * @returns Whether that peer is still connected.
   * @throws {ZmqError} `EINVAL` without the option `manual`.
   */
  setSubscriptions(
    topics: readonly (string | Uint8Array)[],
    isSubscribed: boolean,
  ): boolean {
    if (this.#policy !== this.#manual) {
      throw new ZmqError(
        "EINVAL",
        "An XPUB needs the option manual to subscribe on behalf of its peers",
      );
    }
    const pipe = this.#lastPeer;
    if (pipe === undefined) return false;
    const { subscriptions } = this.#index;
    for (const topic of topics.length === 0 ? [""] : topics) {
      if (isSubscribed) subscriptions.add(toTopic(topic), pipe);
      else subscriptions.remove(toTopic(topic), pipe);
    }
    return true;
  }

  override get canSend(): boolean {
    return !this.#options.noDrop || this.#haveRoom(this.#index.pipes);
  }

  override get canReceive(): boolean {
    return this.#events.peek() !== undefined;
  }

  /** The policy that the options ask for, which may change at any time. */
  get #policy(): SubscriptionPolicy {
    const { manual, manualLastValue } = this.#options;
    return manual || manualLastValue ? this.#manual : this.#automatic;
  }

  /** Whether no further event is accepted: an application that does not receive its events blocks the subscribers. */
  get #isFull(): boolean {
    const limit = this.#options.receiveHighWaterMark;
    return limit > 0 && this.#events.length >= limit;
  }

  /** Whether all of these have room for one more message. */
  #haveRoom(pipes: Iterable<Pipe>): boolean {
    this.#fanOut.flush();
    return allCanWrite(pipes);
  }

  #peersFor(topic: Uint8Array): readonly Pipe[] {
    const { manualLastValue, invertMatching } = this.#options;
    const only = manualLastValue ? this.#unansweredPeer : undefined;
    const all = this.#index.matching(topic);
    const matching = only === undefined
      ? all
      : all.filter((pipe) => pipe === only);
    return invertMatching ? this.#index.without(matching) : matching;
  }
}
