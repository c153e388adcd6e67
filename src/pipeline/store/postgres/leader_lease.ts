/**
 * Layer: pipeline/store/postgres. Which of several processes leads a pipeline.
 *
 *     standby ──▶ leading ──▶ lost
 *        │           └──▶ left
 *        └──▶ left
 *
 * The leader has a lease in the row of its pipeline, by the clock of the server,
 * and renews it. A standby looks at it several times a second, and takes it in one
 * statement when it is over, or when the connection of the leader has been gone for
 * a second: so a process that was killed is replaced long before its lease is over. The lease only decides who tries: what
 * keeps an old leader from writing is the epoch, which each taking raises and each
 * write compares.
 *
 * @module
 */
import { onAbort } from "../../../async/abort.ts";
import { PendingCall, sleep } from "../../../async/pending_call.ts";
import { PipelineError } from "../../model/pipeline_error.ts";
import type { Shard } from "../../model/shards.ts";
import {
  type OpenOptions,
  type PipelineMember,
  processName,
} from "../job_store.ts";
import { toText } from "../columns.ts";
import { type Connection, isAnswer } from "./connection.ts";
import type { ResultRow } from "./driver.ts";
import { type LeaseStatements, leaseStatements } from "./lease_statements.ts";

/** How often a standby looks, in milliseconds. */
const LOOK_MS = 200;

/** How long the connection of a leader must be gone, in milliseconds: one that lives connects again. */
const GONE_MS = 1000;

/** The pause after a failed look, and a failed renewal, in milliseconds. */
const AGAIN_MS = 500;

/** How long giving the lease back may take; otherwise it ends by itself, in milliseconds. */
const LEAVE_MS = 2000;

/** What a leader has taken. */
export interface Taken {
  readonly pipeline: number;
  readonly epoch: number;
  /** The number of the last batch. */
  readonly batch: number;
}

/** What is led, and by whom. */
export interface LeaseOptions {
  readonly schema: string;
  /** The name of the pipeline. */
  readonly name: string;
  /** Which shard of it, if it has several. */
  readonly shard: Shard | undefined;
  /** How long a lease is, in milliseconds. */
  readonly leaderLeaseMs: number;
}

/** What a standby finds. */
interface Found {
  /** The id of the leader. */
  readonly leader: string | null;
  readonly member: PipelineMember;
  /** Whether its lease is over. */
  readonly isOver: boolean;
  /** Whether its connection is gone. */
  readonly isGone: boolean;
}

/** A process that leads, or wants to. */
export class LeaderLease {
  readonly #connection: Connection;
  readonly #options: LeaseOptions;
  readonly #statements: LeaseStatements;
  readonly #open: OpenOptions;
  readonly #id: string;
  readonly #since: number = Date.now();
  readonly #left = new AbortController();
  #address: string;
  #taken: Taken | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #renewing: Promise<void> | undefined;

