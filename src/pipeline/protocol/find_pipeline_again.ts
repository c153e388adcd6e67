/**
 * Layer: pipeline/protocol. Looks for a pipeline after its connection is lost. It
 * may come back on other ports: only its endpoint for requests stays the same,
 * so that is asked for the other endpoints until there is a connection.
 *
 * @module
 */
import { ErrorLog } from "../../zmq/error_log.ts";
import { writeError } from "../../zmq/write_error.ts";
import type { Description } from "./describe.ts";
import { sleep } from "../../async/pending_call.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** How long reconnecting may take before the pipeline is asked, in milliseconds. */
const FIRST_MS = 1000;
/** How long connecting may take after an answer before the pipeline is asked again, in milliseconds. */
const AGAIN_MS = 5000;

/** How to look. */
export interface SearchOptions {
  /** Asks the pipeline where its sockets are, until it answers. */
  readonly ask: (signal: AbortSignal) => Promise<Description>;
  /** Connects to where they are now. */
  readonly move: (description: Description) => Promise<void>;
}

/** A search for a pipeline, which can be started any number of times. */
export class PipelineSearch {
  readonly #options: SearchOptions;
  #current: AbortController | undefined;
  /** Reports a repeated error at first, and how often it occurred at the end. */
  readonly #log = new ErrorLog(writeError, 60_000);

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** Starts a search: the connection is lost. */
  lost(): void {
    this.#start(FIRST_MS);
  }

  /** Starts a search at once: the pipeline is elsewhere now. */
  moved(): void {
    this.#current?.abort();
    this.#current = undefined;
    this.#start(0);
  }

  #start(pauseMs: number): void {
    if (this.#current !== undefined) return;
    this.#current = new AbortController();
    void this.#look(this.#current.signal, pauseMs);
  }

  /** Ends the search: there is a connection, or none is needed any more. */
  end(): void {
    if (this.#current === undefined) return;
    this.#current.abort();
    this.#current = undefined;
    this.#log.close();
  }

  async #look(signal: AbortSignal, firstMs: number): Promise<void> {
    let pauseMs = firstMs;
    for (;;) {
      await sleep(pauseMs, signal);
      if (signal.aborted) return;
      try {
        const description = await this.#options.ask(signal);
        if (signal.aborted) return;
        await this.#options.move(description);
      } catch (error) {
        if (signal.aborted || isClosed(error)) return;
        this.#log.add(error);
      }
      pauseMs = AGAIN_MS;
    }
  }
}

/** Whether who looks is closed. */
function isClosed(error: unknown): boolean {
  return error instanceof PipelineError &&
    error.code === "ERR_PIPELINE_CLOSED";
}
