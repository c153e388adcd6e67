/**
 * Layer: pipeline/coordinator. The workers of a pipeline: handles what they send
 * and the state of their connections, and gives up those that are lost.
 *
 * @module
 */
import type { Faults } from "../model/faults.ts";
import type { JobRecord } from "../model/records.ts";
import { toJson } from "../protocol/json.ts";
import {
  type Available,
  type Claim,
  failureOf,
  type FromWorker,
  WIRE_MINOR,
} from "../protocol/messages.ts";
import type { JobScheduler } from "../scheduler/job_scheduler.ts";
import { WorkerAdmission } from "./worker_admission.ts";
import type { CoordinatorOptions } from "./coordinator_options.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { reportForeign, reportForged, reportUnreachable } from "./warnings.ts";
import type { WorkerConnections } from "./worker_connections.ts";
import { type SenderProof, type Worker, WorkerTable } from "./worker_table.ts";

/** Who sent a message, as far as the connection shows. */
export interface Sender {
  /** The routing id of the connection, if it is at the ROUTER. */
  readonly route?: Uint8Array;
  /** The public key, with CURVE. */
  readonly key?: string | undefined;
}

/** What it works with. */
export interface WorkerManagerParts {
  readonly scheduler: JobScheduler;
  readonly faults: Faults;
  /** Called after each change. */
  readonly changed: () => void;
}

/** Handles workers. */
export class WorkerManager {
  /** A new id with each start of the pipeline. */
  readonly epoch: string = crypto.randomUUID();
  readonly table: WorkerTable;
  readonly #parts: WorkerManagerParts;
  readonly #options: CoordinatorOptions;
  readonly #admission: WorkerAdmission;
  #connections: WorkerConnections | undefined;
  #dispatcher: Dispatcher | undefined;

