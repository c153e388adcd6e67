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
import type { Available, Claim } from "../wire/messages.ts";

/** So many announcements in a row that do not name a job say that it never arrived. */
const MISSES = 3;
/**
 * Announcements count with this between them, in milliseconds, half of what
 * there is when they are sent. Those that come all at once, as after we were
 * held up or the network was, are old: from before the job was sent.
 */
const MISS_MS = 500;

/** A job that a worker has. */
interface Assignment extends Claim {
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

interface Entry extends Worker {
  readonly jobs: Map<string, Assignment>;
}

/** The workers of a pipeline. */
export class WorkerTable {
  readonly #workers: Map<string, Entry> = new Map();
  readonly #byType: Map<string, Set<Entry>> = new Map();

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
   * A worker announces itself.
   *
   * @param now In milliseconds since 1970.
   * @returns The worker, whether it is new, and the jobs that never reached it.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID` if it became another one.
   */
  hear(
    info: Available,
    now: number,
  ): { worker: Worker; isNew: boolean; lost: Claim[] } {
    let entry = this.#workers.get(info.id);
    const isNew = entry === undefined;
    if (entry === undefined) {
      entry = {
        id: info.id,
        info,
        heardAt: now,
        joinedAt: now,
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

  /** The worker of a type that has most room; `undefined` if none has any. */
  pick(jobType: string): Worker | undefined {
    let best: Entry | undefined;
    let most = 0;
    for (const entry of this.#byType.get(jobType) ?? []) {
      const room = roomOf(entry);
      if (room <= most) continue;
      most = room;
      best = entry;
    }
    return best;
  }

  /** A worker gets a job, or says that it has one. */
  assign(id: string, { id: jobId, attempt }: Claim): void {
    this.#workers.get(id)?.jobs.set(jobId, {
      id: jobId,
      attempt,
      misses: 0,
      missedAt: -Infinity,
    });
  }

  /** A worker has a job no more; if it is this attempt of it. */
  unassign(id: string, { id: jobId, attempt }: Claim): void {
    const jobs = this.#workers.get(id)?.jobs;
    if (jobs?.get(jobId)?.attempt === attempt) jobs.delete(jobId);
  }

  /** Forgets a worker. */
  remove(id: string): Worker | undefined {
    const entry = this.#workers.get(id);
    if (entry === undefined) return undefined;
    this.#workers.delete(id);
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
}

function roomOf({ info, isLinked, isSuspect, jobs }: Entry): number {
  if (!isLinked || isSuspect || info.draining) return 0;
  return info.credit - jobs.size;
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
