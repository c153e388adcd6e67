/**
 * Layer: pipeline/model. How many jobs of a type may begin in a time: a token
 * bucket, which lets a burst of `max` through and fills evenly.
 *
 * @module
 */

/** At most so many in so long. */
export interface RateLimitOptions {
  /** How many. */
  readonly max: number;
  /** In how many milliseconds. */
  readonly perMs: number;
}

/** A bucket, as it is kept. */
export interface RateLimitState {
  /** How many tokens it had. */
  readonly tokens: number;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** A token bucket. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #tokens: number;
  #at: number;

  /** @param now In milliseconds. */
  constructor(options: RateLimitOptions, now: number) {
    this.#options = options;
    this.#tokens = options.max;
    this.#at = now;
  }

  /** How full it is, to be kept. */
  get state(): RateLimitState {
    return { tokens: this.#tokens, at: this.#at };
  }

  /** Goes on as it was kept; the limit may have become another one. */
  restore({ tokens, at }: RateLimitState): void {
    this.#tokens = Math.min(this.#options.max, tokens);
    this.#at = at;
  }

  /** Takes a token if there is one. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** When there will be a token. */
  nextAt(now: number): number {
    this.#fill(now);
    const { max, perMs } = this.#options;
    const missing = Math.max(0, 1 - this.#tokens);
    return now + Math.ceil(missing * perMs / max);
  }

  #fill(now: number): void {
    const { max, perMs } = this.#options;
    // A clock that was set back gives nothing and takes nothing.
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(max, this.#tokens + passed * max / perMs);
    this.#at = now;
  }
}
