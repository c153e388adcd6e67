/**
 * Layer: pipeline/coordinator. The workers: their announcements, the time of their
 * last message, and their jobs. No I/O, no timers.
 *
 *     connecting → ready ⇄ suspect (silent) → gone (its lease is over)
 *                    └──▶ draining ──────────▶ gone (it left, or died)
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { Available, Claim } from "../protocol/messages.ts";
import { type Process, Processes } from "./processes.ts";
import { needsSecret, workerIdOf } from "../protocol/worker_id.ts";

/** After this number of successive announcements without a job, the job never arrived. */
const MISSES = 3;
/**
 * The minimum time between announcements that count, in milliseconds: half of
 * the interval at which they are sent. Those that arrive together, after this
 * process or the network was blocked, are from before the job was sent.
 */
const MISS_MS = 500;
/** After a longer silence the network may have been down, in milliseconds; announcements come every second. */
const OUTAGE_MS = 2000;

/** How many jobs a worker may have. Default: as many as it asks for. */
export interface Credits {
  /** The maximum number at a time. */
  readonly maxCredit?: number;
  /** The number before it has completed any; each completed job adds one. */
  readonly firstCredit?: number;
}

/** A job that a worker has. */
interface Assignment extends Claim {
  /** For a suspect, the maximum number of jobs of its worker. */
  readonly isolationLimit: number | undefined;
  /** How many announcements in a row did not name it. */
  misses: number;
  /** When the last of these arrived. */
  missedAt: number;
}

/** One run of one step in one process. */
export interface Worker {
  /** One run of one step in one process. */
  readonly id: string;
  /** Its last announcement. */
  info: Available;
  /** When its last message arrived, in milliseconds since 1970. */
  heardAt: number;
  /** When its first announcement arrived. */
  readonly joinedAt: number;
  /** Whether jobs can be sent to it. */
  isLinked: boolean;
  /** Since when they cannot be sent, if they cannot. */
  unlinkedAt: number;
  /** Whether it has been silent for too long to get new jobs. */
  isSuspect: boolean;
  /** The last of its heartbeats that do not depend on its event loop, if there are any: when it arrived, and how long the worker may be silent from then on. */
  heartbeat: { at: number; readonly silenceMs: number } | undefined;
  /** The jobs that it has, by id. */
  readonly jobs: ReadonlyMap<string, Claim>;
}

/** The proof of identity in a message. */
export interface SenderProof {
  /** The worker's secret, if the message has one. */
  readonly secret?: string | undefined;
  /** The public key of the connection, where there is CURVE. */
  readonly key?: string | undefined;
}

interface Entry extends Worker {
  /** The process that it is in. */
  readonly process: Process;
  /** The public key with which it announced itself first, where there is CURVE. */
  readonly key: string | undefined;
  /** How many jobs it has completed. */
  doneCount: number;
  /** Until then, jobs that it does not name may be on their way. */
  lateUntil: number;
  readonly jobs: Map<string, Assignment>;
}

/** The workers of a pipeline. */
export class WorkerTable {
  readonly #credits: Credits;
  readonly #workers: Map<string, Entry> = new Map();
  /** Of the workers that have one, by id; not in their entries, which can be read from outside. */
  readonly #secrets: Map<string, string> = new Map();
  readonly #byType: Map<string, Set<Entry>> = new Map();
  readonly #processes = new Processes();
  /** When it was last looked for those that are silent. */
  #lookedAt = Infinity;

  constructor(credits: Credits = {}) {
    this.#credits = credits;
  }

  /** All workers. */
  values(): Iterable<Worker> {
    return this.#workers.values();
  }

  /** How many there are. */
  get size(): number {
    return this.#workers.size;
  }

  /** The worker with this id. */
  get(id: string): Worker | undefined {
    return this.#workers.get(id);
  }

  /**
   * Checks whether a message can be from the worker that it names.
   *
   * A worker with a secret must send it each time, and one with a key must use
   * it. Without both, only its id identifies it.
   *
   * @returns Why it cannot; `undefined` if it can.
   */
  doubt(id: string, { secret, key }: SenderProof): string | undefined {
    if (!this.#isSecretOf(id, secret)) return "without the worker's secret";
    if (this.isKeyOf(id, key)) return undefined;
    return "with another key than the worker's first announcement";
  }

  /**
   * Whether a worker is proved by a secret, or has none. The secret of a known
   * worker is compared, and not hashed again with each message.
   */
  #isSecretOf(id: string, secret: string | undefined): boolean {
    const known = this.#secrets.get(id);
    if (known !== undefined) return known === secret;
    if (!needsSecret(id)) return true;
    return secret !== undefined && workerIdOf(secret) === id;
  }

  /** Whether a worker announced itself with this key, or is unknown. */
  isKeyOf(id: string, key: string | undefined): boolean {
    const entry = this.#workers.get(id);
    return entry === undefined || entry.key === key;
  }

