/**
 * Layer: pipeline/store. Keeps flows and jobs in PostgreSQL. What is beneath
 * `postgres/` does the work; here is the contract.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { checkShard, type Shard } from "../model/shards.ts";
import {
  checkOptionalText,
  invalid,
  requireDuration,
  requireOptions,
  requireText,
  requireWhole,
  shown,
} from "../model/check.ts";
import { messageOf } from "../model/foreign.ts";
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
  JobStore,
  Lead,
  ListQuery,
  OpenOptions,
  Page,
  SearchPart,
  SearchQuery,
  UnfinishedFlow,
} from "./job_store.ts";
import { Connection, type ConnectionOptions } from "./postgres/connection.ts";
import { loadPg, type PgConfig } from "./postgres/driver.ts";
import { SESSION_PREFIX } from "./postgres/lease_statements.ts";
import { LeaderLease, type LeaseOptions } from "./postgres/leader_lease.ts";
import { Reader } from "./postgres/reader.ts";
import { migrate, requireServer } from "./postgres/schema.ts";
import { serverUrls } from "./postgres/servers.ts";
import { Writer } from "./postgres/writer.ts";

/** How to encrypt connections to the server. The texts are PEM. */
export interface PostgresTls {
  /** The certificates of those whose signature on the server's counts. Default: those of the runtime. */
  readonly ca?: string;
  /** Our certificate, for a server that asks for one. */
  readonly cert?: string;
  /** Its private key. */
  readonly key?: string;
  /** The name that the server's certificate must have, if it is not that of the URL. */
  readonly servername?: string;
}

/** How a store in PostgreSQL works. */
export interface PostgresStoreOptions {
  /**
   * Which pipeline of the database it holds: 1 to 128 characters. Pipelines with
   * different names share the tables and see nothing of each other. Default:
   * `"default"`.
   */
  readonly name?: string;
  /**
   * Which shard of the pipeline, of how many; see {@link standByShards}. Their
   * number is kept in the database, and cannot be changed. Default: all of it.
   */
  readonly shard?: Shard;
  /**
   * The schema with the tables, which is created if it does not exist: letters,
   * digits and `_`. Default: `"agentzero"`.
   */
  readonly schema?: string;
  /**
   * Encrypts the connections, and checks the server's certificate. Default: what
   * the URL says (`?sslmode=verify-full`), or no encryption.
   */
  readonly tls?: true | PostgresTls;
  /**
   * The time after which a statement without an answer is given up, in
   * milliseconds: its connection is replaced, and the server decides whether it
   * was committed. Default: 30,000.
   */
  readonly answerTimeoutMs?: number;
  /**
   * Of several processes with the same pipeline, the leader has it for so long
   * after each renewal, in milliseconds: after this time another one leads if the
   * leader stands still, or is cut off. One that was killed is replaced at once.
   * At least 1,000. Default: 5,000.
   */
  readonly leaderLeaseMs?: number;
}

/** A store in PostgreSQL. */
export interface PostgresStore extends JobStore {
  /** Which pipeline of the database it holds. */
  readonly name: string;
  /** Where the database is: the URL without user, password and options. */
  readonly place: string;
}

