/**
 * Layer: pipeline/worker. The results of a worker. Each is stored in memory, and
 * sent again after a reconnect or a restart of the pipeline, until it is settled.
 * So no result is lost if the pipeline is killed before it has committed it.
 *
 * @module
 */
import type { Claim } from "../protocol/messages.ts";

/** A result, encoded, that the pipeline has not settled. */
interface UnsettledResult extends Claim {
  readonly bytes: Uint8Array;
}

/** The results that are not settled. */
export class Outbox {
  readonly #results: Map<string, UnsettledResult> = new Map();
  readonly #send: (bytes: Uint8Array) => boolean;

  /** @param send Sends if that is possible without waiting. */
  constructor(send: (bytes: Uint8Array) => boolean) {
    this.#send = send;
  }

  /** How many results are not settled. */
  get size(): number {
    return this.#results.size;
  }

  /** The jobs that they belong to. */
  get claims(): Claim[] {
    return [...this.#results.values()].map(({ id, attempt }) => ({
      id,
      attempt,
    }));
  }

  /** Sends a result, and stores it until it is settled. */
  post({ id, attempt }: Claim, bytes: Uint8Array): void {
    this.#results.set(`${id} ${attempt}`, { id, attempt, bytes });
    this.#send(bytes);
  }

  /** A result is settled: it is not stored any longer. */
  settle({ id, attempt }: Claim): void {
    this.#results.delete(`${id} ${attempt}`);
  }

  /** Sends everything again that is not settled. */
  resend(): void {
    for (const { bytes } of this.#results.values()) {
      if (!this.#send(bytes)) return;
    }
  }
}
