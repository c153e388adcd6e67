/**
 * Layer: pipeline/step. A step at work: it joins a pipeline, takes jobs, sends
 * what came of them, and leaves in order.
 *
 * @module
 */
import { Logger, LogHandler } from "../../manager/mod.ts";
import { encodeJson } from "../wire/json.ts";
import {
  type Available,
  type Claim,
  type Down,
  type JobMessage,
  WIRE_VERSION,
} from "../wire/messages.ts";
import { readDown } from "../wire/reader.ts";
import { machine } from "./machine.ts";
import { JobRun, type Outcome } from "./job_run.ts";
import { Outbox } from "./outbox.ts";
import type { RunOptions } from "./run_options.ts";
import type { AnyStep, JobContext, StepRun } from "./types.ts";
import { StepLine } from "./step_line.ts";

/** How often a step announces itself, in milliseconds. */
const BEAT_MS = 1000;
/** A result that is not settled after so many announcements is sent again with each. */
const RESEND_BEATS = 5;
/** How often a handler's progress is sent, at most, in milliseconds. */
const PROGRESS_MS = 100;
/** How long a step that leaves waits for its last results to be settled, in milliseconds. */
const SETTLE_MS = 5000;

/** A step at work. */
class RunningStep implements StepRun {
  /** The worker's id. */
  readonly id: string = crypto.randomUUID();
  /** Resolves once it has left. */
  readonly closed: Promise<void>;
  readonly #step: AnyStep;
  readonly #options: RunOptions;
  readonly #line: StepLine;
  readonly #outbox: Outbox;
  readonly #queue: JobMessage[] = [];
  readonly #runs: Map<string, JobRun> = new Map();
  readonly #abort = new AbortController();
  #unsettledBeats = 0;
  #beat: ReturnType<typeof setInterval> | undefined;
  #isDraining = false;
  #leaving: Promise<void> | undefined;
  #wake: () => void = () => {};
  #markClosed: () => void = () => {};

  /** @internal Use `step.run`. */
  constructor(step: AnyStep, options: RunOptions) {
    this.#step = step;
    this.#options = options;
    this.#line = new StepLine(options);
    this.#outbox = new Outbox((bytes) => this.#line.send(bytes));
    this.closed = new Promise((resolve) => this.#markClosed = resolve);
  }

  /** How many jobs it has. */
  get running(): number {
    return this.#runs.size + this.#queue.length;
  }

  /** Where it takes jobs. */
  get address(): string {
    return this.#line.address;
  }

  /**
   * Takes no new work, finishes what it has within `drainMs`, aborts the rest
   * and gives it back, and leaves.
   */
  drain(): Promise<void> {
    return this.#leaving ??= this.#leave(this.#options.drainMs ?? 25_000);
  }

  /** Aborts what it works on, gives it back, and leaves. */
  close(): Promise<void> {
    return this.#leaving ??= this.#leave(0);
  }

  /** Closes it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Joins the pipeline. */
  async join(): Promise<void> {
    const { signal } = this.#options;
    await this.#line.open();
    signal?.addEventListener("abort", () => void this.drain(), {
      signal: this.#abort.signal,
    });
    this.#announce();
    this.#beat = setInterval(() => this.#onBeat(), BEAT_MS);
    void this.#listen();
  }

  async #listen(): Promise<void> {
    for await (const bytes of this.#line.messages()) {
      try {
        this.#hear(readDown(bytes));
      } catch (error) {
        // A pipeline of a later version may say more than this one knows.
        this.#logger().exception(error);
      }
    }
  }

  #hear(message: Down): void {
    switch (message.type) {
      case "hello":
        return this.#outbox.resend();
      case "settled":
        this.#outbox.settle(message);
        return this.#wake();
      case "drain":
        return void this.drain();
      case "cancel":
        this.#outbox.settle(message);
        return this.#cancel(message);
      case "job":
        if (this.#isDraining) return this.#release(message);
        this.#queue.push(message);
        return this.#work();
    }
  }

