/**
 * Layer: pipeline/worker. Calls handlers in this thread. A handler that ignores
 * its signal cannot be ended.
 *
 * @module
 */
import { requireJson } from "../protocol/json.ts";
import type { JobMessage } from "../protocol/messages.ts";
import type { Attempt } from "../telemetry/attempts.ts";
import {
  errorOfStop,
  type Execution,
  type Executor,
  type StopReason,
} from "./executor.ts";
import { failed, type Outcome } from "./outcome.ts";
import type { AnyStep, JobContext } from "./types.ts";

/** Creates the context that a handler gets. */
export type ContextOf = (
  job: JobMessage,
  signal: () => AbortSignal,
  deadline: number | undefined,
) => JobContext;

/** Calls handlers in this thread. */
export class LocalExecutor implements Executor {
  readonly capacity: number;
  readonly #step: AnyStep;
  readonly #contextOf: ContextOf;

  /** @param capacity How many handlers may run at a time. */
  constructor(step: AnyStep, contextOf: ContextOf, capacity: number) {
    this.#step = step;
    this.#contextOf = contextOf;
    this.capacity = capacity;
  }

  /** As many as may run at all. */
  get places(): number {
    return this.capacity;
  }

  /** It is not shared. */
  get hasRoom(): boolean {
    return true;
  }

  /** It is ready. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Calls the handler. */
  execute(
    job: JobMessage,
    deadline: number | undefined,
    attempt?: Pick<Attempt, "run">,
  ): Execution {
    const stop = new LateSignal();
    const context = this.#contextOf(job, () => stop.signal, deadline);
    const call = () => callHandler(this.#step, job, context);
    return {
      outcome: attempt === undefined ? call() : attempt.run(call),
      stop: (reason) => stop.abort(reason),
    };
  }

  /** Nothing has to be ended. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A signal that is made when it is asked for: most handlers never look at it. */
class LateSignal {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: StopReason): void {
    this.#reason ??= errorOfStop(reason);
    this.#controller?.abort(this.#reason);
  }
}

/** Never rejects. */
async function callHandler(
  step: AnyStep,
  { payload }: JobMessage,
  context: JobContext,
): Promise<Outcome> {
  try {
    const result = await step.handler(payload as never, context);
    return { type: "success", result: requireJson("The result", result) };
  } catch (error) {
    return failed(error);
  }
}
