/**
 * Example `locust`: the statistics of requests, as a worker reports them.
 *
 * @module
 */

/** The requests of one name since the last report. */
export class Stats {
  readonly #name: string;
  readonly #method: string;
  readonly #start = seconds();
  /** How many requests took so many milliseconds: numbers as keys, hence Maps. */
  #times = new Map<number, number>();
  /** How many there were in each second. */
  #perSecond = new Map<number, number>();
  /** All requests, also of former reports. */
  count = 0;

  constructor(method: string, name: string) {
    this.#method = method;
    this.#name = name;
  }

  /** Notes a request. */
  add(elapsedMs: number): void {
    this.count++;
    const { floor, round } = Math;
    increment(this.#times, round(elapsedMs));
    increment(this.#perSecond, floor(seconds()));
  }

  /** What there is since the last call, as the data of a `stats` message. */
  report(): Record<string, unknown> {
    const times = [...this.#times];
    const entry = {
      ...{ name: this.#name, method: this.#method },
      ...{ start_time: this.#start, last_request_timestamp: seconds() },
      num_requests: times.reduce((sum, [, count]) => sum + count, 0),
      ...{ num_none_requests: 0, num_failures: 0, total_content_length: 0 },
      total_response_time: times.reduce((sum, [ms, n]) => sum + ms * n, 0),
      max_response_time: Math.max(0, ...this.#times.keys()),
      min_response_time: times.length === 0
        ? null
        : Math.min(...this.#times.keys()),
      response_times: this.#times,
      num_reqs_per_sec: this.#perSecond,
      num_fail_per_sec: {},
    };
    this.#times = new Map();
    this.#perSecond = new Map();
    const total = { ...entry, name: "Aggregated", method: "" };
    return { stats: [entry], stats_total: total, errors: {} };
  }
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function seconds(): number {
  return Date.now() / 1000;
}
