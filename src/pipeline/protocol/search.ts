/**
 * Layer: pipeline/protocol. Looks for a pipeline to which a connection is lost. It
 * may come back at other ports than before: only the address for requests is
 * known to stay, so that is asked for the others again, until there is a
 * connection.
 *
 * @module
 */
import { ErrorLog, writeError } from "../../zmq/error_log.ts";
import type { Description } from "./describe.ts";
import { sleep } from "../../async/pending_call.ts";

/** How long a connection may take to be made again before the pipeline is asked, in milliseconds. */
const FIRST_MS = 1000;
/** How long a connection may take to be made after the answer, before it is asked once more, in milliseconds. */
const AGAIN_MS = 5000;

/** How to look. */
export interface SearchOptions {
  /** Asks the pipeline where its sockets are, for as long as it does not answer. */
  readonly ask: (signal: AbortSignal) => Promise<Description>;
  /** Connects to where they are now. */
  readonly move: (description: Description) => Promise<void>;
}

/** A search for a pipeline, again and again. */
export class Search {
  readonly #options: SearchOptions;
  #current: AbortController | undefined;
  /** What goes wrong again and again is told at first, and with how often at the end. */
  readonly #log = new ErrorLog(writeError, 60_000);

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** The connection is lost. */
  lost(): void {
    if (this.#current !== undefined) return;
    this.#current = new AbortController();
    void this.#look(this.#current.signal);
  }

  /** There is a connection, or it is not wanted any more. */
  end(): void {
    this.#current?.abort();
    this.#current = undefined;
    this.#log.close();
  }

  async #look(signal: AbortSignal): Promise<void> {
    let pauseMs = FIRST_MS;
    for (;;) {
      await sleep(pauseMs, signal);
      if (signal.aborted) return;
      try {
        const description = await this.#options.ask(signal);
        if (signal.aborted) return;
        await this.#options.move(description);
      } catch (error) {
        if (signal.aborted) return;
        this.#log.add(error);
      }
      pauseMs = AGAIN_MS;
    }
  }
}
