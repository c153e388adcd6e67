/**
 * Layer: routing. Limits what each peer may make us store, such as
 * subscriptions. No I/O.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Pipe } from "./pipe.ts";

/** The limits of one peer; 0 for none. */
export interface QuotaLimits {
  readonly maxSubscriptions: number;
  readonly maxSubscriptionBytes: number;
}

/** What one peer uses. */
interface Use {
  count: number;
  sizeBytes: number;
}

/** Counts subscriptions and their bytes, and disconnects a peer that exceeds a limit. */
export class SubscriptionQuota {
  readonly #limits: QuotaLimits;
  readonly #uses: Map<Pipe, Use> = new Map();

  /** @param limits Read each time, as they may change. */
  constructor(limits: QuotaLimits) {
    this.#limits = limits;
  }

  /** A peer adds one of `sizeBytes`; returns false if it was disconnected for that. */
  take(pipe: Pipe, sizeBytes: number): boolean {
    const use = this.#uses.get(pipe);
    if (use === undefined) this.#uses.set(pipe, { count: 1, sizeBytes });
    else {
      use.count++;
      use.sizeBytes += sizeBytes;
    }
    // Over inproc the peer is part of this program.
    const error = pipe.isEncoded ? this.#excess(this.#uses.get(pipe)!) : null;
    if (error === null) return true;
    pipe.cut(error);
    return false;
  }

  /** A peer removes one of `sizeBytes`. */
  give(pipe: Pipe, sizeBytes: number): void {
    const use = this.#uses.get(pipe);
    if (use === undefined) return;
    use.count--;
    use.sizeBytes -= sizeBytes;
    if (use.count === 0) this.#uses.delete(pipe);
  }

  /** The peer has disconnected. */
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
