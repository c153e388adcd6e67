/**
 * Layer: pipeline/worker, threads. One thread that handlers run in, from outside: what it
 * is asked, and what its end means for the handlers in it.
 *
 * @module
 */
import type { Worker } from "node:worker_threads";
import { withResolvers } from "../../../async/promises.ts";
import { PipelineError } from "../../model/pipeline_error.ts";
import { messageOf } from "../../model/foreign.ts";
import type { JobMessage } from "../../protocol/messages.ts";
import type { Execution, StopReason } from "../executor.ts";
import type { ReportChannel } from "../job_context.ts";
import { failed, type Outcome } from "../outcome.ts";
import type { FromThread, ThreadData, ToThread } from "./thread_messages.ts";
import { errorFromThread, startThread } from "./thread_start.ts";

/** How a thread has ended. */
export interface ThreadEnd {
  /** Why. */
  readonly error: PipelineError;
  /** Whether it has run a handler. */
  readonly hasWorked: boolean;
}

/** What a thread needs of its worker. */
export interface ThreadOwner {
  /** How long a handler may go on after it was stopped, in milliseconds. */
  readonly killMs: number;
  /** Where what handlers report is sent to. */
  readonly channel: ReportChannel;
  /** The thread can run handlers. */
  ready(): void;
}

/** A call of the handler that has not ended. */
interface Call {
  readonly settle: (outcome: Outcome | undefined) => void;
  /** Ends the thread. */
  timer?: ReturnType<typeof setTimeout>;
}

/** One thread that handlers run in. */
export class HandlerThread {
  /** Resolves when it has ended. */
  readonly ended: Promise<ThreadEnd>;
  readonly #data: ThreadData;
  readonly #owner: ThreadOwner;
  readonly #worker: Worker;
  readonly #calls: Map<number, Call> = new Map();
  #state: "starting" | "ready" | "closing" | "killed" | "ended" = "starting";
  #callCount = 0;
  #error: PipelineError | undefined;

  constructor(data: ThreadData, owner: ThreadOwner) {
    this.#data = data;
    this.#owner = owner;
    this.#worker = startThread(data);
    this.#worker.on("message", (message) => this.#receive(message));
    this.#worker.on("error", (cause) => {
      this.#error ??= this.#errorOf(messageOf(cause), cause);
    });
    const { promise, resolve } = withResolvers<ThreadEnd>();
    this.ended = promise;
    this.#worker.on("exit", (code) => {
      this.#error ??= this.#errorOf(`it exited with the code ${code}`);
      this.#end(this.#error);
      resolve({ error: this.#error, hasWorked: this.#callCount > 0 });
    });
  }

  /** Whether it can run handlers. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** How many handlers run in it. */
  get size(): number {
    return this.#calls.size;
  }

  /** Has it call the handler. */
  execute(
    job: JobMessage,
    deadline: number | undefined,
    traceparent: string | undefined,
  ): Execution {
    const call = this.#callCount++;
    const { promise: outcome, resolve: settle } = withResolvers<
      Outcome | undefined
    >();
    this.#calls.set(call, { settle });
    this.#post({ type: "run", call, job, deadline, traceparent });
    return { outcome, stop: (reason) => this.#stop(call, reason) };
  }

  /** Ends it, once no handler runs in it. */
  async close(): Promise<void> {
    if (this.#state !== "ended") this.#state = "closing";
    if (this.#calls.size === 0) await this.#worker.terminate();
    await this.ended;
  }

  #receive(message: FromThread): void {
    switch (message?.type) {
      case "ready":
        if (this.#state !== "starting") return;
        this.#state = "ready";
        return this.#owner.ready();
      case "unusable": {
        const cause = errorFromThread(message.message, message.stack);
        this.#error ??= this.#errorOf(cause.message, cause);
        return void this.#worker.terminate();
      }
      case "outcome":
        return this.#settle(message.call, message.outcome);
      case "send":
        return void this.#owner.channel.send(message.bytes);
      case "publish":
        return this.#owner.channel.publish(
          message.topic,
          JSON.parse(message.data),
        );
    }
  }

  #settle(call: number, outcome: Outcome | undefined): void {
    const { settle, timer } = this.#calls.get(call) ?? {};
    this.#calls.delete(call);
    clearTimeout(timer);
    settle?.(outcome);
    if (this.#state === "closing" && this.#calls.size === 0) {
      void this.#worker.terminate();
    }
  }

  /** Aborts the handler's signal; if it ignores that, nothing but the end of the thread ends it. */
  #stop(id: number, reason: StopReason): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#post({ type: "stop", call: id, reason });
    call.timer ??= setTimeout(() => {
      this.#state = "killed";
      void this.#worker.terminate();
    }, this.#owner.killMs);
  }

  /** An end that no one has asked for costs every handler in it an attempt: each may be the cause. */
  #end(error: PipelineError): void {
    const outcome = this.#state === "killed" ? undefined : failed(error);
    this.#state = "ended";
    for (const call of [...this.#calls.keys()]) this.#settle(call, outcome);
  }

  #errorOf(reason: string, cause?: unknown): PipelineError {
    const { jobType, module } = this.#data;
    return this.#state === "starting"
      ? new PipelineError(
        "ERR_PIPELINE_MODULE",
        `Cannot load the step "${jobType}" from "${module}" in a thread: ${reason}`,
        { cause },
      )
      : new PipelineError(
        "ERR_PIPELINE_THREAD",
        `The thread of the handler of "${jobType}" has ended: ${reason}`,
        { cause },
      );
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}
