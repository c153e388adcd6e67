/**
 * Layer: pipeline/coordinator. Brings the scheduler, the store and the workers
 * together: what must be kept before what, who gets which job, who is given up.
 *
 * It knows no sockets beside the links, and no requests.
 *
 * @module
 */
import { JobScheduler } from "../scheduler/job_scheduler.ts";
import type { ChangeSet } from "../scheduler/change_set.ts";
import { CommitQueue } from "../scheduler/commit_queue.ts";
import { PipelineError } from "../model/errors.ts";
import { Faults, type Report } from "../model/faults.ts";
import { flowIdOf } from "../model/job_states.ts";
import type { JobRecord } from "../model/records.ts";
import type { JobStore } from "../store/job_store.ts";
import { toJson } from "../protocol/json.ts";
import {
  type Available,
  type Claim,
  failureOf,
  type FromWorker,
  WIRE_VERSION,
} from "../protocol/messages.ts";
import type { CoordinatorOptions, Limits } from "./coordinator_options.ts";
import { Admission } from "./admission.ts";
import { Alarm } from "./alarm.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { WorkerConnections } from "./worker_connections.ts";
import { Pruner } from "./pruner.ts";
import { Schedules } from "./schedules.ts";
import { tellForeign, tellForged, tellUnreachable } from "./warnings.ts";
import { Watchdog } from "./watchdog.ts";
import { type SenderProof, type Worker, WorkerTable } from "./worker_table.ts";

/** The heart of a pipeline. */
export class Coordinator {
  /** Another one with each start. */
  readonly epoch: string = crypto.randomUUID();
  readonly scheduler: JobScheduler;
  readonly commits: CommitQueue;
  readonly schedules: Schedules;
  readonly faults: Faults;
  readonly workers: WorkerTable;
  readonly #admission: Admission;
  readonly #watchdog: Watchdog;
  readonly #pruner: Pruner;
  readonly #store: JobStore;
  readonly #options: CoordinatorOptions;
  #connections: WorkerConnections | undefined;
  #dispatcher: Dispatcher | undefined;
  readonly #alarm: Alarm;
  #state: "new" | "running" | "stopped" = "new";

