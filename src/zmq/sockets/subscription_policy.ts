/**
 * Layer: sockets. What a PUB or an XPUB does with the subscriptions of its
 * peers. There are three policies:
 *
 * - a silent one, of PUB, which follows them;
 * - a reporting one, of XPUB, which follows them and reports them to the
 *   application: some or all, by the option `verbosity`;
 * - a manual one, of XPUB with the option `manual`, which only reports them.
 *
 * @module
 */
import { bytesKey } from "../bytes.ts";
import type { VerbosityOptions } from "../options/values.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { SubscriptionQuota } from "../routing/subscription_quota.ts";
import type { SubscriptionTrie } from "../routing/subscription_trie.ts";
import type { SlicedWork } from "./sliced_work.ts";

/** Topics of a disconnected peer, removed as they are read; `undefined` for one that is not reported. */
export type RemovedTopics = Iterator<Uint8Array | undefined>;

/** Handles the subscriptions of peers. */
export interface SubscriptionPolicy {
  /** A peer subscribes to a topic. Returns whether that is reported. */
  subscribe(pipe: Pipe, topic: Uint8Array): boolean;
  /** A peer cancels a subscription. Returns whether that is reported. */
  cancel(pipe: Pipe, topic: Uint8Array): boolean;
  /** A peer has disconnected. Returns the topics to report as cancelled, if there are any. */
  remove(pipe: Pipe): RemovedTopics | undefined;
}

/** Which changes of a topic's subscribers are reported. */
interface Verbosity {
  subscribed(isFirst: boolean): boolean;
  cancelled(isLast: boolean): boolean;
}

const SILENT: Verbosity = { subscribed: () => false, cancelled: () => false };

/** By the option `verbosity`. */
const VERBOSITIES: Readonly<Record<string, Verbosity>> = {
  null: {
    subscribed: (isFirst) => isFirst,
    cancelled: (isLast) => isLast,
  },
  allSubs: {
    subscribed: () => true,
    cancelled: (isLast) => isLast,
  },
  allSubsUnsubs: {
    subscribed: () => true,
    cancelled: () => true,
  },
};

/** Follows the subscriptions of peers, and reports nothing. */
export class SilentPolicy implements SubscriptionPolicy {
  protected readonly subscriptions: SubscriptionTrie<Pipe>;
  readonly #quota: SubscriptionQuota;
  readonly #removals: SlicedWork;

  constructor(
    subscriptions: SubscriptionTrie<Pipe>,
    quota: SubscriptionQuota,
    removals: SlicedWork,
  ) {
    this.subscriptions = subscriptions;
    this.#quota = quota;
    this.#removals = removals;
  }

  /** What is reported now. */
  protected get verbosity(): Verbosity {
    return SILENT;
  }

  subscribe(pipe: Pipe, topic: Uint8Array): boolean {
    const count = this.subscriptions.countOf(pipe);
    const isFirst = this.subscriptions.add(topic, pipe);
    const isNew = this.subscriptions.countOf(pipe) > count;
    if (isNew && !this.#quota.take(pipe, topic.byteLength)) {
      this.subscriptions.remove(topic, pipe);
      return false;
    }
    return this.verbosity.subscribed(isFirst);
  }

  cancel(pipe: Pipe, topic: Uint8Array): boolean {
    const count = this.subscriptions.countOf(pipe);
    const isLast = this.subscriptions.remove(topic, pipe);
    const isGone = this.subscriptions.countOf(pipe) < count;
    if (isGone) this.#quota.give(pipe, topic.byteLength);
    return this.verbosity.cancelled(isLast);
  }

  remove(pipe: Pipe): RemovedTopics | undefined {
    this.#removals.start(this.subscriptions.removeAll(pipe, () => false));
    return undefined;
  }
}

/** Follows the subscriptions of peers, and reports them as the option `verbosity` says. */
export class ReportingPolicy extends SilentPolicy {
  readonly #options: Readonly<VerbosityOptions>;

  constructor(
    subscriptions: SubscriptionTrie<Pipe>,
    quota: SubscriptionQuota,
    removals: SlicedWork,
    options: Readonly<VerbosityOptions>,
  ) {
    super(subscriptions, quota, removals);
    this.#options = options;
  }

  protected override get verbosity(): Verbosity {
    return VERBOSITIES[String(this.#options.verbosity)]!;
  }

  override remove(pipe: Pipe): RemovedTopics | undefined {
    if (this.subscriptions.countOf(pipe) === 0) return undefined;
    return this.subscriptions.removeAll(
      pipe,
      (isLast) => this.verbosity.cancelled(isLast),
    );
  }
}

/** Reports every subscription, and leaves it to the application to follow it. */
export class ManualPolicy implements SubscriptionPolicy {
  readonly #subscriptions: SubscriptionTrie<Pipe>;
  readonly #quota: SubscriptionQuota;
  readonly #removals: SlicedWork;
  /** What each peer has subscribed to, whatever the application has made of it. */
  readonly #requested: Map<Pipe, Map<string, Uint8Array>> = new Map();

  constructor(
    subscriptions: SubscriptionTrie<Pipe>,
    quota: SubscriptionQuota,
    removals: SlicedWork,
  ) {
    this.#subscriptions = subscriptions;
    this.#quota = quota;
    this.#removals = removals;
  }

  subscribe(pipe: Pipe, topic: Uint8Array): boolean {
    const key = bytesKey(topic);
    const topics = this.#requested.get(pipe) ?? new Map();
    const isNew = !topics.has(key);
    this.#requested.set(pipe, topics.set(key, topic));
    if (isNew && !this.#quota.take(pipe, topic.byteLength)) {
      topics.delete(key); // it has not been reported
      return false;
    }
    return true;
  }

  cancel(pipe: Pipe, topic: Uint8Array): boolean {
    const isGone = this.#requested.get(pipe)?.delete(bytesKey(topic)) === true;
    if (isGone) this.#quota.give(pipe, topic.byteLength);
    return true;
  }

  remove(pipe: Pipe): RemovedTopics | undefined {
    const topics = this.#requested.get(pipe);
    this.forget(pipe);
    this.#removals.start(this.#subscriptions.removeAll(pipe, () => false));
    return topics?.values();
  }

  /** A peer has disconnected while this policy was not in use. */
  forget(pipe: Pipe): void {
    this.#requested.delete(pipe);
  }
}
