/**
 * Example: titanic. Has the stored requests done: asks the broker for each, and
 * stores the reply. A service that nobody offers now is asked for again later;
 * it holds up no other service.
 *
 * A request may be done twice, if the reply could not be stored; workers must
 * not mind, as everywhere in MDP.
 *
 * @module
 */
import { GaveUpError } from "../lazy_pirate/pirate_client.ts";
import { MajordomoClient } from "../majordomo/client.ts";
import { pause } from "../support/scene.ts";
import type { PendingRequest, RequestStore } from "./request_store.ts";

/** How many requests of one service are at work at a time. */
const LANES = 4;
/** How long a worker may take for a request, in milliseconds. */
const REPLY_MS = 30_000;
/** How long to wait before a service that is not there is asked for again, in milliseconds. */
const RETRY_MS = 200;

interface Line {
  readonly requests: PendingRequest[];
  lanes: number;
}

/** Gets replies. */
export class Dispatcher {
  readonly #address: string;
  readonly #store: RequestStore;
  readonly #signal: AbortSignal;
  readonly #lines: Map<string, Line> = new Map();
  readonly #running: Set<Promise<void>> = new Set();

  /** @param signal ends it */
  constructor(address: string, store: RequestStore, signal: AbortSignal) {
    this.#address = address;
    this.#store = store;
    this.#signal = signal;
  }

  /** Has a request done as soon as possible. */
  add(request: PendingRequest): void {
    const { service } = request;
    const line = this.#lines.get(service) ?? { requests: [], lanes: 0 };
    this.#lines.set(service, line);
    line.requests.push(request);
    if (line.lanes >= LANES) return;
    line.lanes++;
    const running = this.#work(service, line)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when, after the signal, nothing is at work. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #work(service: string, line: Line): Promise<void> {
    const { requests } = line;
    const options = { timeoutMs: REPLY_MS, tries: 1 };
    await using client = new MajordomoClient(this.#address, options);
    while (!this.#signal.aborted) {
      const isThere = await this.#attempt(() =>
        client.hasService(service, this.#signal)
      );
      const request = isThere ? requests.shift() : undefined;
      if (isThere && request === undefined) {
        // Now, and not when the client is closed: what comes meanwhile needs a lane.
        if (--line.lanes === 0) this.#lines.delete(service);
        return;
      }
      const isDone = request &&
        await this.#attempt(() => this.#execute(client, request));
      if (isDone) continue;
      // Last, then: it may be one that no worker can do.
      if (request) requests.push(request);
      await pause(RETRY_MS, this.#signal);
    }
  }

  async #execute(
    client: MajordomoClient,
    { id, service }: PendingRequest,
  ): Promise<boolean> {
    const body = await this.#store.body(id);
    if (body === undefined) return true; // it was closed meanwhile
    const reply = await client.request(service, body, this.#signal);
    await this.#store.saveReply(id, reply);
    return true;
  }

  /** False as well if it failed: everything is tried again. */
  async #attempt(action: () => Promise<boolean>): Promise<boolean> {
    try {
      return await action();
    } catch (error: unknown) {
      const isExpected = this.#signal.aborted || error instanceof GaveUpError;
      if (!isExpected) console.error("It is tried again:", error);
      return false;
    }
  }
}