  constructor(
    store: JobStore,
    options: CoordinatorOptions,
    onError: Report,
  ) {
    this.#store = store;
    this.#options = options;
    this.workers = new WorkerTable(options);
    this.#alarm = new Alarm(options.now, () => this.changed());
    this.scheduler = new JobScheduler(options);
    this.faults = options.faults ?? new Faults(options.onWarning ?? (() => {}));
    this.commits = new CommitQueue(store, this, onError);
    this.#pruner = new Pruner(store, this.scheduler, this.commits, options);
    this.#admission = new Admission(
      this,
      this.scheduler.queues,
      options.maxWorkers,
    );
    this.#watchdog = new Watchdog(this.workers, options, {
      silent: ({ id }) => this.#giveUp(id, "lease"),
      unreachable: ({ info }) => tellUnreachable(this.faults, info),
      claimsEnded: () => this.#dropUnclaimed(),
      looked: (now) => {
        this.scheduler.flushLazy();
        this.changed();
        this.#pruner.look(now);
      },
    });
    this.schedules = new Schedules(this.scheduler, {
      ...options,
      hasFlow: (id) => store.flow(id) !== undefined,
    });
  }

  /** Its times and limits. */
  get limits(): Limits {
    return this.#options;
  }

  /**
   * Makes sure that it is at work.
   *
   * @throws {PipelineError} `ERR_PIPELINE_CLOSED`, or `ERR_STORE_FAILED` while
   *   the store takes nothing.
   */
  requireRunning(): void {
    this.requireOpen();
    if (this.commits.error !== undefined) throw this.commits.error;
  }

  /**
   * Makes sure that it can be asked.
   *
   * @throws {PipelineError} `ERR_PIPELINE_CLOSED`.
   */
  requireOpen(): void {
    if (this.#state === "running") return;
    const why = this.#state === "new" ? "does not listen yet" : "is closed";
    throw new PipelineError("ERR_PIPELINE_CLOSED", `The pipeline ${why}`);
  }

  /** Takes up what the store has; workers have some time to claim what they work on. */
  start(connections: WorkerConnections): void {
    const { scheduler, commits, workers } = this;
    this.#connections = connections;
    this.#dispatcher = new Dispatcher({
      scheduler,
      commits,
      workers,
      connections,
    });
    this.#state = "running";
    for (const { flow, jobs } of this.#store.unfinished()) {
      this.scheduler.restore(flow, jobs, this.#hasReturned);
    }
    const settings = this.#store.settings();
    for (const [name, json] of settings) {
      const [, what, jobType] = /^(paused|rate):(.*)$/.exec(name) ?? [];
      if (what === "paused") this.scheduler.pause(jobType!, true);
      else if (what === "rate") this.scheduler.restoreRate(jobType!, json);
    }
    this.schedules.restore(settings);
    this.#watchdog.start();
    this.changed();
  }

  /** Hears nobody any more, gives out no more jobs, and keeps what has happened. */
  async stop(): Promise<void> {
    this.#state = "stopped";
    this.#watchdog.stop();
    this.#pruner.stop();
    this.scheduler.flushLazy();
    await this.commits.close();
    this.#alarm.set(Infinity);
  }

  /** Something has changed on the scheduler: it is kept, and jobs are given out. */
  changed(): void {
    this.commits.commitSoon();
  }

  /** The last moment before a commit: what can be given out now becomes part of it. */
  takeChanges(): ChangeSet {
    if (this.#state === "running") {
      // One that fails keeps neither the others nor the commit from anything.
      this.faults.attempt("times of jobs", () => this.scheduler.tick());
      this.faults.attempt("schedules", () => this.schedules.tick());
      this.faults.attempt(
        "giving out jobs",
        () => this.#dispatcher!.dispatch(),
      );
      this.faults.attempt("the clock", () => this.#setAlarm());
    }
    return this.scheduler.takeChanges();
  }

  #setAlarm(): void {
    const { nextAt: jobAt = Infinity } = this.scheduler;
    this.#alarm.set(Math.min(jobAt, this.schedules.nextAt ?? Infinity));
  }

  /** What has changed is kept: whoever waits for that may know. */
  committed(changes: ChangeSet): void {
    this.scheduler.forget(changes);
  }

  /** A flow cannot be kept: the others go on without it. */
  refused(id: string, error: PipelineError): void {
    for (const job of this.scheduler.drop(flowIdOf(id), error)) {
      this.#dispatcher?.call(job);
    }
  }

  /**
   * A worker says something.
   *
   * @param key The public key of its connection, where there is CURVE.
   * @returns false if it was not heard, or refused.
   */
  receive(
    { secret, ...message }: FromWorker,
    key?: string,
  ): boolean {
    if (this.#state !== "running") return false; // it is said again to the next one
    const now = this.#options.now();
    const id = message.type === "available" ? message.id : message.worker;
    const proof = { secret, key };
    const doubt = this.workers.doubt(id, proof);
    if (doubt !== undefined) {
      tellForged(this.faults, id, message.type, doubt);
      return false;
    }
    if (message.type === "available") {
      const { type: _, ...info } = message;
      return this.#welcome(info, proof, now);
    }
    this.#receiveFrom(message, now);
    return true;
  }

  /**
   * Whether what a connection says in the name of a worker may be from it; what
   * may not is reported.
   *
   * @param key The public key of the connection, where there is CURVE.
   */
  isFrom(worker: string, key: string | undefined, type: string): boolean {
    if (this.workers.isKeyOf(worker, key)) return true;
    tellForged(this.faults, worker, type, "with another key");
    return false;
  }

  /** A worker says what became of a job, or leaves. */
  #receiveFrom(
    message: Exclude<FromWorker, { type: "available" }>,
    now: number,
  ): void {
    const { worker } = message;
    this.workers.touch(worker, now);
    if (message.type !== "leave" && this.#isOfAnother(worker, message)) {
      tellForeign(this.faults, worker, message.type, message.id);
      // It is not asked for: whoever sends it again and again need not.
      return this.#settle(worker, message);
    }
    switch (message.type) {
      case "leave":
        return this.#giveUp(worker, "released");
      case "progress": {
        const progress = Math.min(1, Math.max(0, message.progress));
        // It need not be kept at once.
        return this.scheduler.progress(message.id, message.attempt, progress);
      }
      case "release":
        this.workers.unassign(worker, message);
        this.scheduler.requeue(message.id, message.attempt, "released");
        return this.changed();
      case "success":
        this.workers.done(worker);
        this.scheduler.succeed(
          message.id,
          message.attempt,
          toJson(message.result),
          message.traceparent,
        );
        return this.#settle(worker, message);
      case "failed":
        this.scheduler.fail(
          message.id,
          message.attempt,
          failureOf(message.error),
          message.retry_after_ms,
        );
        return this.#settle(worker, message);
    }
  }

  /** The link to a worker is broken; it may come back. */
  unlinked(workerId: string): void {
    const worker = this.workers.get(workerId);
    if (worker === undefined) return;
    worker.isLinked = false;
    worker.unlinkedAt = this.#options.now();
  }

  /** The link to a worker works. */
  linked(workerId: string): void {
    const worker = this.workers.get(workerId);
    if (worker === undefined) return;
    worker.isLinked = true;
    const hello = {
      type: "hello",
      v: WIRE_VERSION,
      epoch: this.epoch,
      max_payload_bytes: this.#options.maxPayloadBytes,
    } as const;
    this.#connections!.send(workerId, hello);
    this.changed();
  }

  /** The process of a worker has died. */
  died(workerId: string): void {
    this.#giveUp(workerId, "killed");
  }

  /** Cancels a flow, also where workers have it; tells whether it was unfinished. */
  cancel(flowId: string): boolean {
    const held = this.scheduler.cancel(flowId);
    for (const job of held ?? []) this.#dispatcher?.call(job);
    this.changed();
    return held !== undefined;
  }

  /** Asks workers to finish what they have and to leave. */
  drain(workerIds: Iterable<string>): void {
    for (const id of workerIds) this.#connections!.send(id, { type: "drain" });
  }

  /** A worker announces itself; tells whether it is taken. */
  #welcome(info: Available, proof: SenderProof, now: number): boolean {
    if (this.workers.get(info.id) === undefined) {
      try {
        this.#options.requireWorker?.(info);
      } catch (error) {
        tellUnreachable(this.faults, info, error as Error);
        return false;
      }
    }
    if (!this.#admission.admit(info, now, this.#dismiss)) return false;
    const { worker, isNew, lost } = this.workers.announced(info, now, proof);
    if (isNew) {
      this.#connections!.open(info, proof.secret)
        .catch((cause) => {
          this.workers.remove(info.id);
          void this.#connections!.close(info.id);
          tellUnreachable(this.faults, info, cause as Error);
        });
    }
    for (const claim of lost) {
      this.workers.unassign(info.id, claim);
      this.scheduler.requeue(claim.id, claim.attempt, "unclaimed");
    }
    for (const claim of info.running) this.#take(worker, claim);
    this.changed();
    return true;
  }

  /** A worker says that it has a job: so it is, unless the job was given up. */
  #take(worker: Worker, claim: Claim): void {
    if (worker.jobs.get(claim.id)?.attempt === claim.attempt) return;
    const job = this.scheduler.assignedJob(claim);
    if (job?.worker !== worker.id) {
      this.#connections!.send(worker.id, { type: "cancel", ...claim });
      return;
    }
    this.workers.assign(worker.id, claim, job.together);
    this.scheduler.activate(claim.id, claim.attempt);
  }

  #settle(worker: string, claim: Claim): void {
    this.#dispatcher!.settle(worker, claim);
    this.changed();
  }

  #giveUp(workerId: string, reason: "killed" | "lease" | "released"): void {
    const lost = this.workers.lose(workerId, this.#options.now());
    if (lost === undefined) return;
    for (const { id, attempt } of lost.worker.jobs.values()) {
      this.scheduler.requeue(id, attempt, reason, lost.together);
    }
    void this.#connections!.close(workerId);
    this.changed();
  }

  readonly #dismiss = (id: string): void => this.#giveUp(id, "released");

  /** Whether another worker has this attempt. */
  #isOfAnother(worker: string, claim: Claim): boolean {
    const job = this.scheduler.assignedJob(claim);
    return job !== undefined && job.worker !== worker;
  }

  /** Whether a job of the store that waits came back from a worker: such go first. */
  readonly #hasReturned = ({ id, attempt }: JobRecord): boolean => {
    if (attempt === 0) return false;
    const last = this.#store.events(id).at(-1)?.type;
    return last === "requeued" || last === "released";
  };

  /** Jobs that no worker claimed after a restart wait again. */
  #dropUnclaimed(): void {
    for (const job of [...this.scheduler.assigned()]) {
      const { id, attempt, worker } = job;
      const isClaimed = worker !== undefined &&
        this.workers.get(worker)?.jobs.get(id)?.attempt === attempt;
      if (!isClaimed) this.scheduler.requeue(id, attempt, "unclaimed");
    }
    this.changed();
  }
}
