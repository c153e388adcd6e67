/**
 * Layer: pipeline/coordinator. The processes that workers are in: what one job
 * does to its process, it does to all workers in that. So whether a job is
 * alone goes by the process. No I/O, no timers.
 *
 * @module
 */

/** So long the losses of workers are one loss of their process, in milliseconds. */
const LOSS_MS = 5000;

/** What there is to know of a job of a worker. */
interface Held {
  /** For a suspect, how many jobs its process may have. */
  readonly together: number | undefined;
}

/** A process, with one worker or several. */
export class Process {
  readonly #held: Set<Held> = new Set();
  #suspects = 0;
  #lostCount = 0;
  #lostAt = -Infinity;
  /** What it is known by. */
  readonly key: string;
  /** How many workers are in it. */
  workers = 0;
  /** The type of the suspect that it is kept free for. */
  reservedFor: string | undefined;

  /** @param key What it is known by. */
  constructor(key: string) {
    this.key = key;
  }

  /** How many jobs it has. */
  get jobs(): number {
    return this.#held.size;
  }

  /** Whether it is for suspects alone. */
  get isTesting(): boolean {
    return this.#suspects > 0 || this.reservedFor !== undefined;
  }

  /** Whether it is kept free, and still has jobs that are no suspects. */
  get isAwaited(): boolean {
    return this.#suspects === 0 && this.jobs > 0;
  }

  /** Whether it can take a suspect that may be one of so many. */
  hasRoomFor(together: number): boolean {
    let most = together;
    for (const held of this.#held) most = Math.min(most, held.together ?? 0);
    return this.jobs < most;
  }

  /** It gets a job. */
  add(held: Held): void {
    this.#held.add(held);
    if (held.together !== undefined) this.#suspects++;
  }

  /** It has a job no more. */
  remove(held: Held | undefined): void {
    if (held === undefined || !this.#held.delete(held)) return;
    if (held.together !== undefined) this.#suspects--;
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

  /** A worker comes; the process is that of its host and process id. */
  join(
    { host, pid }: { readonly host: string; readonly pid: number },
  ): Process {
    const key = `${pid} ${host}`;
    const process = this.#processes.get(key) ?? new Process(key);
    this.#processes.set(key, process);
    process.workers++;
    return process;
  }

  /** A worker of a process goes, with the jobs that it has. */
  leave(process: Process, held: Iterable<Held>): void {
    for (const one of held) process.remove(one);
    if (--process.workers > 0) return;
    this.#processes.delete(process.key);
    this.#reserved.delete(process);
  }

  /** A process is kept free for a suspect. */
  reserve(process: Process, jobType: string): void {
    process.reservedFor = jobType;
    this.#reserved.add(process);
  }

  /** A process is not kept free any more. */
  free(process: Process): void {
    process.reservedFor = undefined;
    this.#reserved.delete(process);
  }

  /** No process is kept free for suspects of a type any more. */
  endTests(jobType: string): void {
    for (const process of this.#reserved) {
      if (process.reservedFor === jobType) this.free(process);
    }
  }
}
