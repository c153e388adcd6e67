/**
 * Layer: pipeline/protocol. Finds who leads each shard of a pipeline. Each process
 * that may lead some says at its address which it leads, in which term; that of the
 * highest term counts, as without shards. A process is asked again as soon as it has
 * answered, and answers when it leads other shards than the asker knows.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { sleep } from "../../async/pending_call.ts";
import { describeRequest } from "./describe.ts";
import { natural, text } from "./reader.ts";
import { reachable } from "./reachable_endpoint.ts";
import { type Answer, RequestDealer } from "./request_dealer.ts";

/** How long a process may hold back its answer, in milliseconds. */
const WAIT_MS = 20_000;
/** The pause after an answer that cannot be used, in milliseconds. */
const AGAIN_MS = 1000;

/** Where to look. */
export interface ShardFinderOptions {
  readonly sockets: SocketManager;
  /** The addresses of all processes that may lead shards. */
  readonly addresses: readonly string[];
  /** The options of a socket that connects to them. */
  readonly socketOptions: object;
  /** Called for each shard that a process says it leads. */
  readonly onFound: (shard: number, address: string, term: number) => void;
}

/** Finds the leaders of all shards. */
export class ShardFinder {
  readonly #dealers: RequestDealer[] = [];
  readonly #closed = new AbortController();

  /** Begins to look. */
  constructor(options: ShardFinderOptions) {
    for (const address of options.addresses) {
      const dealer = new RequestDealer();
      this.#dealers.push(dealer);
      void this.#watch(dealer, address, options);
    }
  }

  /** Ends looking; the sockets are closed by their owner. */
  close(): void {
    this.#closed.abort();
    for (const dealer of this.#dealers) dealer.close();
  }

  async #watch(
    dealer: RequestDealer,
    address: string,
    { sockets, socketOptions, onFound }: ShardFinderOptions,
  ): Promise<void> {
    const { signal } = this.#closed;
    const name = `shards at ${address}`;
    let known: string | undefined;
    try {
      await dealer.open({ sockets, name, addresses: [address], socketOptions });
    } catch {
      return; // the sockets were closed
    }
    while (!signal.aborted) {
      const waitMs = known === undefined ? 0 : WAIT_MS;
      const request = { ...describeRequest(), known, wait_ms: waitMs };
      try {
        const answer = await dealer.ask(request, {}, { answerMs: waitMs });
        known = text(answer, "revision");
        for (const { shard, term, requests } of ledShards(answer)) {
          onFound(shard, reachable(requests, address), term);
        }
      } catch {
        known = undefined;
        await sleep(AGAIN_MS, signal);
      }
    }
  }
}

/** A shard that a process leads. */
export interface LedShard {
  readonly shard: number;
  readonly term: number;
  /** The endpoint for requests, as it is bound. */
  readonly requests: string;
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
function ledShards({ led }: Answer): LedShard[] {
  return (led as Readonly<Record<string, unknown>>[]).map((one) => ({
    shard: natural(one, "shard"),
    term: natural(one, "term"),
    requests: text(one, "requests"),
  }));
}
