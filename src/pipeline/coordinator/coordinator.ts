/**
 * Layer: pipeline/coordinator. Connects the scheduler, the store, the schedules
 * and the workers; `loop.ts` says in which order they act.
 *
 * It knows no sockets besides the connections to workers, and no requests.
 *
 * @module
 */
import { jobLogText } from "../model/job_log.ts";
import type { ChangeSet } from "../scheduler/change_set.ts";
import type { CommitQueue } from "./commit_queue.ts";
import { JobScheduler } from "../scheduler/job_scheduler.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { Faults, type Report } from "../model/faults.ts";
import { flowIdOf } from "../model/job_states.ts";
import type { FromWorker } from "../protocol/messages.ts";
import type { JobStore } from "../store/job_store.ts";
import { Alarm } from "./alarm.ts";
import type { CoordinatorOptions, Limits } from "./coordinator_options.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Loop, type LoopSteps } from "./loop.ts";
import { Pruner } from "./pruner.ts";
import { Recovery } from "./recovery.ts";
import { Schedules } from "./schedules.ts";
import { reportUnreachable } from "./warnings.ts";
import { Watchdog } from "./watchdog.ts";
import type { WorkerConnections } from "./worker_connections.ts";
import { type Sender, WorkerManager } from "./worker_manager.ts";
import type { WorkerTable } from "./worker_table.ts";

/** The heart of a pipeline. */
export class Coordinator implements LoopSteps {
  readonly scheduler: JobScheduler;
  readonly schedules: Schedules;
  readonly workerManager: WorkerManager;
  readonly faults: Faults;
  readonly recovery: Recovery;
  readonly #options: CoordinatorOptions;
  readonly #loop: Loop;
  readonly pruner: Pruner;
  readonly #timers: { readonly watchdog: Watchdog; readonly alarm: Alarm };
  #state: "new" | "running" | "stopped" = "new";

