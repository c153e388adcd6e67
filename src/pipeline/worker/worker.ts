/**
 * Layer: pipeline/worker. A step at work: it joins a pipeline, takes jobs, sends
 * their outcomes, and leaves when it has finished them. This file connects its
 * jobs, its messages and its departure.
 *
 * @module
 */
import { onAbort } from "../../async/abort.ts";
import { loadTelemetry } from "../telemetry/opentelemetry.ts";
import { Attempts } from "../telemetry/attempts.ts";
import { type ToWorker, WIRE_MINOR } from "../protocol/messages.ts";
import { readToWorker } from "../protocol/reader.ts";
import { Departure } from "./departure.ts";
import { machine, onTermination } from "./machine.ts";
import { makeExecutor } from "./make_executor.ts";
import type { RunOptions } from "./run_options.ts";
import type { ExecutorShare } from "./shared_executor.ts";
import type { AnyStep, StepRun } from "./types.ts";
import { StepLog } from "./step_log.ts";
import { WorkerConnection } from "./worker_connection.ts";
import { Condition } from "../../async/condition.ts";
import { WorkerJobs } from "./worker_jobs.ts";
import { WorkerProof } from "./worker_proof.ts";
import { WorkerReports } from "./worker_reports.ts";

/** How often a step announces itself, in milliseconds. */
const BEAT_MS = 1000;
/** How long a step that leaves waits for its last results to be settled, in milliseconds. */
const SETTLE_MS = 5000;

/** What a worker of one shard has in common with those of the others. */
export interface WorkerOfShard {
  /** Who they are: all are one worker. */
  readonly proof: WorkerProof;
  /** Where its jobs run. */
  readonly executor: ExecutorShare;
}

/** A step at work, for a pipeline or for one shard of it. */
export class RunningStep implements StepRun {
  readonly #proof: WorkerProof;
  readonly #step: AnyStep;
  readonly #options: RunOptions;
  readonly #connection: WorkerConnection;
  readonly #reports: WorkerReports;
  readonly #log: StepLog;
  readonly #jobs: WorkerJobs;
  readonly #departure: Departure = new Departure(() => this.#leave());
  readonly #changed = new Condition();
  #attempts: Attempts | undefined;
  /** The epoch of the pipeline that has greeted; empty before. */
  #epoch = "";
  /** Ends what `join` has begun. */
  #stopJoined: () => void = () => {};

