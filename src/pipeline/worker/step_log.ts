/**
 * Layer: pipeline/worker. What a step logs, and what goes wrong in it beside its
 * jobs: that is logged too, and ends nothing.
 *
 * @module
 */
import { Logger, LogHandler } from "../../manager/mod.ts";
import { ErrorLog } from "../../zmq/error_log.ts";
import { writeError } from "../../zmq/write_error.ts";
import { callSafely } from "../../async/call_safely.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** The loggers of one step at work. */
export class StepLog {
  readonly #jobType: string;
  readonly #worker: string;
  readonly #publish: (topic: string, record: object) => void;
  /** Each kind once a second: what a step receives may come from any peer. */
  readonly #faults: ErrorLog;

  /** @param publish Publishes a record to all watchers. */
  constructor(
    jobType: string,
    worker: string,
    publish: (topic: string, record: object) => void,
  ) {
    this.#jobType = jobType;
    this.#worker = worker;
    this.#publish = publish;
    const logger = this.of(undefined);
    this.#faults = new ErrorLog((error) => logger.exception(error));
  }

  /** The logger of a job; of the step itself, where there is none. */
  of(jobId: string | undefined): Logger {
    const handler = new LogHandler({
      name: this.#jobType,
      publish: (_topic, record) => {
        this.#publish(`logs:${this.#jobType}:${record.level}`, {
          ...record,
          worker: this.#worker,
          jobId,
        });
        return true;
      },
    });
    return new Logger(handler);
  }

  /** Does something; what it throws, or rejects with, is logged. */
  guard(work: () => unknown, otherwise: () => void = () => {}): void {
    callSafely(work, (error) => {
      this.#faults.add(error);
      otherwise();
    });
  }

  /** The step gets nothing more from its pipeline, and must leave: that is written to stderr, too. */
  receivingEnded(cause: unknown): void {
    this.report(
      new PipelineError(
        "ERR_PIPELINE_STOPPED",
        `The step "${this.#jobType}" no longer receives messages from its pipeline, and leaves`,
        { cause },
      ),
    );
  }

  /** Logs an error that someone has to act upon: it is written to stderr, too. */
  report(error: PipelineError): void {
    this.#faults.add(error);
    writeError(error);
  }

  /** Logs what was counted and not logged yet. */
  close(): void {
    this.#faults.close();
  }
}
