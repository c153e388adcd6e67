/**
 * Layer: pipeline/coordinator. Brings the board, the store and the workers
 * together: what must be kept before what, who gets which job, who is given up.
 *
 * It knows no sockets beside the links, and no requests.
 *
 * @module
 */
import { Board } from "../board/board.ts";
import type { Changes } from "../board/changes.ts";
import { Journal } from "../board/journal.ts";
import { PipelineError } from "../model/errors.ts";
import { Faults, type Report } from "../model/faults.ts";
import { flowIdOf } from "../model/job_states.ts";
import type { JobRecord } from "../model/records.ts";
import type { JobStore } from "../store/job_store.ts";
import { spliceJson, toJson } from "../wire/json.ts";
import {
  type Available,
  type Claim,
  failureOf,
  type Up,
  WIRE_VERSION,
} from "../wire/messages.ts";
import type { CoordinatorOptions, Limits } from "./coordinator_options.ts";
import { Alarm } from "./alarm.ts";
import type { Links } from "./links.ts";
import { Pruner } from "./pruner.ts";
import { Schedules } from "./schedules.ts";
import { tellUnreachable, tellUseless } from "./warnings.ts";
import { Watchdog } from "./watchdog.ts";
import { type Worker, WorkerTable } from "./worker_table.ts";

/** The heart of a pipeline. */
export class Coordinator {
  /** Another one with each start. */
  readonly epoch: string = crypto.randomUUID();
  readonly board: Board;
  readonly journal: Journal;
  readonly schedules: Schedules;
  readonly faults: Faults;
  readonly workers: WorkerTable = new WorkerTable();
  readonly #watchdog: Watchdog;
  readonly #pruner: Pruner;
  readonly #store: JobStore;
  readonly #options: CoordinatorOptions;
  /** What each worker may forget after the next commit. */
  readonly #settled: Map<string, Claim[]> = new Map();
  #links: Links | undefined;
  readonly #alarm: Alarm;
  #state: "new" | "running" | "stopped" = "new";

