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
  /** The addresses of all processes that may lead shards; see `ShardFinder.look`. */
  readonly addresses: readonly string[];
  /** The options of a socket that connects to them. */
  readonly socketOptions: object;
  /** Called for each shard that a process says it leads. */
  readonly onFound: (shard: number, address: string, term: number) => void;
}

/** Finds the leaders of all shards. */
export class ShardFinder {
  readonly #options: ShardFinderOptions;
  /** What ends looking, by address. */
  readonly #looking: Map<string, AbortController> = new Map();

  /** Begins to look. */
  constructor(options: ShardFinderOptions) {
    this.#options = options;
    this.look(options.addresses);
  }

  /** Looks at these addresses from now on, and at no others. */
  look(addresses: readonly string[]): void {
    for (const [address, ending] of this.#looking) {
      if (addresses.includes(address)) continue;
      this.#looking.delete(address);
      ending.abort();
    }
    for (const address of addresses) {
      if (this.#looking.has(address)) continue;
      const ending = new AbortController();
      this.#looking.set(address, ending);
      void this.#watch(address, ending.signal);
    }
  }

  /** Ends looking. */
  close(): void {
    this.look([]);
  }

  async #watch(address: string, signal: AbortSignal): Promise<void> {
    const { sockets, socketOptions, onFound } = this.#options;
    const name = `shards at ${address} ${crypto.randomUUID()}`; // one may still be closing
    const dealer = new RequestDealer();
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
        const answer = await dealer.ask(request, { signal }, {
          answerMs: waitMs,
        });
        known = text(answer, "revision");
        for (const { shard, term, requests } of ledShards(answer)) {
          onFound(shard, reachable(requests, address), term);
        }
      } catch {
        known = undefined;
        await sleep(AGAIN_MS, signal);
      }
    }
    dealer.close();
    await sockets.close(name);
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
