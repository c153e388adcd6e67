/**
 * Layer: pipeline/worker, threads. Calls handlers in threads. A thread that ends is
 * replaced: at once if it has run a handler, with pauses if it ends by itself.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { PipelineError } from "../../model/pipeline_error.ts";
import type { JobMessage } from "../../protocol/messages.ts";
import type { Attempt } from "../../telemetry/attempts.ts";
import type { Execution, Executor } from "../executor.ts";
import { HandlerThread } from "./handler_thread.ts";
import type { ReportChannel } from "../job_context.ts";
import type { ThreadData } from "./thread_messages.ts";

/** The pause after a thread that has run no handler, at first and at most, in milliseconds. */
const PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;

/** How handlers run in threads. */
export interface ThreadOptions {
  /** How many threads. */
  readonly threads: number;
  /** How many handlers may run in each at a time. */
  readonly concurrency: number;
  /** How long a handler may go on after it was stopped, in milliseconds. */
  readonly killMs: number;
}

/** What threads report to their worker. */
export interface ThreadsOwner {
  /** Where what handlers report is sent to. */
  readonly channel: ReportChannel;
  /** There are more places, or fewer. */
  placesChanged(): void;
  /** Threads end by themselves; not called again before one has started. */
  failing(error: PipelineError): void;
}

/** Calls handlers in threads. */
export class ThreadExecutor implements Executor {
  readonly #data: ThreadData;
  readonly #options: ThreadOptions;
  readonly #owner: ThreadsOwner;
  readonly #threads: Set<HandlerThread> = new Set();
  readonly #closing = new AbortController();
  /** Until a thread has started, `start` says what is wrong. */
  #isFailing = true;

  constructor(data: ThreadData, options: ThreadOptions, owner: ThreadsOwner) {
    this.#data = data;
    this.#options = options;
    this.#owner = owner;
  }

  /** How many handlers can run at a time. */
  get capacity(): number {
    return this.#options.threads * this.#options.concurrency;
  }

  /** The same, in the threads that have started. */
  get places(): number {
    const ready = [...this.#threads].filter(({ isReady }) => isReady);
    return ready.length * this.#options.concurrency;
  }

  /** It is not shared, or by others that know it. */
  get hasRoom(): boolean {
    return true;
  }

  /**
   * Starts the threads.
   *
   * @throws {PipelineError} `ERR_PIPELINE_MODULE` if one cannot load the step.
   */
  async start(): Promise<void> {
    const { threads } = this.#options;
    try {
      await Promise.all(Array.from({ length: threads }, () => this.#keep()));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Calls the handler in the thread with the fewest. */
  execute(
    job: JobMessage,
    deadline: number | undefined,
    attempt: Attempt | undefined,
  ): Execution {
    const [thread] = [...this.#threads].filter(({ isReady }) => isReady)
      .sort((a, b) => a.size - b.size);
    const traceparent = attempt?.traceparent ?? job.traceparent;
    return thread!.execute(job, deadline, traceparent);
  }

  /** Ends the threads, each once its handlers have ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#threads].map((thread) => thread.close()));
  }

  /** Keeps one thread running, until the end; resolves once it runs for the first time. */
  #keep(): Promise<void> {
    return new Promise((resolve, reject) => {
      const ready = () => {
        resolve();
        this.#isFailing = false;
        this.#owner.placesChanged();
      };
      void this.#replace(ready, reject);
    });
  }

  async #replace(
    ready: () => void,
    failed: (error: PipelineError) => void,
  ): Promise<void> {
    const { channel } = this.#owner;
    const { killMs } = this.#options;
    const { signal } = this.#closing;
    let pauseMs = PAUSE_MS;
    while (!signal.aborted) {
      const thread = new HandlerThread(this.#data, { killMs, channel, ready });
      this.#threads.add(thread);
      const { error, hasWorked } = await thread.ended;
      this.#threads.delete(thread);
      failed(error);
      if (signal.aborted) return;
      this.#owner.placesChanged();
      if (hasWorked) {
        pauseMs = PAUSE_MS;
        continue;
      }
      this.#report(error);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
  }

  #report(error: PipelineError): void {
    if (!this.#isFailing) this.#owner.failing(error);
    this.#isFailing = true;
  }
}
