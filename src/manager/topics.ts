/**
 * Layer: manager.
 *
 * The topics that one socket is subscribed to. Some are kept until they are
 * dropped, each once, however often they are asked for; others are borrowed by
 * whoever iterates over events. ZeroMQ counts, so neither ends the other.
 *
 * @module
 */
import { castBytes } from "../util/mod.ts";
import { bytesKey } from "../zmq/bytes.ts";
import { subscriptionFrame } from "../zmq/message.ts";
import type { Channel } from "./channel.ts";
import { socketFailure } from "./failures.ts";
import { canSend, hasTopics } from "./socket_types.ts";

/** A topic as a user gives it. */
export type Topic = string | Uint8Array;

/** The subscriptions of one socket. */
export class Topics {
  readonly #channel: Channel;
  readonly #kept: Set<string> = new Set();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Whether the socket has no topics that were kept. */
  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  /** Subscribes, unless that was done before. */
  keep(topic: Topic): void {
    const bytes = castBytes(topic);
    const key = bytesKey(bytes);
    if (this.#kept.has(key)) return;
    this.borrow(bytes);
    this.#kept.add(key);
  }

  /** Takes back what {@linkcode keep} has done. */
  drop(topic: Topic): void {
    const bytes = castBytes(topic);
    if (this.#kept.delete(bytesKey(bytes))) this.giveBack(bytes);
  }

  /** Adds a subscription. */
  borrow(topic: Uint8Array): void {
    this.#change(1, topic);
  }

  /** Takes one away. */
  giveBack(topic: Uint8Array): void {
    if (!this.#channel.socket.closed) this.#change(0, topic);
  }

  #change(first: 0 | 1, topic: Uint8Array): void {
    const { socket, name } = this.#channel;
    if (!hasTopics(socket.type)) throw this.#channel.unable("have topics");
    if (canSend(socket.type)) {
      this.#channel.trySend([subscriptionFrame(first, topic)]);
      return;
    }
    try {
      if (first === 1) socket.subscribe!(topic);
      else socket.unsubscribe!(topic);
    } catch (error) {
      throw socketFailure("Cannot change the topics of", name, error);
    }
  }
}
