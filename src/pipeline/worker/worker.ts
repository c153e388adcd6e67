/**
 * Layer: pipeline/worker. A step at work: it joins a pipeline, takes jobs, sends
 * what came of them, and leaves in order.
 *
 * @module
 */
import { withResolvers } from "../../async/promises.ts";
import { onAbort } from "../../async/abort.ts";
import { MAX_CLAIMS } from "../model/bounds.ts";
import { loadTelemetry } from "../telemetry/opentelemetry.ts";
import { Attempts } from "../telemetry/attempts.ts";
import { encodeJson, spliceJson } from "../protocol/json.ts";
import {
  type Available,
  type Claim,
  type JobMessage,
  type ToWorker,
  WIRE_MINOR,
  WIRE_VERSION,
} from "../protocol/messages.ts";
import { AVAILABLE, toWire } from "../protocol/names.ts";
import { readToWorker } from "../protocol/reader.ts";
import { contextMaker } from "./job_context.ts";
import { bounded, type ContextOf, JobRun, type Outcome } from "./job_run.ts";
import { machine, onTermination } from "./machine.ts";
import { Outbox } from "./outbox.ts";
import { checkRunOptions, type RunOptions } from "./run_options.ts";
import type { AnyStep, StepRun } from "./types.ts";
import { StepLog } from "./step_log.ts";
import { WorkerConnection } from "./worker_connection.ts";
import { Condition } from "../../async/condition.ts";
import { WorkerProof } from "./worker_proof.ts";

/** How often a step announces itself, in milliseconds. */
const BEAT_MS = 1000;
/** A result that is not settled after so many announcements is sent again, each time so many have passed. */
const RESEND_BEATS = 5;
/** How long a step that leaves waits for its last results to be settled, in milliseconds. */
const SETTLE_MS = 5000;

/** A step at work. */
class RunningStep implements StepRun {
  readonly #proof = new WorkerProof();
  /** The worker's id. */
  readonly id: string = this.#proof.id;
  /** Resolves once it has left. */
  readonly closed: Promise<void>;
  readonly #step: AnyStep;
  readonly #options: RunOptions;
  readonly #connection: WorkerConnection;
  readonly #outbox: Outbox;
  readonly #queue: JobMessage[] = [];
  readonly #runs: Map<string, JobRun> = new Map();
  /** The attempts whose handlers go on although their outcome is not wanted any more. */
  readonly #stuck: Set<JobRun> = new Set();
  readonly #log: StepLog;
  readonly #contextOf: ContextOf;
  #attempts: Attempts | undefined;
  #epoch = "";
  #maxPayloadBytes = Infinity;
  #unsettledBeats = 0;
  #beat: ReturnType<typeof setInterval> | undefined;
  #leaving: Promise<void> | undefined;
  #leaveBy = Infinity;
  readonly #changed = new Condition();
  #markClosed: () => void = () => {};
  #forgetSignals: () => void = () => {};