  /** @internal Use `step.run`. */
  constructor(step: AnyStep, options: RunOptions, shard?: WorkerOfShard) {
    this.#step = step;
    this.#options = options;
    this.#proof = shard?.proof ?? new WorkerProof();
    this.#connection = new WorkerConnection(options, this.#proof, {
      onLink: (isLinked) => this.#onLink(isLinked),
      onMessage: (bytes) => this.#read(bytes),
      onEnded: (cause) => this.#onReceivingEnded(cause),
      onFailed: (error) => this.#log.report(error),
    }, shard && []);
    this.#reports = new WorkerReports(this.#proof, this.#connection);
    this.#log = new StepLog(
      step.jobType,
      this.id,
      (topic, record) => this.#connection.publish(topic, record),
    );
    const { prefetch = 0 } = options;
    const executor = shard?.executor ?? makeExecutor(step, options, {
      proof: this.#proof,
      channel: this.#connection,
      log: this.#log,
      placesChanged: () => this.#jobs.placesChanged(),
    });
    this.#jobs = new WorkerJobs(executor, prefetch, this.#log, {
      begin: (job) => this.#attempts?.begin(job, this.id),
      completed: (...report) => this.#reports.complete(...report),
      released: (claim) => this.#reports.release(claim),
      creditChanged: () => this.#announce(),
      ended: () => this.#changed.notify(),
    });
    if (shard !== undefined) {
      shard.executor.owner = {
        roomAgain: () => this.#jobs.roomAgain(),
        placesChanged: () => this.#jobs.placesChanged(),
        jobs: () => this.#jobs.size,
        channel: this.#connection,
      };
    }
  }

  /** @internal A process says that it leads the shard. */
  found(address: string, term: number): void {
    this.#connection.found(address, term);
  }

  /** The worker's id. */
  get id(): string {
    return this.#proof.id;
  }

  /** Resolves once it has left. */
  get closed(): Promise<void> {
    return this.#departure.done;
  }

  /** How many jobs it has. */
  get running(): number {
    return this.#jobs.size;
  }

  /** Where it listens for jobs, if it does. */
  get address(): string | undefined {
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
    await this.#jobs.start();
    try {
      await this.#connection.open();
    } catch (error) {
      await this.#jobs.close();
      throw error;
    }
    const beat = setInterval(
      () => this.#log.guard(() => this.#onBeat()),
      BEAT_MS,
    );
    const drain = () => this.#log.guard(() => this.drain());
    const forget = drainOnSignals === true ? onTermination(drain) : () => {};
    if (signal?.aborted) drain();
    const unlisten = onAbort(signal, drain);
    this.#stopJoined = () => {
      clearInterval(beat);
      unlisten();
      forget();
    };
    await this.#changed.until(
      () => this.#epoch !== "" || this.#departure.hasBegun,
      () => Infinity,
    );
    if (signal?.aborted) {
      await this.drain();
      throw signal.reason;
    }
  }

  #onLink(isLinked: boolean): void {
    if (!this.#departure.hasBegun) {
      this.#log.guard(() => this.#options.onConnection?.(isLinked));
    }
    if (!isLinked) return this.#changed.notify();
    this.#announce();
    this.#reports.resend();
  }

  /** It would get no more jobs: it leaves, so that others do what it has. */
  #onReceivingEnded(cause?: unknown): void {
    if (this.#departure.hasBegun) return;
    this.#log.receivingEnded(cause);
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
        this.#connection.greeted(message.minor ?? 0);
        // Another one, which may not have got what the last one was sent.
        if (this.#epoch !== "" && this.#epoch !== message.epoch) {
          this.#reports.resend();
        }
        this.#epoch = message.epoch;
        this.#jobs.maxPayloadBytes = message.max_payload_bytes ?? Infinity;
        return this.#changed.notify();
      case "settled":
        for (const claim of message.jobs) this.#reports.settle(claim);
        return this.#changed.notify();
      case "drain":
        return this.#log.guard(() => this.drain());
      case "cancel":
        this.#reports.settle(message);
        return this.#jobs.cancel(message);
      case "job":
        if (this.#departure.hasBegun) return this.#reports.release(message);
        return this.#jobs.add(message);
    }
  }

  #onBeat(): void {
    this.#announce();
    this.#jobs.releaseExcess();
    this.#reports.resendLate();
  }

  #announce(): void {
    const { name, security } = this.#options;
    const { jobType } = this.#step;
    this.#reports.announce({
      v: this.#connection.version,
      minor: WIRE_MINOR,
      id: this.id,
      address: this.#connection.address,
      jobType,
      stepName: name ?? jobType,
      ...machine(),
      concurrency: this.#jobs.capacity,
      credit: this.#jobs.credit,
      running: [...this.#jobs.claims, ...this.#reports.claims],
      draining: this.#departure.hasBegun,
      publicKey: this.#connection.address && security?.publicKey,
    });
  }

  /** The shorter time wins. */
  #leaveWithin(ms: number): Promise<void> {
    const left = this.#departure.within(ms);
    this.#changed.notify();
    return left;
  }

  async #leave(): Promise<void> {
    const departure = this.#departure;
    this.#jobs.releaseWaiting();
    this.#announce();
    await this.#changed.until(
      () => this.#jobs.isIdle,
      () => departure.deadline,
    );
    this.#jobs.abortAll();
    const settledBy = Date.now() + SETTLE_MS;
    await this.#changed.until(
      // Without time left, it does not wait for a pipeline that is not there.
      () =>
        this.#reports.isSettled ||
        (departure.deadline <= Date.now() && !this.#connection.isLinked),
      () => settledBy,
    );
    this.#stopJoined();
    this.#log.close();
    this.#reports.leave();
    await Promise.all([this.#connection.close(), this.#jobs.close()]);
  }
}
