/**
 * Layer: cli. The subscriptions at a publisher, so that a message is not
 * published before there is a subscriber.
 *
 * @module
 */
import { bytesKey } from "../zmq/bytes.ts";
import type { WaitOptions, XPublisher } from "../zmq/mod.ts";

/** The subscriptions at one XPUB; nothing else may receive from it. */
export class Subscribers {
  readonly #socket: XPublisher;
  readonly #topics: Set<string> = new Set();

  constructor(socket: XPublisher) {
    this.#socket = socket;
  }

  /**
   * Waits for a subscription to a message.
   *
   * @param topic The message's first frame.
   * @throws {ZmqError} `EAGAIN` when the time is over.
   */
  async wanted(
    topic: Uint8Array,
    { timeout, signal }: WaitOptions & { readonly timeout: number },
  ): Promise<void> {
    const key = bytesKey(topic);
    const endsAt = performance.now() + timeout;
    for (let event = this.#socket.tryReceive(); event !== undefined;) {
      this.#learn(event[0]!);
      event = this.#socket.tryReceive();
    }
    while (![...this.#topics].some((one) => key.startsWith(one))) {
      const leftMs = Math.max(0, Math.ceil(endsAt - performance.now()));
      const [event] = await this.#socket.receive({ timeout: leftMs, signal });
      this.#learn(event!);
    }
  }

  #learn(event: Uint8Array): void {
    const topic = bytesKey(event.subarray(1));
    if (event[0] === 1) this.#topics.add(topic);
    else this.#topics.delete(topic);
  }
}