/**
 * A store in PostgreSQL 13 or later. The tables are created when it is opened,
 * and brought to the latest version.
 *
 * What happens in one turn of the event loop is committed in one round trip. When
 * the connection is lost in it, the store asks the server whether it was
 * committed. While the server cannot be reached, nothing is acknowledged and no
 * job begins; the pipeline reports itself unhealthy, and continues by itself.
 *
 * Any number of processes may open the same pipeline: one leads it, and `open` of
 * the others waits until that has ended. The server refuses every write of one
 * that leads no more, with `ERR_STORE_FENCED`.
 *
 * Needs the package `pg`: `npm install pg@8`. The server must be reached
 * directly, or through a pooler that gives each client a session of its own.
 *
 * @example
 * ```ts no-run
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 * import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * await using pipeline = new Pipeline({
 *   name: "greetings",
 *   steps: [greet],
 *   store: postgresStore("postgres://user:password@db.example/jobs", {
 *     name: "greetings",
 *     tls: true,
 *   }),
 * });
 * await pipeline.listen();
 * ```
 *
 * @param url Where the database is, such as `postgres://user:password@host:5432/database`.
 *   With several hosts, `postgres://user@a:5432,b:5432/database`, it is at the first
 *   one that writes: after a failover at another one.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function postgresStore(
  url: string,
  options: PostgresStoreOptions = {},
): PostgresStore {
  requireOptions(options, OPTIONS, "postgresStore()");
  const { name = "default", schema = "agentzero", tls, shard } = options;
  const { answerTimeoutMs = 30_000, leaderLeaseMs = 5000 } = options;
  requireText("The URL of the store", url);
  checkOptionalText("name of a store", name, 1, 128);
  requireDuration("answerTimeoutMs", answerTimeoutMs);
  requireWhole("leaderLeaseMs", leaderLeaseMs, 1000);
  if (typeof schema !== "string" || !/^[a-zA-Z_]\w{0,62}$/.test(schema)) {
    throw invalid(
      `schema cannot be ${
        shown(schema)
      }: expected up to 63 letters, digits and _, a digit not first`,
    );
  }
  requireTls(tls);
  if (shard !== undefined) checkShard(shard);
  const shownUrl = withoutSecrets(url);
  if (tls !== undefined && /[?&]ssl/.test(url)) {
    throw invalid(
      `The URL of the store "${shownUrl}" says how to encrypt, and so does tls: use one of them`,
    );
  }
  return new DatabaseStore({
    name,
    shard,
    schema,
    shownUrl,
    answerTimeoutMs,
    leaderLeaseMs,
    servers: serverUrls(url),
    config: tls === undefined ? {} : { ssl: tls === true ? {} : tls },
  });
}

const OPTIONS = optionNames<PostgresStoreOptions>({
  name: true,
  shard: true,
  schema: true,
  tls: true,
  answerTimeoutMs: true,
  leaderLeaseMs: true,
});

const TLS = optionNames<PostgresTls>({
  ca: true,
  cert: true,
  key: true,
  servername: true,
});

function requireTls(tls: unknown): void {
  if (tls === undefined || tls === true) return;
  requireOptions(tls, TLS, "tls of a store");
  for (const [name, value] of Object.entries(tls as object)) {
    checkOptionalText(`${name} of tls`, value, 1);
  }
}

/**
 * The URL as messages may show it.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
function withoutSecrets(url: string): string {
  const [, scheme, host] = url.match(
    /^(postgres(?:ql)?:\/\/)(?:[^/?#]*@)?([^?#]*)/,
  ) ?? [];
  if (scheme === undefined) {
    throw invalid(
      "The URL of the store is none of PostgreSQL: expected postgres://user:password@host:5432/database",
    );
  }
  return `${scheme}${host}`;
}

/** How the store reaches its rows. */
interface StoreOptions
  extends Pick<ConnectionOptions, "answerTimeoutMs" | "servers">, LeaseOptions {
  readonly config: Pick<PgConfig, "ssl">;
  readonly shownUrl: string;
}

/** What works on an open database. */
interface Opened {
  readonly connections: readonly Connection[];
  readonly lease: LeaderLease;
  readonly writer: Writer;
  readonly reader: Reader;
}

class DatabaseStore implements PostgresStore {
  readonly #options: StoreOptions;
  #opening: Promise<Opened> | undefined;
  /** Ends the wait for the lead. */
  #ending = new AbortController();
  #opened: Opened | undefined;
  /** Why the last write failed, and the last read. */
  readonly #failed: { write?: PipelineError; read?: PipelineError } = {};

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get shard(): Shard | undefined {
    return this.#options.shard;
  }

  get place(): string {
    return this.#options.shownUrl;
  }

  get trouble(): PipelineError | undefined {
    return this.#failed.write ?? this.#failed.read;
  }

