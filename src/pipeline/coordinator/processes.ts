/**
 * Layer: pipeline/coordinator. The processes of workers: a job that ends its process
 * ends all workers in it. So jobs are counted by process. No I/O, no timers.
 *
 * @module
 */

/** Losses of workers within this time are one loss of their process, in milliseconds. */
const LOSS_MS = 5000;

/** A job of a worker. */
interface Held {
  /** For a suspect, the maximum number of jobs of its process. */
  readonly isolationLimit: number | undefined;
}

/** A process, with one worker or several. */
export class Process {
  readonly #held: Set<Held> = new Set();
  #suspects = 0;
  #lostCount = 0;
  #lostAt = -Infinity;
  /** Its host and process id. */
  readonly key: string;
  /** How many workers are in it. */
  workers = 0;
  /** The type of the suspect for which it is reserved. */
  reservedFor: string | undefined;

  /** @param key Its host and process id. */
  constructor(key: string) {
    this.key = key;
  }

  /** How many jobs it has. */
  get jobs(): number {
    return this.#held.size;
  }

  /** Whether it takes only suspects. */
  get isForSuspects(): boolean {
    return this.#suspects > 0 || this.reservedFor !== undefined;
  }

  /** Whether it has jobs, none of which is a suspect: they must end before it can run one. */
  get hasOtherJobs(): boolean {
    return this.#suspects === 0 && this.jobs > 0;
  }

  /** Whether it can take a suspect that may run beside this number of jobs. */
  hasRoomFor(isolationLimit: number): boolean {
    let most = isolationLimit;
    for (const held of this.#held) {
      most = Math.min(most, held.isolationLimit ?? 0);
    }
    return this.jobs < most;
  }

  /** A job is added. */
  add(held: Held): void {
    this.#held.add(held);
    if (held.isolationLimit !== undefined) this.#suspects++;
  }

  /** A job is removed. */
  remove(held: Held | undefined): void {
    if (held === undefined || !this.#held.delete(held)) return;
    if (held.isolationLimit !== undefined) this.#suspects--;
  }

  /**
   * A worker of it was lost.
   *
   * @param count How many jobs that worker had.
   * @returns How many jobs the process had, with those of its workers that were
   *   lost just before.
   */
  lose(count: number, now: number): number {
    const before = Math.abs(now - this.#lostAt) < LOSS_MS ? this.#lostCount : 0;
    this.#lostCount = before + count;
    this.#lostAt = now;
    return before + this.jobs;
  }
}

/** The processes of all workers. */
export class Processes {
  readonly #processes: Map<string, Process> = new Map();
  readonly #reserved: Set<Process> = new Set();

  /** A worker joins; its host and process id say which process it is in. */
  join(
    { host, pid }: { readonly host: string; readonly pid: number },
  ): Process {
    const key = `${pid} ${host}`;
    const process = this.#processes.get(key) ?? new Process(key);
    this.#processes.set(key, process);
    process.workers++;
    return process;
  }

  /** A worker of a process leaves, with its jobs. */
  leave(process: Process, held: Iterable<Held>): void {
    for (const one of held) process.remove(one);
    if (--process.workers > 0) return;
    this.#processes.delete(process.key);
    this.#reserved.delete(process);
  }

  /** Reserves a process for a suspect. */
  reserve(process: Process, jobType: string): void {
    process.reservedFor = jobType;
    this.#reserved.add(process);
  }

  /** Ends the reservation of a process. */
  free(process: Process): void {
    process.reservedFor = undefined;
    this.#reserved.delete(process);
  }

  /** Ends all reservations for suspects of a type. */
  endReservations(jobType: string): void {
    for (const process of this.#reserved) {
      if (process.reservedFor === jobType) this.free(process);
    }
  }
}
