/**
 * Layer: pipeline/coordinator. Who works: what each worker said of itself,
 * when it was heard, and which jobs it has. No I/O, no timers.
 *
 *     connecting → ready ⇄ suspect (silent) → gone (its lease is over)
 *                    └──▶ draining ──────────▶ gone (it left, or died)
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import type { Available, Claim } from "../protocol/messages.ts";
import { type Process, Processes } from "./processes.ts";
import { needsSecret, workerIdOf } from "../protocol/worker_id.ts";

/** So many announcements in a row that do not name a job say that it never arrived. */
const MISSES = 3;
/**
 * Announcements count with this between them, in milliseconds, half of what
 * there is when they are sent. Those that come all at once, as after we were
 * held up or the network was, are old: from before the job was sent.
 */
const MISS_MS = 500;

/** How many jobs a worker may have; without limits, as many as it asks for. */
export interface Credits {
  /** At most so many at a time. */
  readonly maxCredit?: number;
  /** So many before it has done any; each that it does lets it have one more. */
  readonly firstCredit?: number;
}

/** A job that a worker has. */
interface Assignment extends Claim {
  /** For a suspect, how many jobs its worker may have. */
  readonly together: number | undefined;
  /** How many announcements in a row did not name it. */
  misses: number;
  /** When the last of these was heard. */
  missedAt: number;
}

/** One run of one step in one process. */
export interface Worker {
  /** One run of one step in one process. */
  readonly id: string;
  /** What it said of itself last. */
  info: Available;
  /** When it was heard last, in milliseconds since 1970. */
  heardAt: number;
  /** When it was heard first. */
  readonly joinedAt: number;
  /** Whether jobs can be sent to it. */
  isLinked: boolean;
  /** Since when they cannot, while that is so. */
  unlinkedAt: number;
  /** Whether it has been silent for long: it gets no new work. */
  isSuspect: boolean;
  /** The jobs that it has, by id. */
  readonly jobs: ReadonlyMap<string, Claim>;
}

/** What a message shows of who sent it. */
export interface SenderProof {
  /** The worker's secret, if the message has one. */
  readonly secret?: string | undefined;
  /** The public key of the connection, where there is CURVE. */
  readonly key?: string | undefined;
}

interface Entry extends Worker {
  /** The process that it is in. */
  readonly process: Process;
  /** The hash of its secret, if it has one. */
  readonly secretHash: string | undefined;
  /** The public key with which it announced itself first, where there is CURVE. */
  readonly key: string | undefined;
  /** How many jobs it has done. */
  doneCount: number;
  readonly jobs: Map<string, Assignment>;
}

/** The workers of a pipeline. */
export class WorkerTable {
  readonly #credits: Credits;
  readonly #workers: Map<string, Entry> = new Map();
  readonly #byType: Map<string, Set<Entry>> = new Map();
  readonly #processes = new Processes();

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
   * Whether a message that names a worker may be from that worker.
   *
   * A worker that has a secret has to give it each time, and one that has a key
   * has to use it. Without both, its id is all that it has.
   *
   * @returns Why not; `undefined` if it may.
   */
  doubt(id: string, { secret, key }: SenderProof): string | undefined {
    const hash = secret === undefined ? undefined : workerIdOf(secret);
    if (needsSecret(id) && hash !== id) return "without the worker's secret";
    if (!this.isKeyOf(id, key)) {
      return "with another key than the worker's first announcement";
    }
    const expected = this.#workers.get(id)?.secretHash;
    if (expected === undefined || expected === hash) return undefined;
    return "without the worker's secret";
  }

  /** Whether a worker announced itself with this key; so it is of one that is not known. */
  isKeyOf(id: string, key: string | undefined): boolean {
    const entry = this.#workers.get(id);
    return entry === undefined || entry.key === key;
  }

  /**
   * A worker announces itself.
   *
   * @param now In milliseconds since 1970.
   * @param proof What its messages have to have from now on.
   * @returns The worker, whether it is new, and the jobs that never reached it.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID` if it became another one.
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
        secretHash: secret === undefined ? undefined : workerIdOf(secret),
        key,
        heardAt: now,
        joinedAt: now,
        doneCount: 0,
        isLinked: false,
        unlinkedAt: now,
        isSuspect: false,
        jobs: new Map(),
      };
      this.#workers.set(info.id, entry);
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
    entry.heardAt = now;
    entry.isSuspect = false;
    return { worker: entry, isNew, lost: missing(entry, info.running, now) };
  }

  /** Another sign of life. */
  touch(id: string, now: number): void {
    const entry = this.#workers.get(id);
    if (entry === undefined) return;
    entry.heardAt = now;
    entry.isSuspect = false;
  }