  /**
   * A worker announces itself.
   *
   * @param now In milliseconds since 1970.
   * @param proof What all its messages must contain from now on.
   * @returns The worker, whether it is new, and the jobs that never reached it.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID` if it changed its identity.
   */
  announced(
    info: Available,
    now: number,
    { secret, key }: SenderProof = {},
  ): { worker: Worker; isNew: boolean; lost: Claim[] } {
    let entry = this.#workers.get(info.id);
    const isNew = entry === undefined;
    if (entry === undefined) {
      entry = {
        process: this.#processes.join(info),
        id: info.id,
        info,
        key,
        heardAt: now,
        joinedAt: now,
        doneCount: 0,
        lateUntil: 0,
        heartbeat: undefined,
        isLinked: false,
        unlinkedAt: now,
        isSuspect: false,
        jobs: new Map(),
      };
      this.#workers.set(info.id, entry);
      if (secret !== undefined) this.#secrets.set(info.id, secret);
      const peers = this.#byType.get(info.jobType) ?? new Set();
      this.#byType.set(info.jobType, peers.add(entry));
    }
    for (const fact of ["jobType", "address", "publicKey"] as const) {
      if (entry.info[fact] === info[fact]) continue;
      throw new PipelineError(
        "ERR_PIPELINE_INVALID",
        `The worker "${info.id}" cannot change its ${fact}`,
      );
    }
    entry.info = info;
    received(entry, now);
    return { worker: entry, isNew, lost: missing(entry, info.running, now) };
  }

  /** Another message of a worker. */
  touch(id: string, now: number): void {
    const entry = this.#workers.get(id);
    if (entry !== undefined) received(entry, now);
  }

  /**
   * A heartbeat of a worker. Its event loop may be blocked: it gets no jobs by that.
   *
   * @param silenceMs How long it may be silent before its machine counts as gone; 0 if that is not known.
   */
  heartbeat(id: string, silenceMs: number, now: number): void {
    const entry = this.#workers.get(id);
    if (entry === undefined) return;
    entry.heartbeat = silenceMs > 0 ? { at: now, silenceMs } : undefined;
  }