  /** @param id Of this process, which the names of its sessions have. */
  constructor(
    id: string,
    connection: Connection,
    options: LeaseOptions,
    open: OpenOptions,
  ) {
    this.#id = id;
    this.#connection = connection;
    this.#options = options;
    this.#statements = leaseStatements(options.schema);
    this.#open = open;
    this.#address = open.member?.address ?? "";
    const { signal } = open;
    if (signal?.aborted) this.#left.abort(signal.reason);
    else onAbort(signal, () => this.#left.abort(signal!.reason));
  }

  /** Waits until this process leads. */
  async take(): Promise<Taken> {
    await this.#register();
    await this.#signIn();
    let signedInAt = performance.now();
    let leader: string | null = null;
    const absence = new Absence();
    let freeSince: number | undefined;
    for (let isWaiting = false;; isWaiting = true) {
      this.#left.signal.throwIfAborted();
      const found = await this.#look(isWaiting);
      const gone = absence.note(found?.isGone === true ? found.leader : null);
      const isFree = found !== undefined && this.#isFree(found, gone);
      if (!isFree) freeSince = undefined;
      else if (this.#isOurTurn(freeSince ??= performance.now())) {
        const taken = await this.#takeFrom(found, gone);
        if (taken !== undefined) return this.#taken = taken;
      }
      if (found !== undefined && found.leader !== leader) {
        leader = found.leader;
        if (leader !== null) this.#open.onStandby?.(found.member);
      }
      await sleep(found === undefined ? AGAIN_MS : LOOK_MS, this.#left.signal);
      if (performance.now() - signedInAt < this.#renewMs) continue;
      signedInAt = performance.now();
      await this.#signIn().catch(() => {}); // the next look says why
    }
  }

  /** Renews the lease from now on; `onLost` is called once if another process has it. */
  keep(): void {
    this.#timer = setInterval(() => this.renew(), this.#renewMs);
  }

  /** Renews the lease now. */
  renew(): void {
    if (this.#taken === undefined || this.#left.signal.aborted) return;
    this.#renewing ??= this.#renew().finally(() => this.#renewing = undefined);
  }

  /** The epoch of this leader. */
  get term(): number {
    return this.#taken!.epoch;
  }

  /** Where this process takes requests. */
  announce(address: string): void {
    this.#address = address;
    this.renew();
  }

  /** All processes that have signed in lately, the leader first. */
  async members(): Promise<PipelineMember[]> {
    return (await this.#query("members", 3 * this.#options.leaderLeaseMs))
      .map(memberOf);
  }

  /** How many shards each process leads, by its host, number and address. */
  async census(): Promise<ReadonlyMap<string, number>> {
    const { of } = this.#options.shard!;
    const names = Array.from(
      { length: of },
      (_, index) =>
        toText(rowNameOf({ ...this.#options, shard: { index, of } })),
    );
    // So short that a process that has ended is soon not counted any more.
    const rows = await this.#query("census", names, 2 * this.#renewMs);
    return new Map(
      rows.map((row) => [
        processName(memberOf(row)),
        Number(row["led"]),
      ]),
    );
  }

  /** Gives the lease back, so that another process has it at once. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    this.#left.abort(closed());
    const limit = new PendingCall({
      timeoutMs: LEAVE_MS,
      onTimeout: (call) => call.resolve(),
    });
    const left = async () => {
      await this.#renewing;
      await this.#query("leave", this.#id);
    };
    const end = () => limit.resolve();
    left().then(end, end);
    await limit.promise;
  }

  get #renewMs(): number {
    return this.#options.leaderLeaseMs / 3;
  }

  /** @throws {PipelineError} `ERR_STORE_SHARDS` if the pipeline has another number of shards. */
  async #register(): Promise<void> {
    const { name, shard } = this.#options;
    const of = shard?.of ?? 1;
    await this.#query("register", of, toText(name));
    const [other] = await this.#query("shards", of, toText(name));
    if (other === undefined) return;
    throw new PipelineError(
      "ERR_STORE_SHARDS",
      `The pipeline "${name}" in the database was created with shards: ${
        other["shards"]
      }, not ${of}. The number cannot be changed: start with that one, or use another name`,
      { options: ["shards"] },
    );
  }

  /** Whether this process takes what has been free for so long. */
  #isOurTurn(freeSince: number): boolean {
    const patienceMs = this.#open.patienceMs?.() ?? 0;
    return performance.now() - freeSince >= patienceMs;
  }

  /** How it stands; `undefined` if the server cannot be asked at present. */
  async #look(isWaiting: boolean): Promise<Found | undefined> {
    try {
      const [row] = await this.#query("look");
      return {
        leader: row!["leader"] as string | null,
        isOver: row!["is_over"] === true,
        isGone: row!["is_gone"] === true,
        member: memberOf(row!),
      };
    } catch (error) {
      if (!isWaiting || isAnswer(error)) throw error;
      return undefined;
    }
  }

  /** Takes the lease, if it is free now. @param gone The leader whose connection is gone. */
  async #takeFrom(
    { leader }: Found,
    gone: string | null,
  ): Promise<Taken | undefined> {
    const { leaderLeaseMs } = this.#options;
    try {
      if (leader !== null && leader !== this.#id) await this.#terminate(leader);
      const [row] = await this.#query("take", this.#id, leaderLeaseMs, gone);
      return row as unknown as Taken | undefined;
    } catch (error) {
      if (isAnswer(error)) throw error;
      return undefined; // the next look says whether it was taken
    }
  }

  /**
   * Ends the sessions of the last leader. One that was cut off in the middle of a
   * statement would keep the row of the pipeline locked for as long as its
   * connection seems to stand, which can be hours.
   */
  async #terminate(leader: string): Promise<void> {
    try {
      await this.#query("terminate", leader);
    } catch (error) {
      if (!isAnswer(error)) throw error; // else it is of another user
    }
  }

  /** Whether no process leads, or this one, which has not learnt that it was given the lease. */
  #isFree({ leader, isOver }: Found, gone: string | null): boolean {
    return isOver || leader === this.#id || (gone !== null && leader === gone);
  }

  async #renew(): Promise<void> {
    const { pipeline, epoch } = this.#taken!;
    while (!this.#left.signal.aborted) {
      try {
        const { rows } = await this.#connection.query(this.#statements.renew, [
          pipeline,
          epoch,
          this.#options.leaderLeaseMs,
        ]);
        if (rows.length === 0) return this.#lost();
        return await this.#signIn();
      } catch (error) {
        if (isAnswer(error)) return; // at the next renewal again
        await sleep(AGAIN_MS, this.#left.signal);
      }
    }
  }

  #lost(): void {
    clearInterval(this.#timer);
    if (this.#left.signal.aborted) return;
    this.#left.abort(fenced());
    this.#open.onLost?.(fenced());
  }

  async #signIn(): Promise<void> {
    const { host = "", pid = 0 } = this.#open.member ?? {};
    await this.#query(
      "signIn",
      this.#id,
      toText(this.#address),
      toText(host),
      pid,
      this.#since,
      10 * this.#options.leaderLeaseMs,
    );
  }

  async #query(
    statement: Exclude<keyof LeaseStatements, "renew">,
    ...values: readonly unknown[]
  ): Promise<ResultRow[]> {
    const name = toText(rowNameOf(this.#options));
    const { rows } = await this.#connection.query(
      this.#statements[statement],
      [name, ...values],
    );
    return rows;
  }
}

/** For how long a leader has had no connection. */
class Absence {
  #leader: string | null = null;
  #since = 0;

  /**
   * Notes the leader that has none now, if there is one.
   *
   * @returns That leader, once it has had none for long.
   */
  note(leader: string | null): string | null {
    if (leader !== this.#leader) this.#since = performance.now();
    this.#leader = leader;
    return performance.now() - this.#since >= GONE_MS ? leader : null;
  }
}

/** What the row of a pipeline, or of one of its shards, is called. */
export function rowNameOf(
  { name, shard }: Pick<LeaseOptions, "name" | "shard">,
): string {
  return shard === undefined ? name : `${name}/${shard.index}`;
}

function memberOf(row: ResultRow): PipelineMember {
  return {
    address: String(row["address"] ?? ""),
    host: String(row["host"] ?? ""),
    pid: Number(row["pid"] ?? 0),
    since: Number(row["since"] ?? 0),
    leads: row["leads"] === true,
  };
}

/** The error of a process that leads no more. */
export function fenced(): PipelineError {
  return new PipelineError(
    "ERR_STORE_FENCED",
    "Another process has taken the pipeline over: this one can write no more",
  );
}

function closed(): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_CLOSED",
    "The store was closed before this process came to lead the pipeline",
  );
}
