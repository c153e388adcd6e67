/**
 * Layer: pipeline. Runs a pipeline in one of several processes that share its
 * store, whenever this process leads:
 *
 *     standby ──▶ leading ──▶ fenced ──▶ standby …
 *        └───────────┴──▶ ended, when the signal is aborted
 *
 * Each term has a pipeline of its own, which restores everything from the store, as
 * after a restart: nothing that an earlier term has in memory can survive it.
 *
 * @module
 */
import { sleep, untilAborted } from "../async/pending_call.ts";
import { isFenced } from "./coordinator/commit_queue.ts";
import type { ListenOptions } from "./listen_options.ts";
import { PipelineError } from "./model/pipeline_error.ts";
import type { Pipeline } from "./pipeline.ts";
import type { PipelineAddresses } from "./pipeline_options.ts";
import type { Awaitable } from "./store/job_store.ts";

/** The pause before a store that cannot be opened again is tried again, in milliseconds. */
const AGAIN_MS = 1000;

/** How a process stands by. */
export interface StandByOptions {
  /** Where it listens while it leads. */
  readonly listen?: ListenOptions;
  /** Ends it: a leader hands over to the next process at once. */
  readonly signal: AbortSignal;
  /**
   * Called when this process has come to lead, with the pipeline that listens.
   *
   * @returns What is called at the end of the term, before the pipeline is closed.
   */
  readonly onLeading?: (
    pipeline: Pipeline,
    addresses: PipelineAddresses,
  ) => Awaitable<(() => Awaitable<void>) | void>;
  /**
   * Called when this process leads no more, because another one has taken the
   * pipeline over. It stands by again, unless this throws.
   */
  readonly onFenced?: (error: PipelineError) => Awaitable<void>;
}

/**
 * Runs a pipeline whenever this process leads.
 *
 * @param create Creates the pipeline of a term. Its store may be that of the term
 *   before, which is closed.
 * @returns Resolves once the signal is aborted and all is closed.
 * @throws {PipelineError} What `listen` throws the first time, or what `onFenced` throws.
 *
 * @example
 * ```ts no-run
 * import { defineStep, Pipeline, standBy } from "@agentzero/agentzero/pipeline";
 * import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * const store = postgresStore("postgres://db.example/jobs", { name: "greetings" });
 * const ending = new AbortController();
 * process.once("SIGTERM", () => ending.abort());
 * await standBy(
 *   () => new Pipeline({ name: "greetings", steps: [greet], store }),
 *   { signal: ending.signal, onFenced: (error) => console.error(error.message) },
 * );
 * ```
 */
export async function standBy(
  create: () => Pipeline,
  options: StandByOptions,
): Promise<void> {
  const { signal } = options;
  for (let isAgain = false; !signal.aborted; isAgain = true) {
    const pipeline = create();
    try {
      const fenced = await oneTerm(pipeline, options);
      if (fenced !== undefined) await options.onFenced?.(fenced);
    } catch (error) {
      if (signal.aborted && isClosed(error)) return;
      if (!isAgain || !isStoreFailed(error)) throw error;
      await sleep(AGAIN_MS, signal);
    } finally {
      await pipeline.close();
    }
  }
}

/** Leads once. Returns why that ended, if that was not asked for. */
async function oneTerm(
  pipeline: Pipeline,
  { listen, signal, onLeading }: StandByOptions,
): Promise<PipelineError | undefined> {
  const close = () => void pipeline.close();
  signal.addEventListener("abort", close);
  let addresses: PipelineAddresses;
  try {
    addresses = await pipeline.listen(listen);
  } finally {
    signal.removeEventListener("abort", close);
  }
  const end = await onLeading?.(pipeline, addresses);
  try {
    return await untilAborted(pipeline.closed, signal);
  } catch {
    return undefined; // aborted
  } finally {
    await end?.();
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof PipelineError &&
    error.code === "ERR_PIPELINE_CLOSED";
}

/** Whether the database cannot be reached, as when it has just failed over. */
function isStoreFailed(error: unknown): boolean {
  return isFenced(error) ||
    error instanceof PipelineError && error.code === "ERR_STORE_FAILED";
}
