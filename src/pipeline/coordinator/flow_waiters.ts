/**
 * Layer: pipeline/coordinator. Calls that wait for the end of a flow.
 *
 * @module
 */
import { PendingCall } from "../../async/pending_call.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { FlowRecord } from "../model/records.ts";

/** Calls back once all changes are committed, or cannot be committed any more. */
export type AfterCommit = (then: () => void, otherwise: () => void) => void;

/** The waiting calls, by flow. */
export class FlowWaiters {
  readonly #afterCommit: AfterCommit;
  readonly #waiting: Map<string, Set<PendingCall>> = new Map();
  #size = 0;

  /** @param afterCommit Runs a callback after the next commit. */
  constructor(afterCommit: AfterCommit) {
    this.#afterCommit = afterCommit;
  }

  /**
   * Makes sure that one more call can wait.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FULL`.
   */
  requireRoom(maxWaiting: number): void {
    if (this.#size < maxWaiting) return;
    throw new PipelineError(
      "ERR_PIPELINE_FULL",
      `${this.#size} requests are waiting for flows already (maxWaiting): retry later, or without wait_ms`,
    );
  }

  /** A flow has stopped running. */
  ended({ id }: FlowRecord): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const notify = () => waiting.forEach((call) => call.resolve());
    this.#afterCommit(notify, notify);
  }

  /** Resolves all waiting calls. */
  stop(): void {
    for (const waiting of [...this.#waiting.values()]) {
      for (const call of waiting) call.resolve();
    }
  }

  /** Resolves when a flow has ended, when the time is over, or when the signal is aborted. */
  wait(
    flowId: string,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const end = (call: PendingCall) => call.resolve();
    const call = new PendingCall({
      timeoutMs: waitMs,
      onTimeout: end,
      signal,
      onAbort: end,
      onSettled: (call) => {
        this.#size--;
        const waiting = this.#waiting.get(flowId);
        waiting?.delete(call);
        if (waiting?.size === 0) this.#waiting.delete(flowId);
      },
    });
    const waiting = this.#waiting.get(flowId) ?? new Set();
    this.#waiting.set(flowId, waiting.add(call));
    this.#size++;
    return call.promise;
  }
}
