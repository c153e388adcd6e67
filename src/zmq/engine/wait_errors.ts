/**
 * Layer: engine. The errors of calls on a socket that time out or cannot wait.
 *
 * @module
 */
import type { WaitErrors } from "../../async/wait_queue.ts";
import { ZmqError } from "../errors.ts";

/** Why a call may have failed. */
export interface WaitReasons {
  /** The connection that failed last. */
  readonly failures: { readonly last: Error | undefined };
  /** What routes the messages of the socket. */
  readonly pattern: StateErrors;
}

/** Why the state of a socket does not allow a call now; `undefined` if it does. */
interface StateErrors {
  readonly sendStateError: string | undefined;
  readonly receiveStateError: string | undefined;
}

/** The errors of one kind of call. If a connection failed last, its error is the `cause`. */
export class SocketWaitErrors implements WaitErrors {
  readonly #what: string;
  readonly #reasons: WaitReasons | undefined;

  /**
   * @param what What the calls do, for messages: `"send"`.
   * @param reasons Those of the socket, for calls that send or receive.
   */
  constructor(what: string, reasons?: WaitReasons) {
    this.#what = what;
    this.#reasons = reasons;
  }

  /** `EAGAIN`; `EFSM` if the state of the socket does not allow the call. */
  timedOut(timeoutMs: number): ZmqError {
    const when = timeoutMs === 0 ? "now" : `within ${timeoutMs} ms`;
    return this.#failed(`Cannot ${this.#what} ${when}`);
  }

  /** `EAGAIN`. */
  full(limit: number): ZmqError {
    return new ZmqError(
      "EAGAIN",
      `${limit} calls already wait to ${this.#what}`,
    );
  }

  /** As after a timeout, because the socket was closed. */
  closed(): ZmqError {
    return this.#failed("The socket was closed");
  }

  #failed(text: string): ZmqError {
    const pattern = this.#reasons?.pattern;
    const state = this.#what === "send"
      ? pattern?.sendStateError
      : pattern?.receiveStateError;
    if (state !== undefined) return new ZmqError("EFSM", `${text}: ${state}`);
    const cause = this.#reasons?.failures.last;
    const reason = cause === undefined ? "" : `; last error: ${cause.message}`;
    return new ZmqError("EAGAIN", `${text}${reason}`, { cause });
  }
}