  constructor(
    store: JobStore,
    options: CoordinatorOptions,
    onError: Report,
  ) {
    this.#options = options;
    this.faults = options.faults ?? new Faults(options.onWarning ?? (() => {}));
    this.#loop = new Loop(store, this, onError);
    this.scheduler = new JobScheduler(options);
    this.schedules = new Schedules(this.scheduler, {
      ...options,
      findFlow: (id) => store.flow(id),
      changed: () => this.changed(),
    });
    this.workerManager = new WorkerManager(options, {
      scheduler: this.scheduler,
      faults: this.faults,
      changed: () => this.changed(),
    });
    this.pruner = new Pruner(store, this.scheduler, this.commits, options);
    this.recovery = new Recovery(store, this.scheduler);
    this.#timers = {
      watchdog: this.#newWatchdog(),
      alarm: new Alarm(options.now, () => this.changed()),
    };
  }

  #newWatchdog(): Watchdog {
    return new Watchdog(this.workers, this.#options, {
      silent: ({ id }) => this.workerManager.giveUp(id, "lease"),
      unreachable: ({ info }) => reportUnreachable(this.faults, info),
      claimsEnded: () => this.workerManager.requeueUnclaimed(),
      onChecked: (now) => {
        this.scheduler.flushLazy();
        this.changed();
        this.pruner.look(now);
      },
    });
  }

  /** Its times and limits. */
  get limits(): Limits {
    return this.#options;
  }

  /** The effects that wait for a commit. */
  get commits(): CommitQueue {
    return this.#loop.commits;
  }

  /** The workers. */
  get workers(): WorkerTable {
    return this.workerManager.table;
  }

  /** A new id with each start. */
  get epoch(): string {
    return this.workerManager.epoch;
  }

  /**
   * Makes sure that it runs, and that the store takes changes.
   *
   * @throws {PipelineError} `ERR_PIPELINE_CLOSED`, or `ERR_STORE_FAILED` while
   *   the store fails.
   */
  requireRunning(): void {
    this.requireOpen();
    if (this.commits.error !== undefined) throw this.commits.error;
  }

  /**
   * Makes sure that it runs.
   *
   * @throws {PipelineError} `ERR_PIPELINE_CLOSED`.
   */
  requireOpen(): void {
    if (this.#state === "running") return;
    const why = this.#state === "new" ? "is not listening yet" : "is closed";
    throw new PipelineError("ERR_PIPELINE_CLOSED", `The pipeline ${why}`);
  }

  /**
   * Restores unfinished work from the store, in slices, and starts. Workers have
   * some time to claim the jobs that they work on.
   */
  async start(connections: WorkerConnections): Promise<void> {
    const { scheduler, commits, workers } = this;
    const parts = { scheduler, commits, workers, connections };
    this.workerManager.start(connections, new Dispatcher(parts));
    const settings = await this.recovery.start();
    for (const [name, json] of settings) {
      const [, what, jobType] = /^(paused|rate):(.*)$/.exec(name) ?? [];
      if (what === "paused") scheduler.pause(jobType!, true);
      else if (what === "rate") scheduler.restoreRate(jobType!, json);
    }
    await this.schedules.restore(settings);
    this.#state = "running";
    this.#timers.watchdog.start();
    this.changed();
  }

  /** Stops accepting messages and dispatching jobs, and commits all changes. */
  async stop(): Promise<void> {
    this.#state = "stopped";
    this.#timers.watchdog.stop();
    this.pruner.stop();
    this.scheduler.flushLazy();
    await this.#loop.close();
    this.#timers.alarm.set(Infinity);
  }

  /** Something has changed: a turn of the loop commits it. */
  changed(): void {
    this.#loop.wake();
  }

  /** Step of the loop: what is due by now. An error in it does not stop the loop. */
  tick(): void {
    if (this.#state !== "running") return;
    this.faults.attempt("due jobs", () => this.scheduler.tick());
    this.faults.attempt("schedules", () => this.schedules.tick());
  }

  /** Step of the loop: assigns waiting jobs to workers. */
  dispatch(): void {
    if (this.#state !== "running") return;
    this.faults.attempt("dispatching", () => this.workerManager.dispatch());
    this.faults.attempt("the timer", () => this.#setAlarm());
  }

  /** Step of the loop: the changes to commit. */
  takeChanges(): ChangeSet {
    return this.scheduler.takeChanges();
  }

  /** Step of the loop: the changes are committed. */
  committed(changes: ChangeSet): void {
    this.scheduler.forget(changes);
  }

  /** Another process has the store: nothing is committed, answered or dispatched any more. */
  fenced(error: PipelineError): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#loop.abandon(error);
    this.faults.report(error, "store");
    this.#options.onFenced?.(error);
  }

  /** The store refuses a flow: it is dropped, and the others go on. */
  refused(id: string, error: PipelineError): void {
    this.workerManager.cancel(this.scheduler.drop(flowIdOf(id), error));
  }

  #setAlarm(): void {
    const { nextAt: jobAt = Infinity } = this.scheduler;
    const { nextAt: scheduleAt = Infinity } = this.schedules;
    this.#timers.alarm.set(Math.min(jobAt, scheduleAt));
  }

  /**
   * Handles a message of a worker.
   *
   * @returns false if it was ignored, or refused.
   */
  receive(message: FromWorker, sender: Sender = {}): boolean {
    // The worker sends it again to the next pipeline.
    if (this.#state !== "running") return false;
    return this.workerManager.receive(message, sender);
  }

  /** Keeps a log record with its job, if it is one of a job and a worker. */
  keepLog(record: unknown): void {
    const { jobId, worker } = Object(record) as Record<string, unknown>;
    const text = jobLogText(record);
    if (typeof jobId !== "string" || text === undefined) return;
    if (this.workers.get(worker as string) !== undefined) {
      this.scheduler.log(jobId, worker as string, text);
    }
  }

  /** Cancels a flow, also at its workers. Returns whether it was unfinished. */
  cancel(flowId: string): boolean {
    const assigned = this.scheduler.cancel(flowId);
    this.workerManager.cancel(assigned ?? []);
    this.changed();
    return assigned !== undefined;
  }
}
