/**
 * Layer: pipeline/store. Keeps flows and jobs in a file, with the SQLite that
 * the runtime has: `node:sqlite`. What is beneath `sqlite/` does the work; here
 * is the contract.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { optionNames } from "../../util/check_options.ts";
import {
  requireBoolean,
  requireOptions,
  requireText,
  shown,
} from "../model/check.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";
import type {
  Batch,
  FlowSearchQuery,
  JobCount,
  ListQuery,
  LocalJobStore,
  Page,
  SearchPart,
  SearchQuery,
  UnfinishedFlow,
} from "./job_store.ts";
import { backUp } from "./sqlite/backup.ts";
import { storeError, unmark } from "./sqlite/damage.ts";
import { type DatabaseOptions, openDatabase } from "./sqlite/database.ts";
import { Lister } from "./sqlite/lister.ts";
import { Reader } from "./sqlite/reader.ts";
import { Searcher } from "./sqlite/searcher.ts";
import { Writer } from "./sqlite/writer.ts";

/** How a store in a file works. */
export interface SqliteStoreOptions {
  /**
   * What a commit survives. `"normal"`: the end of the process, however it
   * ends; a loss of power can take the last commits, never a part of one.
   * `"full"`: the loss of power too, and each commit waits for the disk.
   * Default: `"normal"`.
   */
  readonly synchronous?: "normal" | "full";
  /**
   * Opens a store that was not closed and whose write-ahead log is missing: the
   * commits that were in it are lost. Default false: `ERR_STORE_DAMAGED`.
   */
  readonly recover?: boolean;
}

/** A store in a file. */
export interface SqliteStore extends LocalJobStore {
  /**
   * Copies it to another file while it is in use: as it was at one moment, and
   * replaced at once, so that there is a whole backup at any time. On Node the
   * pipeline goes on meanwhile; on Deno and Bun it stands still, for about 10 ms
   * per MB.
   *
   * @param path The file.
   * @throws {PipelineError} `ERR_STORE_FAILED`, `ERR_PIPELINE_INVALID`,
   *   `ERR_PIPELINE_CLOSED` if the store is not open.
   *
   * @example
   * ```ts no-run
   * import { sqliteStore } from "@agentzero/agentzero/pipeline";
   *
   * const store = sqliteStore("jobs.db"); // which a pipeline has
   * setInterval(() => store.backup("backup.db").catch(console.error), 3_600_000);
   * ```
   */
  backup(path: string): Promise<void>;
}

/**
 * A store in a file, which is made if it is not there. It survives the end of
 * the process, by `kill -9` too. One process has it at a time; the operating
 * system lets go of it when that process ends. Beside the file there is one
 * that ends in `-wal` while it is open, and after a crash: it belongs to it.
 *
 * Needs `node:sqlite`: Node 22.13, Deno 2.2, Bun 1.4 or later. The file must
 * be on a disk of this machine, since network file systems do not lock well.
 *
 * @example
 * ```ts no-run
 * import { defineStep, Pipeline, sqliteStore } from "@agentzero/agentzero/pipeline";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * await using pipeline = new Pipeline({
 *   name: "greetings",
 *   steps: [greet],
 *   store: sqliteStore("greetings.db"),
 * });
 * await pipeline.listen();
 * ```
 *
 * @param path The file.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function sqliteStore(
  path: string,
  options: SqliteStoreOptions = {},
): SqliteStore {
  requireOptions(options, OPTIONS, "sqliteStore()");
  const { synchronous = "normal", recover = false } = options;
  requireText("The path of the store", path);
  requireBoolean("recover", recover);
  if (path === "" || path.startsWith(":") || path.startsWith("file:")) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `The store cannot be at "${path}": expected the path of a file`,
    );
  }
  if (synchronous !== "normal" && synchronous !== "full") {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `synchronous cannot be ${
        shown(synchronous)
      }: expected "normal" or "full"`,
    );
  }
  const isFull = synchronous === "full";
  return new FileStore({ path, isFull, canRecover: recover });
}

const OPTIONS = optionNames<SqliteStoreOptions>({
  synchronous: true,
  recover: true,
});

/** What works on an open file. */
interface Opened {
  readonly db: DatabaseSync;
  readonly writer: Writer;
  readonly reader: Reader;
  readonly flows: Lister<FlowState>;
  readonly jobs: Lister<JobState>;
  readonly searcher: Searcher;
}

class FileStore implements SqliteStore {
  readonly #options: DatabaseOptions;
  #opening: Promise<DatabaseSync> | undefined;
  #opened: Opened | undefined;
  /** One after the other. */
  #backups: Promise<void> = Promise.resolve();

