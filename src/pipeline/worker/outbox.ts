/**
 * Layer: pipeline/worker. Results on their way: each is kept, and sent again,
 * until the pipeline says that it is settled. So a result survives a pipeline
 * that was killed before it had kept it.
 *
 * @module
 */
import type { Claim } from "../protocol/messages.ts";

/** What is kept of a result. */
interface Letter extends Claim {
  readonly bytes: Uint8Array;
}

/** The results that are not settled. */
export class Outbox {
  readonly #letters: Map<string, Letter> = new Map();
  readonly #send: (bytes: Uint8Array) => boolean;

  /** @param send Sends if that is possible without waiting. */
  constructor(send: (bytes: Uint8Array) => boolean) {
    this.#send = send;
  }

  /** How many there are. */
  get size(): number {
    return this.#letters.size;
  }

  /** The jobs that they are of. */
  get claims(): Claim[] {
    return [...this.#letters.values()].map(({ id, attempt }) => ({
      id,
      attempt,
    }));
  }

  /** Sends a result, and keeps it. */
  post({ id, attempt }: Claim, bytes: Uint8Array): void {
    this.#letters.set(`${id} ${attempt}`, { id, attempt, bytes });
    this.#send(bytes);
  }

  /** A result need not be kept. */
  settle({ id, attempt }: Claim): void {
    this.#letters.delete(`${id} ${attempt}`);
  }

  /** Sends everything again that is not settled. */
  resend(): void {
    for (const { bytes } of this.#letters.values()) {
      if (!this.#send(bytes)) return;
    }
  }
}
