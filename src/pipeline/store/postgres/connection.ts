/**
 * Layer: pipeline/store/postgres. One connection to the server. One that is lost
 * is replaced at the next query; it repeats nothing by itself, since only its
 * user knows whether a statement may run twice. Of several servers it takes the one
 * that writes: after a failover that is another one.
 *
 * @module
 */
import { PendingCall } from "../../../async/pending_call.ts";
import { memberOf, messageOf } from "../../model/foreign.ts";
import type { Pg, PgClient, PgConfig, ResultRow, Statement } from "./driver.ts";

/** A server that takes longer than this to connect to is not tried on, in milliseconds. */
const CONNECT_TIMEOUT_MS = 4000;

/** A connection that takes longer than this to close is left to the server, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * The statements of a store look up keys. PostgreSQL plans for a table that it
 * has not analysed yet, such as a new one, and then reads the whole of it for
 * every key: 0.6 s instead of 1 ms for 100 keys in 42,000 rows. So these plans
 * are switched off, and no statement is planned twice. A plan that is switched off
 * counts as very expensive where there is no other, and PostgreSQL compiled such
 * statements at each execution (`jit`): a commit took 76 ms instead of 16.
 */
const SESSION = `
  SET enable_seqscan = off;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET jit = off;
  SET plan_cache_mode = force_generic_plan;
  SET idle_in_transaction_session_timeout = '60s';
  SET tcp_keepalives_idle = 5;
  SET tcp_keepalives_interval = 2;
  SET tcp_keepalives_count = 3;
  SET client_min_messages = warning
`;

/** Whether the server replicates another one. */
const IS_STANDBY = "SELECT pg_is_in_recovery() AS is_standby";

/** How a connection is made. */
export interface ConnectionOptions {
  readonly pg: Pg;
  /** The URL of each server. */
  readonly servers: readonly string[];
  readonly config: Omit<PgConfig, "connectionString">;
  /** A statement without an answer for so long is given up, and the connection with it. */
  readonly answerTimeoutMs: number;
  /** Called when the server, or what is between, ends the connection. */
  readonly onLost?: () => void;
  /** Called with the server that it has connected to, or without one if that failed. */
  readonly onConnect?: (server?: string) => void;
}

/** The answer to a statement. */
export interface Answer {
  readonly rows: ResultRow[];
  /** Whether the server warned of something meanwhile. */
  readonly isWarned: boolean;
}

/** A client, and what the server said beside its answers. */
interface Live {
  readonly client: PgClient;
  warnings: number;
  isLost: boolean;
  /** Resolves once the last statement is answered. */
  idle: Promise<unknown>;
}

/** The connection could not be established: nothing was sent. */
export class ConnectError extends Error {
  override readonly name: string = "ConnectError";
}

/** A connection. */
export class Connection {
  readonly #options: ConnectionOptions;
  #live: Promise<Live> | undefined;
  /** The server that it was connected to last. */
  #server: string | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Runs one statement, in a transaction of its own. */
  async query(
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<Answer> {
    const live = await this.#connected();
    const before = live.warnings;
    const { rows } = await this.#run(live, { ...statement, values });
    return { rows, isWarned: live.warnings > before };
  }

  /** Runs statements in one transaction; what `work` throws undoes it. */
  async transact(
    work: (run: (text: string) => Promise<ResultRow[]>) => Promise<void>,
  ): Promise<void> {
    const live = await this.#connected();
    const run = async (text: string) => (await this.#run(live, { text })).rows;
    await run("BEGIN");
    try {
      await work(run);
      await run("COMMIT");
    } catch (error) {
      await run("ROLLBACK").catch(() => {}); // with the connection the transaction is gone
      throw error;
    }
  }

  /** Gives the connection up, unless it is one to this server. */
  stayAt(server?: string): void {
    if (server !== undefined && server === this.#server) return;
    const live = this.#live;
    this.#live = undefined;
    live?.then(drop, () => {});
  }

  /** Closes it; the next query would establish it again. */
  async close(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    const ended = live?.then(({ client }) => client.end()).catch(() => {});
    const limit = new PendingCall({
      timeoutMs: CLOSE_TIMEOUT_MS,
      onTimeout: (call) => call.resolve(),
    });
    ended?.then(() => limit.resolve());
    if (ended !== undefined) await limit.promise;
    else limit.resolve();
  }

  async #run(
    live: Live,
    query: Parameters<PgClient["query"]>[0],
  ): Promise<{ rows: ResultRow[] }> {
    const { answerTimeoutMs } = this.#options;
    const call = new PendingCall<{ rows: ResultRow[] }>({
      timeoutMs: answerTimeoutMs,
      onTimeout: (call) =>
        call.reject(
          new Error(`no answer from the server for ${answerTimeoutMs} ms`),
        ),
    });
    // One after the other: `pg` will not queue statements for much longer.
    const answer = live.idle.then(() => live.client.query(query));
    live.idle = answer.catch(() => {});
    answer.then(
      (rows) => call.resolve(rows),
      (error) => call.reject(error),
    );
    try {
      return await call.promise;
    } catch (error) {
      if (!isAnswer(error)) drop(live);
      throw error;
    }
  }

  async #connected(): Promise<Live> {
    const known = this.#live;
    if (known !== undefined) {
      const live = await known;
      if (!live.isLost) return live;
      if (this.#live === known) this.#live = undefined;
    }
    return await (this.#live ??= this.#connect());
  }

  /** Connects to the first server that writes, beginning with the last one. */
  async #connect(): Promise<Live> {
    const { servers, onConnect } = this.#options;
    const failures: string[] = [];
    let cause: unknown;
    for (const server of new Set([this.#server ?? servers[0]!, ...servers])) {
      try {
        const live = await this.#connectTo(server);
        this.#server = server;
        onConnect?.(server);
        return live;
      } catch (error) {
        failures.push(messageOf(error));
        cause = error;
      }
    }
    this.#live = undefined;
    onConnect?.();
    throw new ConnectError(failures.join("; "), { cause });
  }

  async #connectTo(server: string): Promise<Live> {
    const { pg, config } = this.#options;
    const client = new pg.Client({
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ...config,
      connectionString: server,
      // The driver changes this object.
      ...config.ssl !== undefined && { ssl: { ...config.ssl } },
    });
    const live: Live = {
      client,
      warnings: 0,
      isLost: false,
      idle: Promise.resolve(),
    };
    // Without a listener, the loss of an idle connection would end the process.
    client.on("error", () => {
      drop(live);
      this.#options.onLost?.();
    });
    client.on("notice", ({ code }) => {
      if (code?.startsWith("01")) live.warnings++;
    });
    try {
      await client.connect();
      await client.query({ text: SESSION });
      const { rows: [row] } = await client.query({ text: IS_STANDBY });
      if (row!["is_standby"] === true) {
        throw new Error("the server is a standby, which cannot write");
      }
      return live;
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
  }
}

/** Gives a connection up. */
function drop(live: Live): void {
  live.isLost = true;
  live.client.end().catch(() => {});
}

/** Codes of the server. The system has such as EPIPE, of as many letters. */
const SQLSTATE = /^(?:\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;

/**
 * Whether an error is the server's answer to a statement, which did nothing then.
 * All others leave open what the statement did: the connection is lost, or the
 * server ends it (57P0x, 08xxx), or it cannot write at present (25006, a standby).
 */
export function isAnswer(error: unknown): boolean {
  const code = memberOf(error, "code");
  return typeof code === "string" && SQLSTATE.test(code) &&
    !/^(?:57P|08|25006)/.test(code);
}