  #trouble: PipelineError | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  get trouble(): PipelineError | undefined {
    return this.#trouble;
  }

  async open(): Promise<void> {
    if (this.#opening !== undefined) {
      throw new PipelineError(
        "ERR_STORE_LOCKED",
        `Cannot open the store "${this.#options.path}": another pipeline uses it`,
      );
    }
    this.#trouble = undefined;
    this.#opening = openDatabase(this.#options);
    try {
      this.#opened = toolsFor(await this.#opening);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  // deno-lint-ignore require-await -- what it throws rejects the promise
  async commit(batch: Batch): Promise<void> {
    this.#use("write to", ({ writer }) => writer.commit(batch));
  }

  *unfinished(): Iterable<UnfinishedFlow> {
    for (const seq of this.#read(({ reader }) => reader.unfinished())) {
      const parts = this.#read(({ reader }) => reader.inParts(seq))
        [Symbol.iterator]();
      for (;;) {
        const part = this.#read(() => parts.next());
        if (part.done === true) break;
        yield part.value;
      }
    }
  }

  settings(): ReadonlyMap<string, string> {
    return this.#read(({ reader }) => reader.settings());
  }

  flow(id: string): FlowRecord | undefined {
    return this.#read(({ reader }) => reader.flow(id));
  }

  job(id: string): JobRecord | undefined {
    return this.#read(({ reader }) => reader.job(id));
  }

  jobsOf(flowId: string, page?: Page): JobRecord[] {
    return this.#read(({ reader }) => {
      const flow = reader.seqOfFlow(flowId);
      return flow === undefined ? [] : reader.jobsOf(flow, page);
    });
  }

  jobCountOf(flowId: string): number {
    return this.#read(({ reader }) => reader.jobCountOf(flowId));
  }

  events(jobId: string, page?: Page): JobEvent[] {
    return this.#read(({ reader }) => reader.events(jobId, page));
  }

  log(jobId: string): string {
    return this.#read(({ reader }) => reader.log(jobId));
  }

  flows(query: ListQuery<FlowState>): FlowRecord[] {
    return this.#read(({ flows, reader }) =>
      flows.list(query).map((seq) => reader.flowAt(seq, query.payloads))
    );
  }

  jobs(query: ListQuery<JobState>): JobRecord[] {
    return this.#read(({ jobs, reader }) =>
      jobs.list(query).map((seq) => reader.jobAt(seq, query.payloads))
    );
  }

  searchFlows(query: FlowSearchQuery): SearchPart<FlowRecord> {
    return this.#read(({ searcher }) => searcher.flows(query));
  }

  searchJobs(query: SearchQuery<JobState>): SearchPart<JobRecord> {
    return this.#read(({ searcher }) => searcher.jobs(query));
  }

  counts(): JobCount[] {
    return this.#read(({ reader }) => reader.counts());
  }

  prune(now: number, limit: number): number {
    return this.#use("write to", ({ writer }) => writer.prune(now, limit));
  }

  backup(path: string): Promise<void> {
    const made = this.#backups.then(() =>
      backUp(this.#open.db, this.#options.path, path)
    );
    this.#backups = made.catch(() => {}); // the caller gets the error
    return made;
  }

  async close(): Promise<void> {
    try {
      await this.#opening;
    } catch {
      // open() has thrown it.
    }
    await this.#backups;
    const opened = this.#opened;
    this.#opened = this.#opening = undefined;
    if (opened === undefined) return;
    try {
      unmark(opened.db);
    } catch {
      // A disk that is full, or damaged: the next start finds the log there.
    }
    opened.db.close();
  }

  #read<T>(work: (opened: Opened) => T): T {
    return this.#use("read", work);
  }

  /** Does something with the file; what SQLite throws gets a code and the path. */
  #use<T>(what: string, work: (opened: Opened) => T): T {
    const opened = this.#open;
    try {
      return work(opened);
    } catch (cause) {
      const error = storeError(what, this.#options.path, cause);
      if (error.code === "ERR_STORE_DAMAGED") this.#trouble = error;
      throw error;
    }
  }

  get #open(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    throw new PipelineError(
      "ERR_PIPELINE_CLOSED",
      `The store "${this.#options.path}" is not open`,
    );
  }
}

function toolsFor(db: DatabaseSync): Opened {
  const reader = new Reader(db);
  const flows = new Lister<FlowState>(db, {
    table: "flows",
    name: "name",
    seqOf: (id) => reader.seqOfFlow(id),
  });
  const jobs = new Lister<JobState>(db, {
    table: "jobs",
    name: "job_type",
    seqOf: (id) => reader.seqOfJob(id),
  });
  const searcher = new Searcher(db, reader, flows, jobs);
  return { db, reader, writer: new Writer(db), flows, jobs, searcher };
}