  #cancel({ id, attempt }: Claim): void {
    const waiting = this.#queue.findIndex((job) =>
      job.id === id && job.attempt === attempt
    );
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    this.#runs.get(keyOf(id, attempt))?.abort("The job was cancelled");
  }

  /** Begins as many jobs as may run at a time. */
  #work(): void {
    const { concurrency = 1 } = this.#options;
    while (this.#runs.size < concurrency) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      void this.#run(job);
    }
  }

  async #run(job: JobMessage): Promise<void> {
    const key = keyOf(job.id, job.attempt);
    this.#line.publish(`job:started:${topicOf(job)}`, { id: job.id });
    const run = new JobRun(this.#step, job, this.#contextOf(job));
    this.#runs.set(key, run);
    const outcome = await run.outcome;
    if (outcome !== undefined) this.#report(job, outcome);
    await run.ended; // one that ignores its signal still takes its place
    this.#runs.delete(key);
    this.#wake();
    this.#work();
  }

  #report(job: JobMessage, outcome: Outcome): void {
    const { id, attempt } = job;
    const message = { ...outcome, worker: this.id, id, attempt };
    this.#outbox.post(job, encodeJson(message));
    const kind = outcome.type === "success"
      ? "success"
      : outcome.error.retryable
      ? "error"
      : "failed";
    this.#line.publish(`job:${kind}:${topicOf(job)}`, outcome);
  }

  #release({ id, attempt }: Claim): void {
    const message = { type: "release", worker: this.id, id, attempt };
    this.#line.send(encodeJson(message));
  }

  #contextOf(
    job: JobMessage,
  ): Pick<JobContext, "log" | "progress" | "metric"> {
    let toldAt = 0;
    return {
      log: this.#logger(job),
      progress: (part) => {
        if (part < 1 && Date.now() - toldAt < PROGRESS_MS) return;
        toldAt = Date.now();
        const { id, attempt } = job;
        const progress = { type: "progress", worker: this.id, id, attempt };
        this.#line.send(encodeJson({ ...progress, progress: part }));
      },
      metric: (name, value) =>
        this.#line.publish(`metric:${job.job_type}:${name}`, {
          id: job.id,
          value,
        }),
    };
  }

  #logger(job?: JobMessage): Logger {
    const { jobType } = this.#step;
    const handler = new LogHandler({
      name: jobType,
      publish: (_topic, record) => {
        const about = { worker: this.id, job_id: job?.id };
        this.#line.publish(`logs:${jobType}:${record.level}`, {
          ...record,
          ...about,
        });
        return true;
      },
    });
    return new Logger(handler);
  }

  #onBeat(): void {
    this.#announce();
    if (this.#outbox.size === 0) this.#unsettledBeats = 0;
    else if (++this.#unsettledBeats >= RESEND_BEATS) this.#outbox.resend();
  }

  #announce(): void {
    const available = this.#available();
    this.#line.send(encodeJson({ type: "available", ...available }));
    this.#line.publish("available", available);
  }

  #available(): Available {
    const { concurrency = 1, prefetch = 0, name, security } = this.#options;
    const { jobType } = this.#step;
    const running = [
      ...this.#queue,
      ...[...this.#runs.values()].map(({ job }) => job),
    ].map(({ id, attempt }) => ({ id, attempt }));
    return {
      v: WIRE_VERSION,
      id: this.id,
      address: this.#line.address,
      job_type: jobType,
      step_name: name ?? jobType,
      ...machine(),
      concurrency,
      credit: concurrency + prefetch,
      running: [...running, ...this.#outbox.claims],
      draining: this.#isDraining,
      public_key: security?.publicKey,
    };
  }

  async #leave(drainMs: number): Promise<void> {
    this.#isDraining = true;
    for (const job of this.#queue.splice(0)) this.#release(job);
    this.#announce();
    await this.#until(() => this.#runs.size === 0, drainMs);
    for (const run of this.#runs.values()) {
      run.abort("The step is to end");
      this.#release(run.job);
    }
    await this.#until(() => this.#outbox.size === 0, SETTLE_MS);
    clearInterval(this.#beat);
    this.#line.send(encodeJson({ type: "leave", worker: this.id }));
    this.#abort.abort();
    await this.#line.close();
    this.#markClosed();
  }

  /** Waits until something holds that `#wake` may have changed. */
  async #until(holds: () => boolean, withinMs: number): Promise<void> {
    const endsAt = Date.now() + withinMs;
    while (!holds()) {
      const leftMs = endsAt - Date.now();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Runs a step; see {@link RunOptions}. */
export async function runStep(
  step: AnyStep,
  options: RunOptions,
): Promise<StepRun> {
  const running = new RunningStep(step, options);
  await running.join();
  return running;
}

function keyOf(id: string, attempt: number): string {
  return `${id} ${attempt}`;
}

function topicOf({ job_type, id }: JobMessage): string {
  return `${job_type}:${id}`;
}
