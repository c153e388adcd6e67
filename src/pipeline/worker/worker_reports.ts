/**
 * Layer: pipeline/worker. What a worker sends to its pipeline: the outcomes of
 * jobs, again until they are settled, jobs that it returns, and announcements of
 * itself.
 *
 * @module
 */
import { encodeJson, spliceJson } from "../protocol/json.ts";
import type { Available, Claim } from "../protocol/messages.ts";
import { AVAILABLE, toWire } from "../protocol/names.ts";
import type { Outcome } from "./outcome.ts";
import { Outbox } from "./outbox.ts";
import type { WorkerConnection } from "./worker_connection.ts";
import type { WorkerProof } from "./worker_proof.ts";

/** A result that is not settled after so many announcements is sent again, each time so many have passed. */
const RESEND_BEATS = 5;

/** The messages of one worker to its pipeline. */
export class WorkerReports {
  readonly #proof: WorkerProof;
  readonly #connection: WorkerConnection;
  readonly #outbox: Outbox;
  #unsettledBeats = 0;

  constructor(proof: WorkerProof, connection: WorkerConnection) {
    this.#proof = proof;
    this.#connection = connection;
    this.#outbox = new Outbox((bytes) => connection.send(bytes));
  }

  /** The jobs whose outcomes are not settled. */
  get claims(): Claim[] {
    return this.#outbox.claims;
  }

  /** Whether all outcomes are settled. */
  get isSettled(): boolean {
    return this.#outbox.size === 0;
  }

  /** Sends the outcome of a job, and again until it is settled. */
  complete(job: Claim, outcome: Outcome, traceparent?: string): void {
    const { id: worker, secret } = this.#proof;
    const { type } = outcome;
    const { id, attempt } = job;
    const head = { type, worker, secret, id, attempt, traceparent };
    const bytes = outcome.type === "success"
      ? spliceJson(head, "result", outcome.result)
      : encodeJson({ ...head, traceparent: undefined, ...outcome });
    this.#outbox.post(job, bytes);
  }

  /** The outcome of a job need not be sent again. */
  settle(claim: Claim): void {
    this.#outbox.settle(claim);
  }

  /** Sends all outcomes again that are not settled. */
  resend(): void {
    this.#outbox.resend();
  }

  /** The same, if they have been unsettled for long; called at each announcement. */
  resendLate(): void {
    if (this.isSettled) this.#unsettledBeats = 0;
    else if (++this.#unsettledBeats % RESEND_BEATS === 0) this.resend();
  }

  /** Returns a job to the pipeline. */
  release({ id, attempt }: Claim): void {
    const message = { type: "release", ...this.#proof.sender, id, attempt };
    this.#connection.send(encodeJson(message));
  }

  /** Announces the worker. */
  announce(worker: Available): void {
    this.#connection.send(encodeJson({
      type: "available",
      secret: this.#proof.secret,
      ...toWire(worker, AVAILABLE),
    }));
  }

  /** Announces that the worker has left. */
  leave(): void {
    this.#connection.send(encodeJson({ type: "leave", ...this.#proof.sender }));
  }
}
