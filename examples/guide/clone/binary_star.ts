/**
 * Example: clone. Which of two servers is in charge. No sockets here, and no
 * clock: times are told.
 *
 * - Both tell each other their state all the time.
 * - A passive server takes over when it does not hear the other AND a client
 *   asks it. That a client cannot reach the other either is the second witness:
 *   a cut between the two servers alone changes nothing.
 * - Who takes over begins a new term. If both are in charge all the same, such as
 *   after one was frozen, the one with the older term steps down.
 *
 * @module
 */

/** Which of the two it is; the primary is in charge when both start. */
export type Role = "primary" | "backup";

/** What a server does. */
export type State = "waiting" | "active" | "passive";

/** The state of one of two servers. */
export class BinaryStar {
  readonly #role: Role;
  readonly #silentMs: number;
  /** When the other was heard last, or we began to listen. */
  #heardMs: number;
  #state: State = "waiting";
  #term = 0;

  /** @param silentMs after so long without a word the other counts as gone */
  constructor(role: Role, silentMs: number, nowMs: number) {
    this.#role = role;
    this.#silentMs = silentMs;
    this.#heardMs = nowMs;
  }

  /** What this server does. */
  get state(): State {
    return this.#state;
  }

  /** How often somebody took over, as far as this server knows. */
  get term(): number {
    return this.#term;
  }

  /** The other one told its state. */
  hear(state: State, term: number, nowMs: number): void {
    this.#heardMs = nowMs;
    const isPrimary = this.#role === "primary";
    const hasRight = this.#state === "active" &&
      (term < this.#term || (term === this.#term && isPrimary));
    this.#term = Math.max(this.#term, term);
    if (state === "active") {
      if (!hasRight) this.#state = "passive";
    } else if (this.#state === "passive" && state === "waiting") {
      this.#takeOver(); // the other one has started again, and knows nothing
    } else if (this.#state === state && isPrimary) {
      this.#takeOver(); // both wait, or both are passive
    }
  }

  /** The connection to the other one is lost. */
  lose(): void {
    this.#heardMs = -Infinity;
  }

  /** A client asks. Tells whether to serve it, which may mean to take over. */
  ask(nowMs: number): boolean {
    const isAlone = nowMs - this.#heardMs > this.#silentMs;
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
