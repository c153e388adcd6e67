/**
 * Layer: pipeline/coordinator. Calls that wait for the end of a flow.
 *
 * @module
 */
import { PendingCall } from "../../async/pending_call.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { FlowRecord } from "../model/records.ts";
import { DueHeap } from "../scheduler/queues/heap.ts";
import { SmallSet } from "../../zmq/routing/small_set.ts";
import { Alarm } from "./alarm.ts";

/** Calls back once all changes are committed, or cannot be committed any more. */
export type AfterCommit = (then: () => void, otherwise: () => void) => void;

/** A call that waits: resolves with the flow if that has ended. */
type Wait = PendingCall<FlowRecord | undefined>;

/** The waiting calls, by flow. */
export class FlowWaiters {
  readonly #afterCommit: AfterCommit;
  /** By flow: mostly one call, for which a `Set` is too large. */
  readonly #waiting: Map<string, SmallSet<Wait>> = new Map();
  /** One timer for all calls: on Deno a timer for each took 4 µs of the 75 that a job took. */
  readonly #due: DueHeap<Wait> = new DueHeap();
  readonly #alarm: Alarm = new Alarm(
    () => performance.now(),
    () => this.#endDue(),
  );
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
  ended(flow: FlowRecord): void {
    const waiting = this.#waiting.get(flow.id);
    if (waiting === undefined) return;
    this.#waiting.delete(flow.id);
    this.#afterCommit(
      () => waiting.forEach((call) => call.resolve({ ...flow })),
      () => waiting.forEach(giveUp),
    );
  }

  /** Resolves all waiting calls. */
  stop(): void {
    for (const waiting of [...this.#waiting.values()]) {
      waiting.values().forEach(giveUp);
    }
  }

  /**
   * Waits until a flow has ended, the time is over, or the signal is aborted.
   *
   * @returns The flow, if it has ended and that is committed.
   */
  wait(
    flowId: string,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<FlowRecord | undefined> {
    if (signal?.aborted) return Promise.resolve(undefined);
    const call: Wait = new PendingCall({
      signal,
      onAbort: giveUp,
      onSettled: (call) => {
        this.#size--;
        if (due !== undefined) this.#due.remove(due);
        if (this.#due.size === 0) this.#alarm.set(Infinity);
        const waiting = this.#waiting.get(flowId);
        waiting?.delete(call);
        if (waiting?.isEmpty) this.#waiting.delete(flowId);
      },
    });
    let waiting = this.#waiting.get(flowId);
    if (waiting === undefined) {
      this.#waiting.set(flowId, waiting = new SmallSet());
    }
    waiting.add(call);
    this.#size++;
    const due = waitMs === Infinity
      ? undefined
      : this.#due.add(performance.now() + waitMs, call);
    if (due !== undefined) this.#alarm.setEarlier(due.at);
    return call.promise;
  }

  /** Ends the calls whose time is over. */
  #endDue(): void {
    const now = performance.now();
    for (let call; (call = this.#due.take(now));) giveUp(call);
    this.#alarm.set(this.#due.nextAt ?? Infinity);
  }
}

function giveUp(call: Wait): void {
  call.resolve(undefined);
}
