/**
 * Layer: routing. How much of what peers make us keep, such as subscriptions,
 * each of them may have. No I/O.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Pipe } from "./pipe.ts";

/** The most of one peer; 0 for any number. */
export interface QuotaLimits {
  readonly maxSubscriptions: number;
  readonly maxSubscriptionBytes: number;
}

/** What each peer has. */
interface Use {
  count: number;
  sizeBytes: number;
}

/** Counts subscriptions and their bytes, and cuts off a peer that passes a limit. */
export class Quota {
  readonly #limits: QuotaLimits;
  readonly #uses: Map<Pipe, Use> = new Map();

  /** @param limits As they are at any time. */
  constructor(limits: QuotaLimits) {
    this.#limits = limits;
  }

  /** A peer has one more of so many bytes; false if it was cut off for that. */
  take(pipe: Pipe, sizeBytes: number): boolean {
    const use = this.#uses.get(pipe);
    if (use === undefined) this.#uses.set(pipe, { count: 1, sizeBytes });
    else {
      use.count++;
      use.sizeBytes += sizeBytes;
    }
    // Over inproc the peer is this program.
    const error = pipe.isEncoded ? this.#excess(this.#uses.get(pipe)!) : null;
    if (error === null) return true;
    pipe.cut(error);
    return false;
  }

  /** A peer has one less of so many bytes. */
  give(pipe: Pipe, sizeBytes: number): void {
    const use = this.#uses.get(pipe);
    if (use === undefined) return;
    use.count--;
    use.sizeBytes -= sizeBytes;
    if (use.count === 0) this.#uses.delete(pipe);
  }

  /** The peer has gone. */
  forget(pipe: Pipe): void {
    this.#uses.delete(pipe);
  }

  #excess({ count, sizeBytes }: Use): Error | null {
    const { maxSubscriptions, maxSubscriptionBytes } = this.#limits;
    const [what, option] = maxSubscriptions > 0 && count > maxSubscriptions
      ? [`${maxSubscriptions} subscriptions`, "maxSubscriptions"]
      : maxSubscriptionBytes > 0 && sizeBytes > maxSubscriptionBytes
      ? [
        `${maxSubscriptionBytes} bytes of subscriptions`,
        "maxSubscriptionBytes",
      ]
      : [];
    if (what === undefined) return null;
    return new ZmqError(
      "ENOBUFS",
      `The peer was disconnected: it has more than ${what} (option ${option})`,
    );
  }
}