  constructor(options: CoordinatorOptions, parts: WorkerManagerParts) {
    this.#options = options;
    this.#parts = parts;
    this.table = new WorkerTable(options);
    this.#admission = new WorkerAdmission(
      { workers: this.table, faults: parts.faults },
      parts.scheduler.queues,
      options.maxWorkers,
    );
  }

  /** Workers can be reached from now on. */
  start(connections: WorkerConnections, dispatcher: Dispatcher): void {
    this.#connections = connections;
    this.#dispatcher = dispatcher;
  }

  /**
   * Handles a message of a worker.
   *
   * @returns false if it was refused.
   */
  receive(message: FromWorker, { route, key }: Sender): boolean {
    const now = this.#options.now();
    const id = message.type === "available" ? message.id : message.worker;
    const proof = { secret: message.secret, key };
    const doubt = this.table.doubt(id, proof);
    if (doubt !== undefined) {
      reportForged(this.#parts.faults, id, message.type, doubt);
      return false;
    }
    if (message.type === "available") {
      // What the table keeps, and others see, is without the secret.
      const { type: _type, secret: _secret, ...info } = message;
      return this.#announced(info, { ...proof, route }, now);
    }
    this.#receiveFrom(message, now);
    return true;
  }

  /**
   * Whether a message in the name of a worker may be from it. One that may not
   * is reported.
   *
   * @param key The public key of the connection, where there is CURVE.
   */
  isFrom(worker: string, key: string | undefined, type: string): boolean {
    if (this.table.isKeyOf(worker, key)) return true;
    reportForged(this.#parts.faults, worker, type, "with another key");
    return false;
  }

  /** A worker reports on a job, or leaves. */
  #receiveFrom(
    message: Exclude<FromWorker, { type: "available" }>,
    now: number,
  ): void {
    const { scheduler, changed } = this.#parts;
    const { worker } = message;
    if (message.type === "heartbeat") {
      return this.table.heartbeat(worker, message.silence_ms, now);
    }
    this.table.touch(worker, now);
    if (message.type === "leave") return this.giveUp(worker, "released");
    const { id, attempt } = message;
    if (this.#isOfAnother(worker, message)) {
      reportForeign(this.#parts.faults, worker, message.type, id);
      // Settled without an answer, so that the worker need not send it again.
      return this.#settle(worker, message);
    }
    switch (message.type) {
      case "progress": {
        const progress = Math.min(1, Math.max(0, message.progress));
        return scheduler.progress(id, attempt, progress); // committed lazily
      }
      case "release":
        this.table.unassign(worker, message);
        scheduler.requeue(id, attempt, "released");
        return changed();
      case "success": {
        const { result, traceparent } = message;
        this.table.done(worker);
        scheduler.succeed(id, attempt, toJson(result), traceparent);
        return this.#settle(worker, message);
      }
      case "failed": {
        const { error, retry_after_ms } = message;
        scheduler.fail(id, attempt, failureOf(error), retry_after_ms);
        return this.#settle(worker, message);
      }
    }
  }

  /** The connection to a worker is lost; it may come back. */
  disconnected(workerId: string): void {
    const worker = this.table.get(workerId);
    if (worker === undefined) return;
    worker.isLinked = false;
    worker.unlinkedAt = this.#options.now();
  }

  /** The connection to a worker is established. */
  connected(workerId: string): void {
    const worker = this.table.get(workerId);
    if (worker === undefined) return;
    worker.isLinked = true;
    this.#connections!.send(workerId, {
      type: "hello",
      v: worker.info.v,
      minor: WIRE_MINOR,
      epoch: this.epoch,
      max_payload_bytes: this.#options.maxPayloadBytes,
    });
    this.#parts.changed();
  }

  /** Asks workers to finish their jobs and to leave. */
  drain(workerIds: Iterable<string>): void {
    for (const id of workerIds) this.#connections!.send(id, { type: "drain" });
  }

  /** Assigns all jobs that can start now. */
  dispatch(): void {
    this.#dispatcher!.dispatch();
  }

  /** Asks the workers of jobs to stop. */
  cancel(jobs: Iterable<JobRecord>): void {
    for (const job of jobs) this.#dispatcher?.cancel(job);
  }

  /** Requeues the jobs of a worker that is lost, silent or leaving. */
  giveUp(workerId: string, reason: "killed" | "lease" | "released"): void {
    const lost = this.table.lose(workerId, this.#options.now());
    if (lost === undefined) return;
    for (const { id, attempt } of lost.worker.jobs.values()) {
      this.#parts.scheduler.requeue(id, attempt, reason, lost.jobCount);
    }
    void this.#connections!.close(workerId);
    this.#parts.changed();
  }

  /** Requeues the jobs that no worker has claimed after a restart. */
  requeueUnclaimed(): void {
    this.#parts.scheduler.requeueUnclaimed(({ id, attempt, worker }) =>
      worker !== undefined &&
      this.table.get(worker)?.jobs.get(id)?.attempt === attempt
    );
    this.#parts.changed();
  }

  /** A worker announces itself. Returns whether it is accepted. */
  #announced(
    info: Available,
    sender: SenderProof & Sender,
    now: number,
  ): boolean {
    const { scheduler, changed } = this.#parts;
    const isKnown = this.table.get(info.id) !== undefined;
    if (!isKnown && !this.#isUsable(info, sender)) return false;
    const dismiss = (id: string) => this.giveUp(id, "released");
    if (!this.#admission.admit(info, now, dismiss)) return false;
    const { worker, isNew, lost } = this.table.announced(info, now, sender);
    if (info.address === undefined) {
      const { route } = sender;
      const isConnected = route !== undefined &&
        this.#connections!.accept(info, route);
      if (isConnected) this.#dispatcher!.sendAgain(worker, info.running);
    } else if (isNew) this.#dial(info, sender.secret);
    for (const claim of lost) {
      this.table.unassign(info.id, claim);
      scheduler.requeue(claim.id, claim.attempt, "unclaimed");
    }
    for (const claim of info.running) this.#claim(worker, claim);
    changed();
    return true;
  }

  /** Whether messages can be sent to a new worker; otherwise that is reported. */
  #isUsable(info: Available, { route }: Sender): boolean {
    const { faults } = this.#parts;
    const { id, address, publicKey } = info;
    try {
      if (address !== undefined) {
        this.#options.requireWorker?.({ address, publicKey });
        return true;
      }
    } catch (error) {
      reportUnreachable(faults, info, error as Error);
      return false;
    }
    // Another peer could take over a routing id that a worker has chosen, and get its jobs.
    if (route?.[0] === 0) return true;
    reportForged(faults, id, "available", "over a socket with a routing id");
    return false;
  }

  /** Connects to the address that a worker has announced. */
  #dial(info: Available, secret: string | undefined): void {
    const connections = this.#connections!;
    connections.open(info, secret).catch((cause) => {
      this.table.remove(info.id);
      void connections.close(info.id);
      reportUnreachable(this.#parts.faults, info, cause as Error);
    });
  }

  /** A worker claims a job: it keeps it, unless the job was given to another. */
  #claim(worker: Worker, claim: Claim): void {
    if (worker.jobs.get(claim.id)?.attempt === claim.attempt) return;
    const { scheduler } = this.#parts;
    const job = scheduler.assignedJob(claim);
    if (job?.worker !== worker.id) {
      this.#connections!.send(worker.id, { type: "cancel", ...claim });
      return;
    }
    this.table.assign(worker.id, claim, job.isolationLimit);
    scheduler.activate(claim.id, claim.attempt);
  }

  #settle(worker: string, claim: Claim): void {
    this.#dispatcher!.settle(worker, claim);
    this.#parts.changed();
  }

  /** Whether another worker has this attempt. */
  #isOfAnother(worker: string, claim: Claim): boolean {
    const job = this.#parts.scheduler.assignedJob(claim);
    return job !== undefined && job.worker !== worker;
  }
}
