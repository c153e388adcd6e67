/**
 * Test support. A siege: sockets and a pipeline with a worker, each a process,
 * hostile peers that do all that we know of at once, and honest peers beside
 * them that must not notice.
 *
 * @module
 */
import { within } from "../support/deadline.ts";
import { Program, type RuntimeName } from "../pipeline/support/programs.ts";
import type { Places } from "./attacks/attack.ts";
import type { Reading } from "./meter.ts";

/** What a siege is to be. */
export interface Settings {
  /** Of those who are attacked. */
  readonly runtime: RuntimeName;
  readonly seconds: number;
  /** Parts of the names of the attacks to do; none for all. */
  readonly only: readonly string[];
  /** Whether the attacked have the limits of {@link MEMORY_LIMITS}. */
  readonly isLimited: boolean;
}

/**
 * The environment in which docs/pipeline/production.md says to run a pipeline that
 * has 512 MiB of memory. Without it a runtime collects garbage when it has filled
 * a part of the memory of the machine.
 */
export const MEMORY_LIMITS: Readonly<Record<RuntimeName, string>> = {
  node: "NODE_OPTIONS=--max-old-space-size=256",
  deno: "DENO_V8_FLAGS=--max-old-space-size=256",
  bun: "BUN_JSC_forceRAMSize=268435456",
};

/** What one kind of honest peer saw. */
export interface Honest {
  readonly name: string;
  readonly done: number;
  readonly lost: number;
  /** Why, of the first. */
  readonly reasons: readonly string[];
  /** How long each answer took. */
  readonly tookMs: readonly number[];
}

/** How a process under siege ended. */
export interface Victim {
  readonly name: string;
  /** How much more memory it had at most than before, in bytes. */
  readonly grownBytes: number;
  readonly lateMs: readonly number[];
  /** Why it ended before its time. */
  readonly ended: string | undefined;
  /** What it counted. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What a siege was. */
export interface Report {
  readonly settings: Settings;
  readonly honest: readonly Honest[];
  readonly victims: readonly Victim[];
  readonly attacks: readonly {
    readonly name: string;
    readonly times: number;
    readonly cut: number;
  }[];
}

/** Before the attacks begin, what memory the processes need by themselves shows. */
const CALM_MS = 3000;
/** How long programs may take to end. */
const END_MS = 60_000;
const TOKEN = "the-token-of-the-siege";
/** Honest and hostile peers have this one, whatever the runtime of the attacked. */
const PEERS: RuntimeName = "node";

/** Runs a siege. */
export async function besiege(settings: Settings): Promise<Report> {
  const { runtime, seconds, only, isLimited } = settings;
  const limit = isLimited ? ["env", MEMORY_LIMITS[runtime]] : [];
  const all: Program[] = [];
  const start = (
    on: RuntimeName,
    file: string,
    task: object,
    onLine?: (line: string) => void,
    prefix: readonly string[] = [],
  ) => {
    const url = new URL(file, import.meta.url).href;
    const program = new Program(on, url, task, onLine, prefix);
    all.push(program);
    return program;
  };
  const watched = (name: string, file: string, task: object) => {
    const watch = new Watch(name);
    const onLine = (line: string) => watch.read(line);
    const program = start(runtime, file, task, onLine, limit);
    void program.ended.then((how) => watch.ended = String(how));
    return { program, watch };
  };
  try {
    const sockets = watched("sockets", "engine_program.ts", {});
    const pipeline = watched("pipeline", "pipeline_program.ts", {
      token: TOKEN,
    });
    const places = JSON.parse(await pipeline.program.ready);
    const worker = watched("worker", "worker_program.ts", {
      pipeline: places.requests,
    });
    Object.assign(
      places,
      JSON.parse(await sockets.program.ready),
      JSON.parse(await worker.program.ready),
    );
    const victims = [sockets, pipeline, worker].map(({ watch }) => watch);
    const honest = await Peers.start(start, "honest_program.ts", {
      places: places as Places,
      token: TOKEN,
    });
    await pause(CALM_MS);
    const hostile = await Peers.start(start, "attack_program.ts", {
      places: places as Places,
      only,
    });
    for (const victim of victims) victim.begin();
    await pause(seconds * 1000);
    const { attacks } = await hostile.end();
    const { tallies } = await honest.end();
    await pause(1500); // the last readings
    return {
      settings,
      honest: counted(tallies as Honest[], sockets.watch),
      victims: victims.map((victim) => victim.report()),
      attacks: attacks as Report["attacks"],
    };
  } finally {
    await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
  }
}

/** How many of the pushed messages came, only the socket knows. */
function counted(honest: readonly Honest[], sockets: Watch): Honest[] {
  return honest.map((one) => {
    if (one.name !== "PUSH to PULL") return one;
    const lost = one.done - (sockets.counts.pulled ?? 0);
    return { ...one, lost };
  });
}

/** Peers in a process that ends on request, and then reports. */
class Peers {
  readonly #program: Program;
  #report: Record<string, unknown> | undefined;

  private constructor(program: (onLine: (line: string) => void) => Program) {
    this.#program = program((line) => this.#report = JSON.parse(line));
  }

  static async start(
    start: (
      on: RuntimeName,
      file: string,
      task: object,
      onLine: (line: string) => void,
    ) => Program,
    file: string,
    task: object,
  ): Promise<Peers> {
    const peers = new Peers((onLine) => start(PEERS, file, task, onLine));
    await peers.#program.ready;
    return peers;
  }

  async end(): Promise<Record<string, unknown>> {
    this.#program.write("end");
    const how = await within(this.#program.ended, END_MS, "the peers' end");
    if (this.#report === undefined) {
      throw new Error(`Peers ended with ${how} and reported nothing`);
    }
    return this.#report;
  }
}

/** What a process under siege has reported so far. */
class Watch {
  readonly name: string;
  ended: string | undefined;
  counts: Record<string, number> = {};
  #firstBytes = 0;
  #mostBytes = 0;
  #lateMs: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  read(line: string): void {
    if (!line.startsWith("{")) return;
    const { rssBytes, lateMs, ...counts } = JSON.parse(line) as Reading;
    this.#mostBytes = Math.max(this.#mostBytes, rssBytes);
    for (const late of lateMs) this.#lateMs.push(late);
    this.counts = counts as Record<string, number>;
  }

  /** From now on it counts; what it has now, it needs. */
  begin(): void {
    this.#firstBytes = this.#mostBytes;
    this.#lateMs = [];
  }

  report(): Victim {
    const { name, ended, counts } = this;
    const grownBytes = this.#mostBytes - this.#firstBytes;
    return { name, ended, counts, grownBytes, lateMs: this.#lateMs };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
