/**
 * Test support. The processes of a run over PostgreSQL: a server and a standby of
 * it, two processes of the pipeline, and workers on three runtimes.
 *
 * @module
 */
import { steadyPort } from "../../support/steady_port.ts";
import { eventually } from "../../support/deadline.ts";
import { PostgresServer } from "../store/postgres_server.ts";
import type { Program } from "../support/programs.ts";
import { note } from "./activity_log.ts";
import { Processes, RUNTIMES } from "./processes.ts";

/** How long the next leader may take, in milliseconds. */
const LEADS_MS = 60_000;

/** Its times, in milliseconds. */
export interface TakeoverTimes {
  readonly leaderLeaseMs: number;
  readonly suspectMs: number;
  readonly leaseMs: number;
  readonly claimMs: number;
  /** How long a handler takes at most. */
  readonly workMs: number;
  /** How many shards the pipeline has; 0 for none. */
  readonly shards: number;
}

/** A process of the pipeline. */
export class Member {
  readonly port: number;
  program!: Program;
  /** What it leads: shards, or 0 for the whole pipeline. */
  readonly led: Set<number> = new Set();
  /** Whether it leads or stands by. */
  isUp = false;
  /** How often it was replaced. */
  replaced = 0;

  constructor(port: number) {
    this.port = port;
  }
}

/** The processes of a run. */
export class TakeoverCast implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly workers: Program[] = [];
  /** The names of the workers' processes, by the ids of workers. */
  readonly names: Map<string, string> = new Map();
  readonly warnings: string[] = [];
  readonly #dir: string;
  readonly #times: TakeoverTimes;
  readonly #processes = new Processes();
  #server!: PostgresServer;
  #standby!: PostgresServer;

  constructor(dir: string, times: TakeoverTimes) {
    this.#dir = dir;
    this.#times = times;
  }

  /** Where the database is. */
  get url(): string {
    const [one, other] = [this.#server, this.#standby];
    return one.url.replace(
      `:${one.port}`,
      `:${one.port},127.0.0.1:${other.port}`,
    );
  }

  /** Where the pipeline may be. */
  get addresses(): string[] {
    return this.members.map(({ port }) => `tcp://127.0.0.1:${port}`);
  }

  /** A process that leads. @param lot Which one, if there are several. */
  leader(lot: number): Member {
    const leading = this.members.filter(({ led }) => led.size > 0);
    return leading[lot % leading.length]!;
  }

  /** Starts everything. */
  async start(): Promise<void> {
    this.#server = await PostgresServer.create();
    this.#standby = await this.#server.replicate();
    for (let n = 0; n < 2; n++) {
      const member = new Member(await steadyPort());
      this.members.push(member);
      await this.startMember(member);
    }
    await this.nextLeader();
    await Promise.all(RUNTIMES.map((_, n) => this.startWorker(n)));
  }

  /** Starts a process of the pipeline; it stands by if the other one leads. */
  async startMember(member: Member): Promise<void> {
    const { leaderLeaseMs, suspectMs, leaseMs, claimMs } = this.#times;
    const runtime = this.#processes.nextRuntime;
    const listen = { requests: member.port, feed: 0 };
    member.isUp = false;
    member.led.clear();
    member.program = this.#processes.start(runtime, "member_program.ts", {
      url: this.url,
      leaderLeaseMs,
      listen,
      shards: this.#times.shards,
      // Who is killed is drawn by lot, and may be the same job's worker each time.
      limits: { suspectMs, leaseMs, claimMs, maxKills: 1000 },
    }, (line) => {
      const [what, shard = 0] = line.split(" ");
      member.isUp ||= what === "leads" || what === "stands";
      if (what === "leads") member.led.add(Number(shard));
      else if (what === "hands") member.led.delete(Number(line.at(-1)));
      else if (what === "replaced") {
        member.replaced++;
        if (this.#times.shards === 0) member.led.clear();
      } else if (what !== "stands") this.warnings.push(line);
      note(this.#dir, { at: Date.now(), port: member.port, line });
    });
    await eventually(() => member.isUp, LEADS_MS, "a process that stands by");
  }

  /** Resolves once another one than this leads, or all shards. */
  nextLeader(last?: Member): Promise<Member> {
    const count = Math.max(1, this.#times.shards);
    return eventually(
      () => this.members.find((one) => one !== last && one.led.size === count),
      LEADS_MS,
      "the next leader",
    );
  }

  /** Starts a worker in this place. */
  async startWorker(n: number): Promise<void> {
    const name = `worker${n}.${this.#processes.count}`;
    const program = this.#processes.start(RUNTIMES[n]!, "worker_program.ts", {
      pipeline: this.addresses,
      name,
      dir: this.#dir,
      workMs: this.#times.workMs,
    });
    this.workers[n] = program;
    for (const id of JSON.parse(await program.ready)) this.names.set(id, name);
  }

  /** Ends the server as a crash does, and starts it again. */
  async restartServer(): Promise<void> {
    await this.#server.kill();
    await this.#server.start();
  }

  /** Ends the server as a crash does, for good, and makes its standby the primary. */
  async failOver(): Promise<void> {
    await this.#server.kill();
    await this.#standby.promote();
    [this.#server, this.#standby] = [this.#standby, this.#server];
  }

  /** Lets all processes end in order. */
  async end(): Promise<void> {
    for (const worker of this.workers) worker.kill("SIGTERM");
    await Promise.all(this.workers.map(({ ended }) => ended));
    for (const { program } of this.members) program.kill("SIGTERM");
    await Promise.all(this.members.map(({ program }) => program.ended));
  }

  /** Kills everything; the servers end with this process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes[Symbol.asyncDispose]();
  }
}
