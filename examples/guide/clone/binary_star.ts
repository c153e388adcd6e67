/**
 * Example: clone. Decides which of two servers is active. There are no sockets
 * and no clock here: times are parameters.
 *
 * - Each server sends its state to the other all the time.
 * - A passive server takes over when the other is silent AND a client sends it a
 *   request. That the client cannot reach the other server either is the second
 *   piece of evidence: a broken link between the servers alone changes nothing.
 * - Taking over begins a new term. If both are active nevertheless, such as after
 *   one was suspended, the one with the older term becomes passive.
 *
 * @module
 */

/** Which of the two it is; the primary becomes active when both start. */
export type Role = "primary" | "backup";

/** The state of a server. */
export type State = "waiting" | "active" | "passive";

/** The state machine of one of two servers. */
export class BinaryStar {
  readonly #role: Role;
  readonly #silentMs: number;
  /** When the other server's state arrived last, or we began to listen. */
  #seenMs: number;
  #state: State = "waiting";
  #term = 0;

  /** @param silentMs After this long without a state, the other server is considered dead. */
  constructor(role: Role, silentMs: number, nowMs: number) {
    this.#role = role;
    this.#silentMs = silentMs;
    this.#seenMs = nowMs;
  }

  /** The state of this server. */
  get state(): State {
    return this.#state;
  }

  /** The current term: how often a server took over, as far as this one knows. */
  get term(): number {
    return this.#term;
  }

  /** The other server has sent its state. */
  receive(state: State, term: number, nowMs: number): void {
    this.#seenMs = nowMs;
    const isPrimary = this.#role === "primary";
    const outranks = this.#state === "active" &&
      (term < this.#term || (term === this.#term && isPrimary));
    this.#term = Math.max(this.#term, term);
    if (state === "active") {
      if (!outranks) this.#state = "passive";
    } else if (this.#state === "passive" && state === "waiting") {
      this.#takeOver(); // the other one was restarted, and has no data
    } else if (this.#state === state && isPrimary) {
      this.#takeOver(); // both are waiting, or both are passive
    }
  }

  /** The connection to the other server is lost. */
  lose(): void {
    this.#seenMs = -Infinity;
  }

  /** A client has sent a request. Returns whether to serve it; this server may take over. */
  ask(nowMs: number): boolean {
    const isAlone = nowMs - this.#seenMs > this.#silentMs;
    const mayTakeOver = this.#state === "passive" ||
      (this.#state === "waiting" && this.#role === "primary");
    if (isAlone && mayTakeOver) this.#takeOver();
    return this.#state === "active";
  }

  #takeOver(): void {
    this.#state = "active";
    this.#term++;
  }
}
