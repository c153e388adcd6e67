/**
 * Test support. The processes of a run: a pipeline, a relay, and workers, each
 * of which has a cable of its own in both directions. All is on loopback; the
 * places are laid out so that no port that must be had again can be taken by
 * somebody's outgoing connection, which would come from 127.0.0.1:
 *
 *     127.0.0.2       the pipeline
 *     127.0.0.10      the relay, for the client
 *     127.0.0.11 …    the relay, for the worker processes
 *     127.0.0.31 …    where these take jobs
 *
 * @module
 */
import { join } from "node:path";
import type { PipelineAddresses } from "@agentzero/agentzero/pipeline";
import { within } from "../../support/deadline.ts";
import type { Program } from "../support/programs.ts";
import { note } from "./activity_log.ts";
import { Processes } from "./processes.ts";
import { RemoteRelay } from "./remote_relay.ts";
import type { Settings } from "./settings.ts";

/** The cable of the client. */
export const CLIENT = "client";

const PIPELINE_HOST = "127.0.0.2";
const CLIENT_HOST = "127.0.0.10";
/** How long a worker may take to end. */
const END_MS = 40_000;

/** A worker process. */
export interface WorkerProcess {
  /** Never used again. */
  readonly name: string;
  readonly program: Program;
  /** Resolves once it has joined. */
  readonly joined: Promise<void>;
  isJoined: boolean;
}

/** A place for a worker process. When one dies, another one takes its place. */
export interface Slot {
  readonly cable: string;
  readonly host: string;
  worker: WorkerProcess;
  /** Whether something is done to it at present. */
  isInTrouble: boolean;
}

/** The processes of a run. */
export class Cast implements AsyncDisposable {
  /** The process of each worker, by the worker's id. */
  readonly workers: Map<string, string> = new Map();
  /** What the pipeline warned of. */
  readonly warnings: string[] = [];
  readonly slots: Slot[] = [];
  readonly #dir: string;
  readonly #settings: Settings;
  readonly #relay = new RemoteRelay();
  readonly #processes = new Processes();
  #pipeline: Program | undefined;
  #places: PipelineAddresses | undefined;
  #starts = 0;

  constructor(dir: string, settings: Settings) {
    this.#dir = dir;
    this.#settings = settings;
  }

  /** Where the client finds the pipeline. */
  get clientAddress(): string {
    return this.#requestsAt(CLIENT_HOST);
  }

  /** The pipeline's process. */
  get pipeline(): Program {
    return this.#pipeline!;
  }

  /** The relay. */
  get relay(): RemoteRelay {
    return this.#relay;
  }

  /** The file of the store. */
  get path(): string {
    return join(this.#dir, "jobs.db");
  }

  /** Starts everything; resolves once all have joined. */
  async start(): Promise<void> {
    await Promise.all([this.startPipeline(), this.#relay.ready]);
    await this.#lay(CLIENT, CLIENT_HOST);
    for (let n = 0; n < this.#settings.workers; n++) {
      const place = {
        cable: `cable${n}`,
        host: `127.0.0.${11 + n}`,
      };
      await this.#lay(place.cable, place.host);
      const worker = this.#startWorker(place);
      this.slots.push({ ...place, worker, isInTrouble: false });
    }
    await Promise.all(this.slots.map(({ worker }) => worker.joined));
  }

  /** Starts the pipeline, at the places where it was before; resolves once it listens. */
  async startPipeline(): Promise<void> {
    const { suspectMs, leaseMs, claimMs } = this.#settings;
    const anywhere = { port: 0 };
    const task = {
      path: this.path,
      listen: this.#places ?? { host: PIPELINE_HOST, ...anywhere },
      // Who is killed is drawn by lot, and may be the same job's worker each time.
      limits: { suspectMs, leaseMs, claimMs, maxKills: 1000 },
    };
    // Node before 22.13 has no SQLite.
    const runtime = this.#starts++ % 2 === 0 ? "deno" : "bun";
    this.#pipeline = this.#processes.start(
      runtime,
      "pipeline_program.ts",
      task,
      (line) => {
        this.warnings.push((JSON.parse(line) as { message: string }).message);
        note(this.#dir, { at: Date.now(), warning: JSON.parse(line) });
      },
    );
    this.#places = JSON.parse(await this.#pipeline.ready);
  }

  /** Starts another process in the place of one that was killed; resolves once it has joined. */
  async replace(slot: Slot): Promise<void> {
    await slot.worker.program.ended;
    slot.worker = this.#startWorker(slot);
    await slot.worker.joined;
  }

  /** Lets all workers end in order, and kills the pipeline. */
  async end(): Promise<void> {
    for (const { worker } of this.slots) worker.program.kill("SIGTERM");
    for (const { worker: { name, program } } of this.slots) {
      const code = await within(program.ended, END_MS, `the end of ${name}`);
      if (code !== 0) throw new Error(`${name} ended with ${code}`);
    }
    this.pipeline.kill("SIGKILL");
    await this.pipeline.ended;
  }

  /** Runs a program to its end, once the pipeline is gone. */
  async audit(to: string): Promise<void> {
    const task = { path: this.path, to };
    const program = this.#processes.start("deno", "audit_program.ts", task);
    await program.ended;
    await program.ready;
  }

  /** Kills everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes[Symbol.asyncDispose]();
    await this.#relay[Symbol.asyncDispose]();
  }

  /** Lays a cable from a host to all sockets of the pipeline. */
  async #lay(cable: string, host: string): Promise<void> {
    for (const place of Object.values(this.#places!)) {
      const port = Number(/:(\d+)$/.exec(place)![1]);
      const to = { host: PIPELINE_HOST, port };
      await this.#relay.open(cable, { host, port }, to);
    }
  }

  #startWorker(
    { cable, host }: Pick<Slot, "cable" | "host">,
  ): WorkerProcess {
    const name = `${cable}.${this.#processes.count}`;
    const runtime = this.#processes.nextRuntime;
    const program = this.#processes.start(runtime, "worker_program.ts", {
      pipeline: this.#requestsAt(host),
      name,
      dir: this.#dir,
      workMs: this.#settings.workMs,
    });
    const joined = program.ready.then((ids) => {
      for (const id of JSON.parse(ids) as string[]) this.workers.set(id, name);
      worker.isJoined = true;
    });
    joined.catch(() => {}); // its waiters get the error
    const worker: WorkerProcess = {
      name,
      program,
      joined,
      isJoined: false,
    };
    note(this.#dir, { at: Date.now(), starts: name, runtime });
    return worker;
  }

  #requestsAt(host: string): string {
    return this.#places!.requests.replace(PIPELINE_HOST, host);
  }
}
