/**
 * Layer: pipeline/worker. What a worker and its pipeline know each other by: a
 * secret that comes with every message, either way. So no other peer at
 * the worker's PULL can give it jobs, and none can speak for it.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { ToWorker } from "../protocol/messages.ts";
import { newSecret, workerIdOf } from "../protocol/worker_id.ts";

/** What there is to know when a message comes. */
export interface Situation {
  /** Whether the pipeline gives the secret with what it says; older ones do not. */
  readonly hasSecrets: boolean;
  /** Whether the pipeline has said hello. */
  readonly isGreeted: boolean;
  /** The type of the jobs that the worker does. */
  readonly jobType: string;
}

/** The identity of a worker. */
export class WorkerProof {
  readonly secret: string = newSecret();
  /** The worker's id. */
  readonly id: string = workerIdOf(this.secret);

  /** What is in each message beside `available`. */
  get sender(): { readonly worker: string; readonly secret: string } {
    return { worker: this.id, secret: this.secret };
  }

  /**
   * Makes sure that a message is from the pipeline, and for this worker.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
   */
  require(message: ToWorker, situation: Situation): void {
    const doubt = this.#doubt(message, situation);
    if (doubt === undefined) return;
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `The worker "${this.id}" refused a message "${message.type}": ${doubt}`,
    );
  }

  #doubt(
    message: ToWorker,
    { hasSecrets, isGreeted, jobType }: Situation,
  ): string | undefined {
    const isProven = message.secret === this.secret ||
      (message.secret === undefined && !hasSecrets);
    if (!isProven) return "it does not come from its pipeline";
    if (message.type !== "job") return undefined;
    if (!isGreeted) return "the pipeline has not said hello";
    if (message.job_type === jobType) return undefined;
    return `it is a job of another type than "${jobType}"`;
  }
}