  /**
   * The worker of a type that gets the next job; `undefined` if none has room.
   *
   * Workers that can start at once come first, then those with the fewest jobs:
   * a worker that asks for more gets no larger share than others.
   */
  pick(jobType: string): Worker | undefined {
    let best: Entry | undefined;
    for (const entry of this.#byType.get(jobType) ?? []) {
      if (entry.process.isForSuspects || this.#roomOf(entry) <= 0) continue;
      if (best === undefined || isBefore(entry, best)) best = entry;
    }
    return best;
  }

  /**
   * The worker of a type that gets the next suspect: a job that was with a
   * worker that died. It runs beside other suspects only, and beside so many
   * that it is one of `isolationLimit` at most. At most half of the workers, or one,
   * run suspects: the others run all other jobs.
   */
  pickForSuspect(jobType: string, isolationLimit: number): Worker | undefined {
    const able = [...this.#byType.get(jobType) ?? []].filter(isAble);
    const fits = (entry: Entry) =>
      entry.process.hasRoomFor(isolationLimit) && canBegin(entry) &&
      this.#roomOf(entry) > 0;
    const reserved = able.filter(({ process }) => process.isForSuspects);
    const ready = reserved.find(fits);
    if (ready !== undefined) return ready;
    const all = new Set(able.map(({ process }) => process)).size;
    const most = Math.max(1, Math.floor(all / 2));
    const busy = reserved.find(({ process }) => process.hasOtherJobs);
    const isFull = new Set(reserved.map(({ process }) => process)).size >= most;
    const next = leastBusy(
      able.filter(({ process }) => !process.isForSuspects),
    );
    if (next === undefined) return undefined;
    if (isFull) {
      // One that is idle is better than one that still has other jobs.
      if (busy === undefined || next.process.jobs > 0) return undefined;
      this.#processes.free(busy.process);
    }
    this.#processes.reserve(next.process, jobType);
    return fits(next) ? next : undefined;
  }

  /** No suspect of a type waits: no worker is reserved for one. */
  endReservations(jobType: string): void {
    this.#processes.endReservations(jobType);
  }

  /**
   * Removes a lost worker.
   *
   * @returns The worker, and how many jobs its process had.
   */
  lose(
    id: string,
    now: number,
  ): { worker: Worker; jobCount: number } | undefined {
    const entry = this.#workers.get(id);
    if (entry === undefined) return undefined;
    const jobCount = entry.process.lose(entry.jobs.size, now);
    this.remove(id);
    return { worker: entry, jobCount };
  }

  /** A worker has completed a job: it may have more. */
  done(id: string): void {
    const entry = this.#workers.get(id);
    if (entry !== undefined) entry.doneCount++;
  }

  /**
   * Adds a job that a worker gets, or claims.
   *
   * @param isolationLimit For a suspect, how many jobs its worker may have.
   */
  assign(
    id: string,
    { id: jobId, attempt }: Claim,
    isolationLimit?: number,
  ): void {
    const entry = this.#workers.get(id);
    if (entry === undefined) return;
    entry.process.remove(entry.jobs.get(jobId));
    const job = {
      id: jobId,
      attempt,
      isolationLimit,
      misses: 0,
      missedAt: -Infinity,
    };
    entry.jobs.set(jobId, job);
    entry.process.add(job);
  }

  /** Removes a job of a worker, if it is this attempt. */
  unassign(id: string, { id: jobId, attempt }: Claim): void {
    const entry = this.#workers.get(id);
    const job = entry?.jobs.get(jobId);
    if (entry === undefined || job?.attempt !== attempt) return;
    entry.jobs.delete(jobId);
    entry.process.remove(job);
  }

  /** Removes a worker. */
  remove(id: string): Worker | undefined {
    const entry = this.#workers.get(id);
    if (entry === undefined) return undefined;
    this.#workers.delete(id);
    this.#secrets.delete(id);
    this.#processes.leave(entry.process, entry.jobs.values());
    const peers = this.#byType.get(entry.info.jobType);
    peers?.delete(entry);
    if (peers?.size === 0) this.#byType.delete(entry.info.jobType);
    return entry;
  }

  /** The pipeline was blocked and received nothing meanwhile: that time does not count as silence. */
  extendDeadlines(blockedMs: number): void {
    for (const entry of this.#workers.values()) {
      entry.heardAt += blockedMs;
      if (entry.heartbeat !== undefined) entry.heartbeat.at += blockedMs;
      entry.unlinkedAt += blockedMs;
    }
  }

  /**
   * Updates which workers are silent.
   *
   * @returns The workers whose lease is over, or whose machine is gone.
   */
  findExpired(now: number, suspectMs: number, leaseMs: number): Worker[] {
    const over: Worker[] = [];
    this.#forgiveOutage(now);
    for (const entry of this.#workers.values()) {
      const silentMs = now - entry.heardAt;
      entry.isSuspect = silentMs > suspectMs;
      if (silentMs > leaseMs || isGone(entry, now)) over.push(entry);
    }
    return over;
  }

  /**
   * While nothing comes from any worker, the network of this machine may be down:
   * that time does not count, as no worker could take over anything.
   */
  #forgiveOutage(now: number): void {
    const elapsedMs = Math.max(0, now - this.#lookedAt);
    this.#lookedAt = now;
    const entries = [...this.#workers.values()];
    if (entries.some((entry) => now - lastSignOf(entry) <= OUTAGE_MS)) return;
    for (const entry of entries) {
      if (entry.heartbeat === undefined) continue;
      entry.heartbeat.at = lastSignOf(entry) + elapsedMs;
    }
  }

  /** How many more jobs it may have. */
  #roomOf({ info, isLinked, isSuspect, jobs, doneCount }: Entry): number {
    if (!isLinked || isSuspect || info.draining) return 0;
    const { maxCredit = Infinity, firstCredit = Infinity } = this.#credits;
    const most = Math.min(info.credit, maxCredit, firstCredit + doneCount);
    return most - jobs.size;
  }
}

/** Whether nothing comes from its machine any more: neither messages, nor the heartbeats that there were. */
function isGone(entry: Entry, now: number): boolean {
  const { heartbeat } = entry;
  return heartbeat !== undefined &&
    now - lastSignOf(entry) > heartbeat.silenceMs;
}

/** When something came from a worker: a message, or a heartbeat. */
function lastSignOf({ heardAt, heartbeat }: Entry): number {
  return Math.max(heardAt, heartbeat?.at ?? 0);
}

/** Whether it may get jobs, once it has room. */
function isAble({ info, isLinked, isSuspect }: Entry): boolean {
  return isLinked && !isSuspect && !info.draining && info.credit > 0;
}

/** The one whose process has the fewest jobs. */
function leastBusy(entries: readonly Entry[]): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of entries) {
    if (best === undefined || entry.process.jobs < best.process.jobs) {
      best = entry;
    }
  }
  return best;
}

/** Whether a worker gets a job before another one. */
function isBefore(a: Entry, b: Entry): boolean {
  const isFree = canBegin(a);
  if (isFree !== canBegin(b)) return isFree;
  return a.jobs.size < b.jobs.size;
}

/** Whether it works on one more at once. */
function canBegin({ info, jobs }: Entry): boolean {
  return jobs.size < info.concurrency;
}

/**
 * A message of a worker arrived. If it was silent, the network may have been down:
 * TCP sends again what was lost, after pauses that double, so for as long again.
 */
function received(entry: Entry, now: number): void {
  const silentMs = now - entry.heardAt;
  if (silentMs > OUTAGE_MS) entry.lateUntil = now + silentMs;
  entry.heardAt = now;
  entry.isSuspect = false;
}

/** The jobs that a worker should have, and again and again does not name. */
function missing(
  { jobs, lateUntil }: Entry,
  running: readonly Claim[],
  now: number,
): Claim[] {
  if (jobs.size === 0 || now < lateUntil) return [];
  const named = new Set(running.map(({ id, attempt }) => `${id} ${attempt}`));
  const lost: Claim[] = [];
  for (const job of jobs.values()) {
    if (named.has(`${job.id} ${job.attempt}`)) {
      job.misses = 0;
      continue;
    }
    if (now - job.missedAt < MISS_MS) continue;
    job.missedAt = now;
    if (++job.misses >= MISSES) lost.push(job);
  }
  return lost;
}
