/**
 * Layer: engine. The errors of calls that wait on a socket in vain.
 *
 * @module
 */
import type { WaitErrors } from "../../async/wait_queue.ts";
import { ZmqError } from "../errors.ts";

/** What may be the reason for waiting in vain. */
export interface WaitReasons {
  /** Why it is not the turn of these calls; `undefined` if it is. */
  readonly turn?: () => string | undefined;
  /** The connection that failed last. */
  readonly failures?: { readonly last: Error | undefined };
}

/** The errors of one kind of call. If a connection failed last, its error is the `cause`. */
export class SocketWaitErrors implements WaitErrors {
  readonly #what: string;
  readonly #reasons: WaitReasons;

  /** @param what What the calls do, for messages: `"send"`. */
  constructor(what: string, reasons: WaitReasons = {}) {
    this.#what = what;
    this.#reasons = reasons;
  }

  /** `EAGAIN`; `EFSM` if it is not the turn of these calls. */
  timedOut(timeoutMs: number): ZmqError {
    const when = timeoutMs === 0 ? "now" : `within ${timeoutMs} ms`;
    return this.#inVain(`Cannot ${this.#what} ${when}`);
  }

  /** `EAGAIN`. */
  full(limit: number): ZmqError {
    return new ZmqError(
      "EAGAIN",
      `${limit} calls already wait to ${this.#what}`,
    );
  }

  /** As if the time were over, because the socket is closed. */
  closed(): ZmqError {
    return this.#inVain("The socket was closed");
  }

  #inVain(text: string): ZmqError {
    const turn = this.#reasons.turn?.();
    if (turn !== undefined) return new ZmqError("EFSM", `${text}: ${turn}`);
    const cause = this.#reasons.failures?.last;
    const reason = cause === undefined ? "" : `; last error: ${cause.message}`;
    return new ZmqError("EAGAIN", `${text}${reason}`, { cause });
  }
}
