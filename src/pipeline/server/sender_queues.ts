/**
 * Layer: pipeline/server. Handles messages in the order of each sender. While a
 * very large one is read, in turns, only its sender waits.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import { type Resolvers, withResolvers } from "../../async/promises.ts";
import { bytesKey } from "../../zmq/bytes.ts";
import type { Message } from "../../zmq/mod.ts";
import { Fifo } from "../scheduler/queues/fifo.ts";

/** Handles a message; returns how many messages it counts for. */
type Handler = (message: Message) => number | void | Promise<number | void>;

/** A message that is being read, or waits. */
interface Held {
  readonly message: Message;
  readonly sizeBytes: number;
}

/** What a message takes apart from its bytes. */
const MESSAGE_BYTES = 1024;
/** How many of the messages that have waited are handled in one turn of the event loop. */
const PER_TURN = 64;

/** The messages of a ROUTER that wait for another one of the same sender. */
export class SenderQueues {
  readonly #handler: Handler;
  readonly #mostBytes: number;
  /** By the routing id of the sender; most have none. */
  readonly #queues: Map<string, Fifo<Held>> = new Map();
  /** Those that are being read, and those behind them. */
  #heldBytes = 0;
  #room: Resolvers<void> | undefined;

  /** @param mostBytes How much may be held, before no more messages are taken. */
  constructor(handler: Handler, mostBytes: number) {
    this.#handler = handler;
    this.#mostBytes = mostBytes;
  }

  /** Handles a message now, or after those before it; the promise resolves when there is room for more. */
  handle(message: Message): number | void | Promise<void> {
    const queue = this.#queues.size === 0
      ? undefined
      : this.#queues.get(bytesKey(message[0]!));
    // Before it is handled, which puts the answer into it.
    const held = { message, sizeBytes: sizeOf(message) };
    if (queue !== undefined) queue.push(held);
    else {
      const handled = this.#handler(message);
      if (!(handled instanceof Promise)) return handled;
      void this.#follow(held, handled);
    }
    this.#heldBytes += held.sizeBytes;
    if (this.#heldBytes <= this.#mostBytes) return;
    return (this.#room ??= withResolvers()).promise;
  }

  /** Handles what comes from the same sender meanwhile. */
  async #follow(first: Held, handled: Promise<number | void>): Promise<void> {
    const sender = bytesKey(first.message[0]!);
    const queue: Fifo<Held> = new Fifo();
    this.#queues.set(sender, queue);
    await handled;
    this.#release(first);
    let left = PER_TURN;
    for (let next = queue.shift(); next; next = queue.shift()) {
      left -= await this.#handler(next.message) ?? 1;
      this.#release(next);
      if (left > 0) continue;
      await yieldToEventLoop();
      left = PER_TURN;
    }
    this.#queues.delete(sender);
  }

  #release({ sizeBytes }: Held): void {
    this.#heldBytes -= sizeBytes;
    if (this.#heldBytes > this.#mostBytes) return;
    this.#room?.resolve();
    this.#room = undefined;
  }
}

function sizeOf(message: Message): number {
  return message.reduce(
    (sum, frame) => sum + frame.byteLength,
    MESSAGE_BYTES,
  );
}
