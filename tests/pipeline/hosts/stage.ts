/**
 * Test support. What runs on the hosts of a scene: one pipeline over SQLite, or two
 * processes of one over PostgreSQL, and workers. The client is in this process.
 *
 * @module
 */
import { join } from "node:path";
import type { Limits } from "@agentzero/agentzero/pipeline";
import { eventually, within } from "../../support/deadline.ts";
import { Relay } from "../../support/peers/relay.ts";
import type { StoredFlow } from "../chaos/evidence.ts";
import { readLines } from "../chaos/run.ts";
import { storedAt } from "../chaos/takeover_run.ts";
import { PostgresServer } from "../store/postgres_server.ts";
import { Program, type RuntimeName } from "../support/programs.ts";
import { DATABASE_IP, type Host, Network } from "./network.ts";

const PORT = 7450;
const END_MS = 60_000;

/** A process of a pipeline. */
export interface Member {
  readonly host: Host;
  readonly program: Program;
  leads: boolean;
}

/** A worker process. */
export interface WorkerProcess {
  readonly name: string;
  readonly host: Host;
  readonly program: Program;
}

/** The hosts, and what runs on them. */
export class Stage implements AsyncDisposable {
  readonly network: Network;
  readonly members: Member[] = [];
  readonly workers: WorkerProcess[] = [];
  /** The names of the workers' processes, by the ids of workers. */
  readonly names: Map<string, string> = new Map();
  readonly warnings: string[] = [];
  readonly #dir: string;
  readonly #limits: Partial<Limits>;
  readonly #workMs: number;
  readonly #all: AsyncDisposable[] = [];
  #url: string | undefined;

  private constructor(
    network: Network,
    dir: string,
    { limits, workMs }: { limits: Partial<Limits>; workMs: number },
  ) {
    this.network = network;
    this.#dir = dir;
    this.#limits = limits;
    this.#workMs = workMs;
  }

  /** @param dir An empty folder. */
  static async create(
    dir: string,
    settings: { readonly limits: Partial<Limits>; readonly workMs: number },
  ): Promise<Stage> {
    return new Stage(await Network.create(), dir, settings);
  }

  /** Where the pipeline may be. */
  get addresses(): string[] {
    return this.members.map(({ host }) => `tcp://${host.ip}:${PORT}`);
  }

  /** The process that leads the pipeline. */
  get leader(): Member {
    return this.members.find(({ leads }) => leads)!;
  }

  /** Starts a pipeline over SQLite, on a host of its own. */
  async startPipeline(): Promise<void> {
    const host = await this.network.addHost(1);
    const program = this.#start(host, "deno", "pipeline_program.ts", {
      path: this.#path,
      listen: { host: host.ip, port: PORT, insecure: true },
      limits: this.#limits,
    }, (line) => this.warnings.push(line));
    await program.ready;
    this.members.push({ host, program, leads: true });
  }

  /** Starts two processes of a pipeline over PostgreSQL, on two hosts. */
  async startPair(): Promise<void> {
    const server = await PostgresServer.create();
    const to = `tcp://127.0.0.1:${server.port}`;
    const relay = await Relay.start(to, () => {}, DATABASE_IP);
    this.#all.push(relay);
    this.#url = server.url;
    const place = relay.endpoint.replace("tcp://", "@");
    const url = server.url.replace(/@[^/]*/, place);
    for (const runtime of ["node", "deno"] as const) {
      const host = await this.network.addHost(this.members.length + 1);
      let isUp = false;
      const program = this.#start(host, runtime, "member_program.ts", {
        url,
        listen: { host: host.ip, port: PORT, insecure: true },
        limits: this.#limits,
      }, (line) => {
        isUp ||= line === "leads" || line === "stands by";
        if (line === "leads") member.leads = true;
        else if (line === "replaced") member.leads = false;
        else if (line !== "stands by") this.warnings.push(line);
      });
      const member: Member = { host, program, leads: false };
      this.members.push(member);
      await eventually(() => isUp, END_MS, "a process that stands by");
    }
  }

  /** Resolves once another process than this leads. */
  nextLeader(last?: Member): Promise<Member> {
    return eventually(
      () => this.members.find((one) => one !== last && one.leads),
      END_MS,
      "the next leader",
    );
  }

  /** Starts a worker process on a host. */
  async startWorker(host: Host, runtime: RuntimeName): Promise<void> {
    const name = `worker${this.workers.length}`;
    const program = this.#start(host, runtime, "worker_program.ts", {
      pipeline: this.addresses,
      name,
      dir: this.#dir,
      workMs: this.#workMs,
    });
    this.workers.push({ name, host, program });
    for (const id of JSON.parse(await program.ready)) this.names.set(id, name);
  }

  /** Lets all processes end, and reads what is in the store. */
  async end(): Promise<StoredFlow[]> {
    const programs = [...this.workers, ...this.members].map((one) =>
      one.program
    );
    for (const program of programs) {
      program.kill("SIGTERM");
      await within(program.ended, END_MS, "the end of a process");
    }
    if (this.#url !== undefined) return await storedAt(this.#url);
    const to = join(this.#dir, "stored.ndjson");
    const task = { path: this.#path, to };
    const audit = this.#start(undefined, "deno", "audit_program.ts", task);
    await audit.ended;
    return readLines(to) as StoredFlow[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((one) => one[Symbol.asyncDispose]()));
    await this.network[Symbol.asyncDispose]();
  }

  get #path(): string {
    return join(this.#dir, "jobs.db");
  }

  #start(
    host: Host | undefined,
    runtime: RuntimeName,
    file: string,
    task: object,
    onLine?: (line: string) => void,
  ): Program {
    const url = new URL(`../chaos/${file}`, import.meta.url).href;
    const program = new Program(runtime, url, task, onLine, host?.prefix);
    this.#all.push(program);
    return program;
  }
}