  /**
   * The worker of a type that gets the next job; `undefined` if none has room.
   *
   * Those that can begin at once come first, then those that have the fewest
   * jobs: what a worker asks for gives it no larger share than others have.
   */
  pick(jobType: string): Worker | undefined {
    let best: Entry | undefined;
    for (const entry of this.#byType.get(jobType) ?? []) {
      if (entry.process.isTesting || this.#roomOf(entry) <= 0) continue;
      if (best === undefined || isBefore(entry, best)) best = entry;
    }
    return best;
  }

  /**
   * The worker of a type that gets the next suspect: a job that was with a
   * worker that died. It runs beside other suspects only, and beside so many
   * that it is one of `together` at most. At most half of the workers try
   * suspects, or one: the others go on with all else.
   */
  pickForSuspect(jobType: string, together: number): Worker | undefined {
    const able = [...this.#byType.get(jobType) ?? []].filter(isAble);
    const fits = (entry: Entry) =>
      entry.process.hasRoomFor(together) && canBegin(entry) &&
      this.#roomOf(entry) > 0;
    const testing = able.filter(({ process }) => process.isTesting);
    const ready = testing.find(fits);
    if (ready !== undefined) return ready;
    const all = new Set(able.map(({ process }) => process)).size;
    const most = Math.max(1, Math.floor(all / 2));
    const busy = testing.find(({ process }) => process.isAwaited);
    const isFull = new Set(testing.map(({ process }) => process)).size >= most;
    const next = leastBusy(able.filter(({ process }) => !process.isTesting));
    if (next === undefined) return undefined;
    if (isFull) {
      // One that is idle is better than one that still has other jobs.
      if (busy === undefined || next.process.jobs > 0) return undefined;
      this.#processes.free(busy.process);
    }
    this.#processes.reserve(next.process, jobType);
    return fits(next) ? next : undefined;
  }

  /** No suspect of a type waits: its workers are not kept free for one. */
  endTests(jobType: string): void {
    this.#processes.endTests(jobType);
  }

  /**
   * Forgets a worker that was lost.
   *
   * @returns The worker, and how many jobs its process had.
   */
  lose(
    id: string,
    now: number,
  ): { worker: Worker; together: number } | undefined {
    const entry = this.#workers.get(id);
    if (entry === undefined) return undefined;
    const together = entry.process.lose(entry.jobs.size, now);
    this.remove(id);
    return { worker: entry, together };
  }

  /** A worker has done a job: it is trusted with more. */
  done(id: string): void {
    const entry = this.#workers.get(id);
    if (entry !== undefined) entry.doneCount++;
  }

  /**
   * A worker gets a job, or says that it has one.
   *
   * @param together For a suspect, how many jobs its worker may have.
   */
  assign(id: string, { id: jobId, attempt }: Claim, together?: number): void {
    const entry = this.#workers.get(id);
    if (entry === undefined) return;
    entry.process.remove(entry.jobs.get(jobId));
    const job = {
      id: jobId,
      attempt,
      together,
      misses: 0,
      missedAt: -Infinity,
    };
    entry.jobs.set(jobId, job);
    entry.process.add(job);
  }

  /** A worker has a job no more; if it is this attempt of it. */
  unassign(id: string, { id: jobId, attempt }: Claim): void {
    const entry = this.#workers.get(id);
    const job = entry?.jobs.get(jobId);
    if (entry === undefined || job?.attempt !== attempt) return;
    entry.jobs.delete(jobId);
    entry.process.remove(job);
  }

  /** Forgets a worker. */
  remove(id: string): Worker | undefined {
    const entry = this.#workers.get(id);
    if (entry === undefined) return undefined;
    this.#workers.delete(id);
    this.#processes.leave(entry.process, entry.jobs.values());
    const peers = this.#byType.get(entry.info.jobType);
    peers?.delete(entry);
    if (peers?.size === 0) this.#byType.delete(entry.info.jobType);
    return entry;
  }

  /** Nobody could be heard for a time, since the pipeline itself was held up. */
  forgive(heldUpMs: number): void {
    for (const entry of this.#workers.values()) {
      entry.heardAt += heldUpMs;
      entry.unlinkedAt += heldUpMs;
    }
  }

  /**
   * Notes who has been silent for long.
   *
   * @returns Who has been silent for so long that its lease is over.
   */
  judge(now: number, suspectMs: number, leaseMs: number): Worker[] {
    const over: Worker[] = [];
    for (const entry of this.#workers.values()) {
      const silentMs = now - entry.heardAt;
      entry.isSuspect = silentMs > suspectMs;
      if (silentMs > leaseMs) over.push(entry);
    }
    return over;
  }

  /** How many more jobs it may have. */
  #roomOf({ info, isLinked, isSuspect, jobs, doneCount }: Entry): number {
    if (!isLinked || isSuspect || info.draining) return 0;
    const { maxCredit = Infinity, firstCredit = Infinity } = this.#credits;
    const most = Math.min(info.credit, maxCredit, firstCredit + doneCount);
    return most - jobs.size;
  }
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

/** The jobs that a worker should have, and again and again does not name. */
function missing(
  { jobs }: Entry,
  running: readonly Claim[],
  now: number,
): Claim[] {
  if (jobs.size === 0) return [];
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