  /** @internal Use `step.run`. */
  constructor(step: AnyStep, options: RunOptions) {
    this.#step = step;
    this.#options = options;
    this.#connection = new WorkerConnection(options, (isLinked) => {
      this.#reportConnection(isLinked);
      if (!isLinked) return this.#changed.notify();
      this.#announce();
      this.#outbox.resend();
    });
    this.#outbox = new Outbox((bytes) => this.#connection.send(bytes));
    this.#log = new StepLog(
      step.jobType,
      this.id,
      (topic, record) => this.#connection.publish(topic, record),
    );
    this.#contextOf = contextMaker(
      this.#proof,
      this.#connection,
      (job) => this.#log.of(job.id),
    );
    ({ promise: this.closed, resolve: this.#markClosed } = withResolvers());
  }

  /** How many jobs it has. */
  get running(): number {
    return this.#runs.size + this.#queue.length;
  }

  /** Where it takes jobs. */
  get address(): string {
    return this.#connection.address;
  }

  /**
   * Takes no new work, finishes what it has within `drainMs`, aborts the rest
   * and gives it back, and leaves.
   */
  drain(): Promise<void> {
    return this.#leaveWithin(this.#options.drainMs ?? 25_000);
  }

  /** Aborts what it works on, gives it back, and leaves. */
  close(): Promise<void> {
    return this.#leaveWithin(0);
  }

  /** Closes it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Joins the pipeline; resolves once that has greeted. */
  async join(): Promise<void> {
    const { signal, drainOnSignals } = this.#options;
    this.#attempts = await loadTelemetry((api) => new Attempts(api));
    await this.#connection.open();
    this.#connection.consume((bytes) => this.#read(bytes))
      .then(() => this.#isDeaf(), (cause) => this.#isDeaf(cause));
    this.#beat = setInterval(
      () => this.#log.guard(() => this.#onBeat()),
      BEAT_MS,
    );
    const drain = () => this.#log.guard(() => this.drain());
    const forget = drainOnSignals === true ? onTermination(drain) : () => {};
    if (signal?.aborted) drain();
    const unlisten = onAbort(signal, drain);
    this.#forgetSignals = () => {
      unlisten();
      forget();
    };
    await this.#changed.until(
      () => this.#epoch !== "" || this.#leaving !== undefined,
      () => Infinity,
    );
    if (signal?.aborted) {
      await this.drain();
      throw signal.reason;
    }
  }

  #reportConnection(isConnected: boolean): void {
    if (this.#leaving !== undefined) return;
    this.#log.guard(() => this.#options.onConnection?.(isConnected));
  }

  /** It would get no more jobs: it leaves, so that others do what it has. */
  #isDeaf(cause?: unknown): void {
    if (this.#leaving !== undefined) return;
    this.#log.deaf(cause);
    this.#log.guard(() => this.close());
  }

  /** A pipeline of a later version may say more than this one knows. */
  #read(bytes: Uint8Array): void {
    this.#log.guard(() => {
      const message = readToWorker(bytes);
      this.#proof.require(message, {
        hasSecrets: this.#connection.hasSecrets,
        isGreeted: this.#epoch !== "",
        jobType: this.#step.jobType,
      });
      return this.#receive(message);
    });
  }

  #receive(message: ToWorker): void {
    switch (message.type) {
      case "hello":
        // Another one, which may not have got what the last one was sent.
        if (this.#epoch !== "" && this.#epoch !== message.epoch) {
          this.#outbox.resend();
        }
        this.#epoch = message.epoch;
        this.#maxPayloadBytes = message.max_payload_bytes ?? Infinity;
        return this.#changed.notify();
      case "settled":
        for (const claim of message.jobs) this.#outbox.settle(claim);
        return this.#changed.notify();
      case "drain":
        return this.#log.guard(() => this.drain());
      case "cancel":
        this.#outbox.settle(message);
        return this.#cancel(message);
      case "job":
        if (this.#leaving !== undefined) return this.#release(message);
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
      this.#log.guard(() => this.#run(job), () => {
        this.#runs.delete(keyOf(job.id, job.attempt));
        this.#release(job);
      });
    }
  }

  async #run(job: JobMessage): Promise<void> {
    const key = keyOf(job.id, job.attempt);
    const attempt = this.#attempts?.begin(job, this.id);
    const run = new JobRun(this.#step, job, this.#contextOf, attempt?.run);
    this.#runs.set(key, run);
    const said = await run.outcome;
    const outcome = said && bounded(said, this.#maxPayloadBytes);
    attempt?.end(run.errorOf(outcome));
    if (!run.hasEnded) {
      // It still occupies its place: announced before the pipeline fills that.
      this.#stuck.add(run);
      this.#announce();
    }
    if (outcome !== undefined) this.#report(job, outcome, attempt?.traceparent);
    await run.ended;
    this.#runs.delete(key);
    if (this.#stuck.delete(run)) this.#announce();
    this.#changed.notify();
    this.#work();
  }

  #report(job: JobMessage, outcome: Outcome, traceparent?: string): void {
    const { id, attempt } = job;
    const head = { type: outcome.type, ...this.#proof.sender, id, attempt };
    const bytes = outcome.type === "success"
      ? spliceJson({ ...head, traceparent }, "result", outcome.result)
      : encodeJson({ ...head, ...outcome });
    this.#outbox.post(job, bytes);
  }

  #release({ id, attempt }: Claim): void {
    const message = { type: "release", ...this.#proof.sender, id, attempt };
    this.#connection.send(encodeJson(message));
  }

  /** How many jobs it wants to have: a place that a stuck handler takes is none. */
  get #credit(): number {
    const { concurrency = 1, prefetch = 0 } = this.#options;
    const free = concurrency - this.#stuck.size;
    return free > 0 ? Math.min(free + prefetch, MAX_CLAIMS) : 0;
  }

  /** Jobs that would wait for a stuck handler are for others. */
  #giveBack(): void {
    const most = this.#credit - (this.#runs.size - this.#stuck.size);
    for (const job of this.#queue.splice(Math.max(0, most))) this.#release(job);
  }

  #onBeat(): void {
    this.#announce();
    if (this.#stuck.size > 0) this.#giveBack();
    if (this.#outbox.size === 0) this.#unsettledBeats = 0;
    else if (++this.#unsettledBeats % RESEND_BEATS === 0) this.#outbox.resend();
  }

  #announce(): void {
    this.#connection.send(encodeJson({
      type: "available",
      secret: this.#proof.secret,
      ...toWire(this.#available(), AVAILABLE),
    }));
  }

  #available(): Available {
    const { concurrency = 1, name, security } = this.#options;
    const { jobType } = this.#step;
    const runs = [...this.#runs.values()].filter((run) =>
      !this.#stuck.has(run)
    );
    const running = [...this.#queue, ...runs.map(({ job }) => job)]
      .map(({ id, attempt }) => ({ id, attempt }));
    return {
      v: WIRE_VERSION,
      minor: WIRE_MINOR,
      id: this.id,
      address: this.#connection.address,
      jobType,
      stepName: name ?? jobType,
      ...machine(),
      concurrency,
      credit: this.#credit,
      running: [...running, ...this.#outbox.claims],
      draining: this.#leaving !== undefined,
      publicKey: security?.publicKey,
    };
  }

  /** The shorter time wins. */
  #leaveWithin(ms: number): Promise<void> {
    this.#leaveBy = Math.min(this.#leaveBy, Date.now() + ms);
    this.#leaving ??= Promise.resolve().then(() => this.#leave());
    this.#changed.notify();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    for (const job of this.#queue.splice(0)) this.#release(job);
    this.#announce();
    await this.#changed.until(() => this.#runs.size === 0, () => this.#leaveBy);
    for (const run of this.#runs.values()) {
      run.abort("The step is to end");
      this.#release(run.job);
    }
    const settledBy = Date.now() + SETTLE_MS;
    await this.#changed.until(
      // Without time left, it does not wait for a pipeline that is not there.
      () =>
        this.#outbox.size === 0 ||
        (this.#leaveBy <= Date.now() && !this.#connection.isLinked),
      () => settledBy,
    );
    clearInterval(this.#beat);
    this.#forgetSignals();
    this.#log.close();
    this.#connection.send(encodeJson({ type: "leave", ...this.#proof.sender }));
    await this.#connection.close().finally(this.#markClosed);
  }
}

/**
 * Runs a step; see {@link RunOptions}.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_INSECURE`,
 *   `ERR_PIPELINE_REFUSED` if the pipeline does not accept our keys or token,
 *   `ERR_PIPELINE_FORBIDDEN` if our key has not the role of a worker.
 */
export async function runStep(
  step: AnyStep,
  options: RunOptions,
): Promise<StepRun> {
  checkRunOptions(options);
  const running = new RunningStep(step, options);
  await running.join();
  return running;
}

function keyOf(id: string, attempt: number): string {
  return `${id} ${attempt}`;
}
