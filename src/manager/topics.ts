/**
 * Layer: manager.
 *
 * The topics that one socket is subscribed to. Those that a program has set
 * stay until it removes them, and count once however often they are set; those
 * of event streams end with the stream. ZeroMQ counts subscriptions, so neither
 * ends the other.
 *
 * @module
 */
import { castBytes } from "../util/mod.ts";
import { bytesKey } from "../zmq/bytes.ts";
import { subscriptionFrame } from "../zmq/message.ts";
import { socketFailure } from "./failures.ts";
import type { MessageIO } from "./message_io.ts";
import { canSend, hasTopics } from "./socket_types.ts";

/** A topic, as text or bytes. */
export type Topic = string | Uint8Array;

/** The subscriptions of one socket. */
export class Topics {
  readonly #messages: MessageIO;
  readonly #added: Set<string> = new Set();

  constructor(messages: MessageIO) {
    this.#messages = messages;
  }

  /** Whether no topics were added. */
  get isEmpty(): boolean {
    return this.#added.size === 0;
  }

  /** Subscribes to a topic, unless it was added before. */
  add(topic: Topic): void {
    const bytes = castBytes(topic);
    const key = bytesKey(bytes);
    if (this.#added.has(key)) return;
    this.subscribe(bytes);
    this.#added.add(key);
  }

  /** Unsubscribes from a topic that was added. */
  delete(topic: Topic): void {
    const bytes = castBytes(topic);
    if (this.#added.delete(bytesKey(bytes))) this.unsubscribe(bytes);
  }

  /** Adds a subscription; counted. */
  subscribe(topic: Uint8Array): void {
    this.#change(1, topic);
  }

  /** Removes a subscription; counted. */
  unsubscribe(topic: Uint8Array): void {
    if (!this.#messages.socket.closed) this.#change(0, topic);
  }

  #change(first: 0 | 1, topic: Uint8Array): void {
    const { socket, name } = this.#messages;
    if (!hasTopics(socket.type)) throw this.#messages.unable("have topics");
    if (canSend(socket.type)) {
      this.#messages.trySend([subscriptionFrame(first, topic)]);
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
