/**
 * Layer: v5. Delivers what a socket receives as events, unless it is paused.
 *
 * @module
 */
import { type Resolvers, withResolvers } from "../../async/promises.ts";
import type { Message } from "../message.ts";
import { POLLIN } from "../types.ts";
import { throwLater } from "./socket_error.ts";
import type { Inner } from "./inner.ts";
import type { Life } from "./life.ts";

/** Options to wait for messages without keeping the process alive. */
const IDLE = { timeout: -1, keepAlive: false } as const;

/** Delivers the messages of one socket. */
export class MessagePump {
  readonly #inner: Inner;
  readonly #life: Life;
  readonly #deliver: (message: Message) => void;
  #paused: Resolvers<void> | undefined;

  /** @param deliver Called with each message; what it throws is an uncaught exception. */
  constructor(inner: Inner, life: Life, deliver: (message: Message) => void) {
    this.#inner = inner;
    this.#life = life;
    this.#deliver = deliver;
    if (inner.tryReceive === undefined) return;
    // Nothing is delivered in the tick in which the socket was created, as its
    // listeners have still to be added.
    setImmediate(() => void this.#run());
  }

  /** Delivers nothing until `resume`. */
  pause(): void {
    this.#paused ??= withResolvers();
  }

  /** Continues to deliver. */
  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** The next message, if there is one; for a paused socket. */
  read(): Message | null {
    if (this.#life.isClosed || !this.#inner.readable) return null;
    return this.#inner.tryReceive?.() ?? null;
  }

  async #run(): Promise<void> {
    const inner = this.#inner;
    const { scheduler } = inner.context;
    while (!this.#life.isClosed) {
      if (this.#paused !== undefined) {
        await this.#paused.promise;
        continue;
      }
      const message = this.read();
      if (message === null) {
        if (!await isReadable(inner)) return;
        continue;
      }
      try {
        this.#deliver(message);
      } catch (error) {
        throwLater(error);
        await scheduler.nextTick();
      }
      if (scheduler.shouldYield()) await scheduler.nextTick();
    }
  }
}

/** Waits until a message can be received; false once the socket is closed. */
function isReadable(inner: Inner): Promise<boolean> {
  return inner.poll(POLLIN, IDLE).then(() => true, () => false);
}
