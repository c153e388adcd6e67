/**
 * Layer: sockets. What an XPUB has to report to the application: messages and
 * subscriptions of its peers, in the order in which they arrived.
 *
 * @module
 */
import { type Message, subscriptionFrame } from "../message.ts";
import type { Pipe } from "../routing/pipe.ts";
import { Ring } from "../routing/ring.ts";
import type { RemovedTopics } from "./subscription_policy.ts";

/** A message for the application, and the peer that it comes from. */
export interface SubscriptionEvent {
  readonly message: Message;
  readonly pipe: Pipe;
}

/**
 * The subscriptions of a disconnected peer. They are removed one by one as the
 * application receives their cancellations: a message for each would exceed the
 * high-water mark, and the peer would choose by how much.
 */
interface Departure {
  readonly topics: RemovedTopics;
  readonly pipe: Pipe;
}

/** The events that the application has not received yet. */
export class SubscriptionEvents {
  readonly #queue: Ring<SubscriptionEvent | Departure> = new Ring();
  /** The next event, once it is known. */
  #next: SubscriptionEvent | undefined;

  /** How many wait; a disconnected peer counts as one. */
  get length(): number {
    return this.#queue.length;
  }

  /** A peer has sent a message. */
  addMessage(message: Message, pipe: Pipe): void {
    this.#queue.push({ message, pipe });
  }

  /** A peer has subscribed (1) or cancelled a subscription (0). */
  addSubscription(first: 0 | 1, topic: Uint8Array, pipe: Pipe): void {
    this.#queue.push(eventOf(first, topic, pipe));
  }

  /** A peer has disconnected. */
  addDeparture(topics: RemovedTopics, pipe: Pipe): void {
    this.#queue.push({ topics, pipe });
  }

  /** The next event, without taking it. */
  peek(): SubscriptionEvent | undefined {
    while (this.#next === undefined) {
      const first = this.#queue.first;
      if (first === undefined) break;
      if ("message" in first) {
        this.#queue.shift();
        this.#next = first;
        break;
      }
      const { done, value: topic } = first.topics.next();
      if (done) this.#queue.shift();
      else if (topic !== undefined) this.#next = eventOf(0, topic, first.pipe);
    }
    return this.#next;
  }

  /** Takes the next event. */
  take(): SubscriptionEvent | undefined {
    const event = this.peek();
    this.#next = undefined;
    return event;
  }
}

function eventOf(
  first: 0 | 1,
  topic: Uint8Array,
  pipe: Pipe,
): SubscriptionEvent {
  return { message: [subscriptionFrame(first, topic)], pipe };
}