  async open(options: OpenOptions = {}): Promise<void> {
    if (this.#opening !== undefined) {
      throw new PipelineError(
        "ERR_STORE_LOCKED",
        `Cannot open the store "${this.#options.shownUrl}": another pipeline uses it`,
      );
    }
    this.#failed.write = this.#failed.read = undefined;
    const { signal: own } = this.#ending = new AbortController();
    const { signal } = options;
    this.#opening = openDatabase(this.#options, {
      ...options,
      signal: signal === undefined ? own : AbortSignal.any([signal, own]),
    });
    try {
      this.#opened = await this.#opening;
    } catch (cause) {
      this.#opening = undefined;
      throw this.#errorOf("open", cause);
    }
  }

  get lead(): Lead {
    const { lease } = this.#open;
    return {
      term: lease.term,
      announce: (address) => lease.announce(address),
      members: () => this.#read(() => lease.members()),
      ...this.shard && { census: () => this.#read(() => lease.census()) },
    };
  }

  async commit(batch: Batch): Promise<void> {
    await this.#write((writer) => writer.commit(batch));
  }

  async *unfinished(): AsyncIterable<UnfinishedFlow> {
    const flows = this.#open.reader.unfinished()[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#read(() => flows.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  settings(): Promise<ReadonlyMap<string, string>> {
    return this.#read((reader) => reader.settings());
  }

  flow(id: string): Promise<FlowRecord | undefined> {
    return this.#read((reader) => reader.flow(id));
  }

  job(id: string): Promise<JobRecord | undefined> {
    return this.#read((reader) => reader.job(id));
  }

  jobsOf(flowId: string, page?: Page): Promise<JobRecord[]> {
    return this.#read((reader) => reader.jobsOf(flowId, page));
  }

  jobCountOf(flowId: string): Promise<number> {
    return this.#read((reader) => reader.jobCountOf(flowId));
  }

  events(jobId: string, page?: Page): Promise<JobEvent[]> {
    return this.#read((reader) => reader.events(jobId, page));
  }

  log(jobId: string): Promise<string> {
    return this.#read((reader) => reader.log(jobId));
  }

  flows(query: ListQuery<FlowState>): Promise<FlowRecord[]> {
    return this.#read((reader) => reader.flows(query));
  }

  jobs(query: ListQuery<JobState>): Promise<JobRecord[]> {
    return this.#read((reader) => reader.jobs(query));
  }

  searchFlows(query: FlowSearchQuery): Promise<SearchPart<FlowRecord>> {
    return this.#read((reader) => reader.searchFlows(query));
  }

  searchJobs(query: SearchQuery<JobState>): Promise<SearchPart<JobRecord>> {
    return this.#read((reader) => reader.searchJobs(query));
  }

  counts(): Promise<JobCount[]> {
    return this.#read((reader) => reader.counts());
  }

  prune(now: number, limit: number): Promise<number> {
    return this.#write((writer) => writer.prune(now, limit));
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    if (opening === undefined) return;
    if (this.#opened === undefined) this.#ending.abort(this.#notOpen());
    this.#opened = this.#opening = undefined;
    try {
      const { connections, lease } = await opening;
      await lease.leave();
      await Promise.all(connections.map((connection) => connection.close()));
    } catch {
      // open() has reported it.
    }
  }

  async #read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const { reader } = this.#open;
    try {
      const result = await work(reader);
      this.#failed.read = undefined;
      return result;
    } catch (cause) {
      throw this.#failed.read = this.#errorOf("read", cause);
    }
  }

  /** Writes; how that ends says whether the store works. */
  async #write<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    const { writer } = this.#open;
    try {
      const result = await work(writer);
      this.#failed.write = undefined;
      return result;
    } catch (cause) {
      const error = this.#errorOf("write to", cause);
      if (error.id === undefined) this.#failed.write = error;
      throw error;
    }
  }

  #errorOf(what: string, cause: unknown): PipelineError {
    if (cause instanceof PipelineError) return cause;
    return new PipelineError(
      "ERR_STORE_FAILED",
      `Cannot ${what} the store "${this.#options.shownUrl}": ${
        messageOf(cause)
      }`,
      { cause },
    );
  }

  get #open(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    throw this.#notOpen();
  }

  #notOpen(): PipelineError {
    return new PipelineError(
      "ERR_PIPELINE_CLOSED",
      `The store "${this.#options.shownUrl}" is not open`,
    );
  }
}

/** Opens the database once this process leads. */
async function openDatabase(
  options: StoreOptions,
  open: OpenOptions,
): Promise<Opened> {
  const { schema, leaderLeaseMs } = options;
  const id = crypto.randomUUID();
  const config = {
    ...options.config,
    application_name: `${SESSION_PREFIX}${id}`,
  };
  const all = { ...options, config, pg: await loadPg() };
  const leading: Connection = new Connection({
    ...all,
    answerTimeoutMs: Math.min(options.answerTimeoutMs, leaderLeaseMs),
    onLost: () => lease.renew(),
    // It is asked all the time, and notices first that a server is gone.
    onConnect: (server) => [writing, reading].forEach((c) => c.stayAt(server)),
  });
  const lease = new LeaderLease(id, leading, options, open);
  // Reads have a connection of their own: none waits behind a commit.
  const [writing, reading] = [0, 1].map(() => new Connection(all)) as [
    Connection,
    Connection,
  ];
  try {
    await requireServer(leading);
    await migrate(leading, schema);
    const taken = await lease.take();
    lease.keep();
    const writer = await Writer.create(writing, schema, taken);
    const reader = new Reader(reading, schema, taken.pipeline);
    return { connections: [leading, writing, reading], lease, writer, reader };
  } catch (error) {
    await lease.leave();
    await Promise.all([leading.close(), writing.close()]);
    throw error;
  }
}
