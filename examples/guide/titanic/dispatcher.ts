/**
 * Example: titanic. Executes the stored requests: sends each to the broker, and
 * stores the reply. A service without workers is tried again later; it does not
 * delay other services.
 *
 * A request may be executed twice, if the reply could not be stored; workers must
 * be idempotent, as everywhere in MDP.
 *
 * @module
 */
import { GaveUpError } from "../lazy_pirate/pirate_client.ts";
import { MajordomoClient } from "../majordomo/client.ts";
import { pause } from "../support/scene.ts";
import type { PendingRequest, RequestStore } from "./request_store.ts";

/** How many requests of one service are executed at the same time. */
const CONCURRENCY = 4;
/** How long a worker may take for a request, in milliseconds. */
const REPLY_MS = 30_000;
/** How long to wait before a service without workers is tried again, in milliseconds. */
const RETRY_MS = 200;

interface ServiceQueue {
  readonly requests: PendingRequest[];
  running: number;
}

/** Executes stored requests. */
export class Dispatcher {
  readonly #address: string;
  readonly #store: RequestStore;
  readonly #signal: AbortSignal;
  readonly #queues: Map<string, ServiceQueue> = new Map();
  readonly #running: Set<Promise<void>> = new Set();

  /** @param signal Ends it when aborted. */
  constructor(address: string, store: RequestStore, signal: AbortSignal) {
    this.#address = address;
    this.#store = store;
    this.#signal = signal;
  }

  /** Executes a request as soon as possible. */
  add(request: PendingRequest): void {
    const { service } = request;
    const queue = this.#queues.get(service) ?? { requests: [], running: 0 };
    this.#queues.set(service, queue);
    queue.requests.push(request);
    if (queue.running >= CONCURRENCY) return;
    queue.running++;
    const running = this.#work(service, queue)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when all loops have ended, after the signal. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #work(service: string, queue: ServiceQueue): Promise<void> {
    const { requests } = queue;
    const options = { timeoutMs: REPLY_MS, tries: 1 };
    await using client = new MajordomoClient(this.#address, options);
    while (!this.#signal.aborted) {
      const isThere = await this.#attempt(() =>
        client.hasService(service, this.#signal)
      );
      const request = isThere ? requests.shift() : undefined;
      if (isThere && request === undefined) {
        // Now, not once the client is closed: a request added until then needs a new loop.
        if (--queue.running === 0) this.#queues.delete(service);
        return;
      }
      const isDone = request &&
        await this.#attempt(() => this.#execute(client, request));
      if (isDone) continue;
      // To the end of the queue: it may be one that no worker can execute.
      if (request) requests.push(request);
      await pause(RETRY_MS, this.#signal);
    }
  }

  async #execute(
    client: MajordomoClient,
    { id, service }: PendingRequest,
  ): Promise<boolean> {
    const body = await this.#store.body(id);
    if (body === undefined) return true; // it was closed in the meantime
    const reply = await client.request(service, body, this.#signal);
    await this.#store.saveReply(id, reply);
    return true;
  }

  /** Returns false if the action failed; everything is retried. */
  async #attempt(action: () => Promise<boolean>): Promise<boolean> {
    try {
      return await action();
    } catch (error: unknown) {
      const isExpected = this.#signal.aborted || error instanceof GaveUpError;
      if (!isExpected) console.error("Will be retried:", error);
      return false;
    }
  }
}
