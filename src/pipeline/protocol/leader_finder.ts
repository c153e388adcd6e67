/**
 * Layer: pipeline/protocol. Finds which of several processes leads a pipeline. Only
 * one that leads listens, or has led and does not know yet that another one does.
 * So each says its term, which counts up, and the highest one counts. The others
 * are asked on: when one answers with a higher term it has taken the pipeline over,
 * even if the connection to the last leader still stands.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { Condition } from "../../async/condition.ts";
import { sleep, untilAborted } from "../../async/pending_call.ts";
import { withResolvers } from "../../async/promises.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { describePipeline } from "./describe.ts";

/** The pause between two questions to a process, in milliseconds. */
const PAUSE_MS = 500;

/** Where to look. */
export interface FinderOptions {
  readonly sockets: SocketManager;
  /** The endpoints of all processes for requests; one alone is the leader's. With none, `found` says who leads. */
  readonly addresses: readonly string[];
  /** The options of a socket that connects to the pipeline. */
  readonly socketOptions: object;
  /** Called when the leader is found, and whenever another one is. */
  readonly onMoved?: (leader: string) => void;
  /** Called when a process does not accept our keys, or our token. */
  readonly onRefused?: (error: PipelineError) => void;
}

/** Finds the leader of one pipeline. */
export class LeaderFinder {
  readonly #options: FinderOptions;
  readonly #found = withResolvers();
  readonly #closed = new AbortController();
  /** Aborted when there is no leader to look for: the pipeline has shards. */
  readonly #isSharded = new AbortController();
  /** The leader has changed, or the connection to it. */
  readonly #changed = new Condition();
  #leader: string | undefined;
  #term = -1;
  #isOpen = false;
  #isLost = false;
  /** Aborted when another leader is found. */
  #replaced = new AbortController();

  constructor(options: FinderOptions) {
    this.#options = options;
    if (!this.isOneOfSeveral) this.#leader = options.addresses[0];
  }

  /** The last one that was found. */
  get leader(): string | undefined {
    return this.#leader;
  }

  /** Whether the pipeline may have another leader. */
  get isOneOfSeveral(): boolean {
    return this.#options.addresses.length !== 1;
  }

  /** Begins to look, if there is more than one address. */
  open(): void {
    if (this.#isOpen || !this.isOneOfSeveral) return;
    this.#isOpen = true;
    for (const address of this.#options.addresses) void this.#watch(address);
  }

  /** Ends looking. */
  close(): void {
    this.#closed.abort();
    this.#changed.notify();
  }

  /** The connection to the leader is lost: it is asked, too. */
  lost(): void {
    this.#isLost = true;
    this.#changed.notify();
  }

  /**
   * Asks the leader something, once it is found; and the next one, if another takes
   * over before there is an answer.
   *
   * @param ask Gives up when its signal is aborted.
   */
  async ask<T>(
    ask: (leader: string, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal = this.#closed.signal,
  ): Promise<T> {
    this.open();
    for (;;) {
      signal.throwIfAborted();
      if (this.#leader === undefined) {
        await untilAborted(this.#found.promise, signal);
      }
      const replaced = this.#replaced.signal;
      try {
        return await ask(this.#leader!, AbortSignal.any([signal, replaced]));
      } catch (error) {
        if (signal.aborted || !replaced.aborted) throw error;
      }
    }
  }

  /** A process says that it leads. */
  found(address: string, term: number): void {
    // Without a term, one that answers replaces one that is gone.
    const isNewer = term > this.#term || (this.#isLost && term === this.#term);
    if (!isNewer) return;
    this.#term = term;
    this.#isLost = false;
    const before = this.#leader;
    this.#leader = address;
    this.#found.resolve();
    this.#changed.notify();
    if (before === address) return;
    this.#replaced.abort();
    this.#replaced = new AbortController();
    this.#options.onMoved?.(address);
  }

  /** Asks a process for its term, again and again while it is not the leader. */
  async #watch(address: string): Promise<void> {
    const signal = AbortSignal.any([
      this.#closed.signal,
      this.#isSharded.signal,
    ]);
    const { sockets, socketOptions, onRefused } = this.#options;
    while (!signal.aborted) {
      try {
        const { term, shards } = await describePipeline(
          sockets,
          address,
          socketOptions,
          { signal },
        );
        this.found(address, term);
        if (shards !== undefined) this.#isSharded.abort();
      } catch (error) {
        // Otherwise it is starting, or closing.
        const isRefused = error instanceof PipelineError &&
          error.code === "ERR_PIPELINE_REFUSED";
        if (isRefused && !signal.aborted) onRefused?.(error);
      }
      await sleep(PAUSE_MS, signal);
      await this.#changed.until(() =>
        this.#leader !== address || this.#isLost || signal.aborted
      );
    }
  }
}
