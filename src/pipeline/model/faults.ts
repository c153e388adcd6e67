/**
 * Layer: pipeline/model. Errors in a pipeline that have no caller: they are
 * counted by kind, and reported. A part that fails permanently, or repeatedly,
 * makes the whole pipeline unhealthy until it works again.
 *
 * @module
 */
import { ErrorLog } from "../../zmq/error_log.ts";
import { callSafely } from "../../async/call_safely.ts";
import { PipelineError } from "./pipeline_error.ts";
import { messageOf } from "./foreign.ts";

/**
 * What went wrong.
 *
 * | kind | meaning |
 * |---|---|
 * | `unreadable` | a message of a worker that cannot be read |
 * | `unreachable` | a worker that the pipeline cannot connect to |
 * | `useless` | a worker for jobs that no flow has |
 * | `refused` | a message of a worker about what is not its own |
 * | `schedule` | a schedule whose flow could not be submitted |
 * | `store` | a commit that failed |
 * | `listener` | a listener of the program that threw |
 * | `internal` | a fault of this library |
 */
export type FaultKind =
  | "unreadable"
  | "unreachable"
  | "useless"
  | "refused"
  | "schedule"
  | "store"
  | "listener"
  | "internal";

/** All of them. */
export const FAULT_KINDS: readonly FaultKind[] = [
  "unreadable",
  "unreachable",
  "useless",
  "refused",
  "schedule",
  "store",
  "listener",
  "internal",
];

/** Called with an error and its kind. */
export type Report = (error: Error, kind?: FaultKind) => void;

/** Counts and reports errors. */
export class Faults {
  readonly #counts: Map<FaultKind, number> = new Map();
  readonly #log: ErrorLog = new ErrorLog();
  readonly #onError: (error: Error) => unknown;
  /** By the part that fails. */
  readonly #failing: Map<string, PipelineError> = new Map();

  /**
   * Creates the counters.
   *
   * @param onError Called for every error. Default: each kind is written to stderr
   *   once a second, with how many there were.
   */
  constructor(onError?: (error: Error) => unknown) {
    this.#onError = onError ?? this.#log.add;
  }

  /** How many errors of a kind there were; those of which there were none are absent. */
  get counts(): Readonly<Partial<Record<FaultKind, number>>> {
    return Object.fromEntries(this.#counts);
  }

  /** Why the pipeline cannot work; `undefined` while it can. */
  get trouble(): PipelineError | undefined {
    const [first] = this.#failing.values();
    return first;
  }

  /** Counts and reports an error. */
  readonly report: Report = (error, kind = "internal") => {
    this.count(kind);
    // What `onError` itself throws is written, and ends nothing.
    callSafely(() => this.#onError(error), this.#log.add);
  };

  /** Counts an error that is reported together with others. */
  count(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** Runs a task for one message or one worker. Errors are reported. */
  guard(work: () => void): void {
    callSafely(work, (error) => this.report(error as Error));
  }

  /** Runs a recurring task. The pipeline is unhealthy while it throws. */
  attempt(part: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failed(part, error);
      return;
    }
    if (this.#failing.size > 0) this.#failing.delete(part);
  }

  /** A part has failed. */
  failed(part: string, cause?: unknown): void {
    const why = cause === undefined ? "" : `: ${messageOf(cause)}`;
    const error = new PipelineError(
      "ERR_PIPELINE_STOPPED",
      `A part of the pipeline has failed: ${part}${why}`,
      { cause },
    );
    this.#failing.set(part, error);
    this.report(error);
  }

  /**
   * Watches work that goes on until the pipeline is closed.
   *
   * @param isClosed Whether it may end.
   */
  watch(part: string, work: Promise<unknown>, isClosed: () => boolean): void {
    const end = (cause?: unknown) => {
      if (!isClosed()) this.failed(part, cause);
    };
    work.then(() => end(), end);
  }

  /** Writes what was counted and not written yet. */
  close(): void {
    this.#log.close();
  }
}
