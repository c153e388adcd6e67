/**
 * Layer: sockets. The peers of a PUB or an XPUB, and which of them a message
 * is for.
 *
 * @module
 */
import type { Pipe } from "../routing/pipe.ts";
import { SubscriptionTrie } from "../routing/subscription_trie.ts";

/** Finds the subscribers of a message. */
export class SubscriberIndex {
  /** All peers, whatever they have subscribed to. */
  readonly pipes: Set<Pipe> = new Set();
  readonly subscriptions: SubscriptionTrie<Pipe> = new SubscriptionTrie();
  #matched: Pipe[] = [];
  #messageId = 0;

  /**
   * The peers with a subscription that matches, each once, however many of its
   * subscriptions do.
   *
   * @param only If given, no other peer.
   */
  matching(topic: Uint8Array, only?: Pipe): Pipe[] {
    this.#find(topic, only);
    const matched = this.#matched;
    this.#matched = [];
    return matched;
  }

  /** The peers with no subscription that matches. */
  notMatching(topic: Uint8Array, only?: Pipe): Pipe[] {
    this.#find(topic, only);
    this.#matched = [];
    const id = this.#messageId;
    return [...this.pipes].filter((pipe) => pipe.lastMessageId !== id);
  }

  #find(topic: Uint8Array, only: Pipe | undefined): void {
    this.#messageId++;
    this.subscriptions.match(
      topic,
      only === undefined
        ? this.#select
        : (pipe) => pipe === only && this.#select(pipe),
    );
  }

  readonly #select = (pipe: Pipe): void => {
    if (pipe.lastMessageId === this.#messageId) return;
    pipe.lastMessageId = this.#messageId;
    // A disconnected peer may still have subscriptions that are to be removed.
    if (this.pipes.has(pipe)) this.#matched.push(pipe);
  };
}