  constructor(
    store: JobStore,
    options: CoordinatorOptions,
    onError: Report,
  ) {
    this.#store = store;
    this.#options = options;
    this.#alarm = new Alarm(options.now, () => this.changed());
    this.board = new Board(options);
    this.faults = options.faults ?? new Faults(options.onWarning ?? (() => {}));
    this.journal = new Journal(store, this, onError);
    this.#pruner = new Pruner(store, this.board, this.journal);
    this.#watchdog = new Watchdog(this.workers, options, {
      silent: ({ id }) => this.#giveUp(id, "lease"),
      unreachable: (worker) => tellUnreachable(this.faults, worker),
      claimsEnded: () => this.#dropUnclaimed(),
      looked: (now) => {
        this.board.hurry();
        this.changed();
        this.#pruner.look(now);
      },
    });
    this.schedules = new Schedules(this.board, {
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
    if (this.journal.error !== undefined) throw this.journal.error;
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
  start(links: Links): void {
    this.#links = links;
    this.#state = "running";
    for (const { flow, jobs } of this.#store.unfinished()) {
      this.board.restore(flow, jobs, this.#hasReturned);
    }
    const settings = this.#store.settings();
    for (const [name, json] of settings) {
      const [, what, jobType] = /^(paused|rate):(.*)$/.exec(name) ?? [];
      if (what === "paused") this.board.pause(jobType!, true);
      else if (what === "rate") this.board.restoreRate(jobType!, json);
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
    this.board.hurry();
    await this.journal.close();
    this.#alarm.set(Infinity);
  }

  /** Something has changed on the board: it is kept, and jobs are given out. */
  changed(): void {
    this.journal.flushSoon();
  }

  /** The last moment before a commit: what can be given out now becomes part of it. */
  takeChanges(): Changes {
    if (this.#state === "running") {
      // One that fails keeps neither the others nor the commit from anything.
      this.faults.attempt("times of jobs", () => this.board.tick());
      this.faults.attempt("schedules", () => this.schedules.tick());
      this.faults.attempt("giving out jobs", () => this.#dispatch());
      this.faults.attempt("the clock", () => this.#setAlarm());
    }
    return this.board.takeChanges();
  }

  #setAlarm(): void {
    const { nextAt: jobAt = Infinity } = this.board;
    this.#alarm.set(Math.min(jobAt, this.schedules.nextAt ?? Infinity));
  }

  /** What has changed is kept: whoever waits for that may know. */
  kept(changes: Changes): void {
    this.board.forget(changes);
  }

  /** A flow cannot be kept: the others go on without it. */
  refused(id: string, error: PipelineError): void {
    for (const job of this.board.drop(flowIdOf(id), error)) this.#call(job);
  }

  /** A worker says something. */
  hear(message: Up): void {
    if (this.#state !== "running") return; // it is said again to the next one
    const now = this.#options.now();
    if (message.type === "available") return this.#welcome(message, now);
    const { worker } = message;
    this.workers.touch(worker, now);
    switch (message.type) {
      case "leave":
        return this.#giveUp(worker, "released");
      case "progress": {
        const progress = Math.min(1, Math.max(0, message.progress));
        // It need not be kept at once.
        return this.board.progress(message.id, message.attempt, progress);
      }
      case "release":
        this.workers.unassign(worker, message);
        this.board.giveBack(message.id, message.attempt, "released");
        return this.changed();
      case "success":
        this.board.succeed(
          message.id,
          message.attempt,
          toJson(message.result),
          message.traceparent,
        );
        return this.#settle(worker, message);
      case "failed":
        this.board.fail(
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
    this.#links!.send(workerId, hello);
    this.changed();
  }

  /** The process of a worker has died. */
  died(workerId: string): void {
    this.#giveUp(workerId, "killed");
  }

  /** Cancels a flow, also where workers have it; tells whether it was unfinished. */
  cancel(flowId: string): boolean {
    const held = this.board.cancel(flowId);
    for (const job of held ?? []) this.#call(job);
    this.changed();
    return held !== undefined;
  }

  /** Asks workers to finish what they have and to leave. */
  drain(workerIds: Iterable<string>): void {
    for (const id of workerIds) this.#links!.send(id, { type: "drain" });
  }

  #welcome(info: Available, now: number): void {
    const { worker, isNew, lost } = this.workers.hear(info, now);
    if (isNew) {
      this.#links!.open(info.id, info.address, info.publicKey)
        .catch((cause) => {
          this.workers.remove(info.id);
          void this.#links!.close(info.id);
          tellUnreachable(this.faults, worker, cause as Error);
        });
      if (!this.board.lanes.has(info.jobType)) {
        tellUseless(this.faults, info);
      }
    }
    for (const claim of lost) {
      this.workers.unassign(info.id, claim);
      this.board.giveBack(claim.id, claim.attempt, "unclaimed");
    }
    for (const claim of info.running) this.#take(worker, claim);
    this.changed();
  }

  /** A worker says that it has a job: so it is, unless the job was given up. */
  #take(worker: Worker, claim: Claim): void {
    if (worker.jobs.get(claim.id)?.attempt === claim.attempt) return;
    const job = this.#current(claim);
    if (job === undefined) {
      this.#links!.send(worker.id, { type: "cancel", ...claim });
      return;
    }
    this.workers.assign(worker.id, claim);
    this.board.activate(claim.id, claim.attempt);
  }

  #dispatch(): void {
    for (const [jobType, lane] of this.board.lanes) {
      while (lane.waiting.size > 0) {
        const worker = this.workers.pick(jobType);
        if (worker === undefined) break;
        const job = this.board.dispatch(jobType, worker.id);
        if (job === undefined) break;
        const claim = { id: job.id, attempt: job.attempt };
        this.workers.assign(worker.id, claim);
        this.journal.after(() => this.#push(worker.id, claim));
      }
    }
  }

  /** Sends a job, once it is kept that the worker has it. */
  #push(workerId: string, claim: Claim): void {
    const job = this.#current(claim);
    if (job === undefined) return; // cancelled meanwhile
    const flow = this.board.flow(job.flowId)!;
    const head = {
      type: "job",
      ...claim,
      flow_id: job.flowId,
      job_type: job.jobType,
      timeout_ms: job.timeoutMs,
      traceparent: flow.record.traceparent,
      links: flow.linksOf(job),
    };
    const text = spliceJson(head, "instructions", job.instructions);
    this.#links!.sendText(workerId, text);
    this.board.activate(job.id, job.attempt);
  }

  /** The worker may forget a job, once what it said of it is kept. */
  #settle(worker: string, { id, attempt }: Claim): void {
    this.workers.unassign(worker, { id, attempt });
    if (this.#settled.size === 0) this.journal.after(() => this.#tellSettled());
    const jobs = this.#settled.get(worker);
    if (jobs === undefined) this.#settled.set(worker, [{ id, attempt }]);
    else jobs.push({ id, attempt });
    this.changed();
  }

  #tellSettled(): void {
    for (const [worker, jobs] of this.#settled) {
      this.#links!.send(worker, { type: "settled", jobs });
    }
    this.#settled.clear();
  }

  #giveUp(workerId: string, reason: "killed" | "lease" | "released"): void {
    const worker = this.workers.remove(workerId);
    if (worker === undefined) return;
    for (const { id, attempt } of worker.jobs.values()) {
      this.board.giveBack(id, attempt, reason);
    }
    void this.#links!.close(workerId);
    this.changed();
  }

  /** Tells the worker of a job to stop. */
  #call({ id, attempt, worker }: JobRecord): void {
    if (worker === undefined) return;
    this.workers.unassign(worker, { id, attempt });
    this.#links!.send(worker, { type: "cancel", id, attempt });
  }

  #current({ id, attempt }: Claim): JobRecord | undefined {
    const job = this.board.job(id);
    const isHeld = job?.state === "dispatched" || job?.state === "active";
    return isHeld && job.attempt === attempt ? job : undefined;
  }

  /** Whether a job of the store that waits came back from a worker: such go first. */
  readonly #hasReturned = ({ id, attempt }: JobRecord): boolean => {
    if (attempt === 0) return false;
    const last = this.#store.events(id).at(-1)?.type;
    return last === "requeued" || last === "released";
  };

  /** Jobs that no worker claimed after a restart wait again. */
  #dropUnclaimed(): void {
    for (const job of [...this.board.held()]) {
      const { id, attempt, worker } = job;
      const isClaimed = worker !== undefined &&
        this.workers.get(worker)?.jobs.get(id)?.attempt === attempt;
      if (!isClaimed) this.board.giveBack(id, attempt, "unclaimed");
    }
    this.changed();
  }
}
