/**
 * Test support. One run of the chaos test with two processes of a pipeline over
 * PostgreSQL: while a client submits, leaders, workers and the server are killed
 * and stopped, one after the other. In the end it is judged what came of it.
 *
 * @module
 */
import { PipelineClient, type Shard } from "@agentzero/agentzero/pipeline";
import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
import { Random } from "../../fuzz/random.ts";
import { eventually, within } from "../../support/deadline.ts";
import { note, readActivities } from "./activity_log.ts";
import type { Evidence, StoredFlow } from "./evidence.ts";
import { judge } from "./judge.ts";
import { Desk } from "./run.ts";
import {
  type Member,
  TakeoverCast,
  type TakeoverTimes,
} from "./takeover_cast.ts";

/** What can be done. */
export const DEEDS = [
  /** SIGKILL of the leader, which is started again. */
  "kill-leader",
  /** SIGSTOP of the leader until another one leads. */
  "stop-leader",
  /** SIGTERM of the leader: it hands over. */
  "hand-over",
  /** SIGKILL of a worker, which is replaced. */
  "kill-worker",
  /** SIGSTOP of a worker: longer than the suspicion. */
  "stop-worker",
  /** A crash of the server, which is started again. */
  "restart-server",
  /** A crash of the server for good: its standby is promoted. Once in a run. */
  "fail-over",
] as const;
type Deed = typeof DEEDS[number];

/** A run. */
export interface TakeoverSettings extends TakeoverTimes {
  readonly seed: number;
  /** How many flows are submitted at least. */
  readonly jobs: number;
  readonly deeds: readonly Deed[];
  /** How many flows may be unfinished. */
  readonly open: number;
  /** After this time what is missing counts as lost, in milliseconds. */
  readonly limitMs: number;
}

/** What came of a run. */
export interface TakeoverReport {
  readonly seed: number;
  readonly flows: number;
  readonly jobs: number;
  readonly deeds: readonly Deed[];
  /** From each deed to the first submission that the next leader acknowledged, in milliseconds. */
  readonly takeovers: readonly { readonly deed: Deed; readonly ms: number }[];
  /** Handlers that ran again. */
  readonly again: number;
  readonly late: number;
  readonly seconds: number;
  /** What must not be; empty when all is well. */
  readonly faults: readonly string[];
}

/** Draws the deeds of a run of full length; the failover comes where it falls. */
export function takeoverRun(
  seed: number,
  jobs: number,
  shards = 0,
): TakeoverSettings {
  const some = DEEDS.filter((deed) => deed !== "fail-over");
  return {
    seed,
    jobs,
    deeds: shuffled(seed, [...some, ...some, "fail-over"]),
    ...TIMES,
    shards,
    open: 300,
    limitMs: 240_000,
  };
}

/** One for every day: each deed once. */
export function shortTakeoverRun(
  seed: number,
  shards = 0,
): TakeoverSettings {
  return {
    seed,
    jobs: 200,
    deeds: shuffled(seed, DEEDS),
    ...TIMES,
    shards,
    open: 50,
    limitMs: 150_000,
  };
}

const TIMES: TakeoverTimes = {
  leaderLeaseMs: 2000,
  suspectMs: 1500,
  leaseMs: 7500,
  claimMs: 3000,
  workMs: 60,
  shards: 0,
};

/** Runs once. @param dir An empty folder. */
export async function runTakeover(
  settings: TakeoverSettings,
  dir: string,
): Promise<TakeoverReport> {
  await using cast = new TakeoverCast(dir, settings);
  await cast.start();
  await using client = new PipelineClient({ pipeline: cast.addresses });
  const desk = new Desk(client, settings.seed);
  const drama = new Drama(cast, settings, dir);
  const faults: string[] = [];
  const startedAt = performance.now();
  try {
    const performed = drama.perform();
    await within(
      Promise.all([performed, submitUntil(desk, drama, settings)]),
      settings.limitMs,
      "all results and deeds",
    );
    await within(desk.settled(), settings.limitMs, "all results");
    await within(cast.end(), 60_000, "the end of all");
  } catch (error) {
    faults.push((error as Error).message);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const evidence: Evidence = {
    submitted: desk.submitted,
    readings: desk.readings,
    executions: readActivities(dir),
    happenings: [],
    workers: cast.names,
    // What cannot be read is missing, and so a fault for each flow.
    stored: await storedAt(cast.url, settings.shards).catch((error: Error) => {
      faults.push(error.message);
      return [];
    }),
  };
  // Why a job was taken from its worker is judged in the other runs.
  faults.push(...judge(evidence, () => true));
  const report = reportOf(settings, drama, evidence, seconds, faults);
  note(dir, { at: Date.now(), ...report, warnings: cast.warnings });
  return report;
}

/** Submits until all has been done and enough was submitted. */
async function submitUntil(
  desk: Desk,
  drama: Drama,
  { jobs, open }: TakeoverSettings,
): Promise<void> {
  for (let n = 0; n < jobs || !drama.isOver; n++) {
    await eventually(() => desk.open < open, 60_000, "results");
    desk.submit(n % 5 === 4 ? "tree" : "chain", { n }).then(
      () => drama.acknowledged(),
      () => {}, // its reading shows it
    );
    // About as fast as results come, or the deeds would meet an idle pipeline.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What is done to the processes, one after the other. */
class Drama {
  readonly takeovers: { deed: Deed; ms: number }[] = [];
  isOver = false;
  readonly #cast: TakeoverCast;
  readonly #settings: TakeoverSettings;
  readonly #dir: string;
  #acknowledgements = 0;

  constructor(cast: TakeoverCast, settings: TakeoverSettings, dir: string) {
    this.#cast = cast;
    this.#settings = settings;
    this.#dir = dir;
  }

  /** A submission was acknowledged. */
  acknowledged(): void {
    this.#acknowledgements++;
  }

  async perform(): Promise<void> {
    const random = Random.of(this.#settings.seed, 1);
    for (const deed of this.#settings.deeds) {
      await this.#progress(20);
      note(this.#dir, { at: Date.now(), deed });
      await this.#do(deed, random.below(1000));
    }
    await this.#progress(20);
    this.isOver = true;
  }

  async #do(deed: Deed, lot: number): Promise<void> {
    const cast = this.#cast;
    const n = lot % cast.workers.length;
    switch (deed) {
      case "kill-leader":
      case "hand-over": {
        const last = cast.leader(lot);
        const signal = deed === "hand-over" ? "SIGTERM" : "SIGKILL";
        await this.#takeover(deed, last, () => {
          last.led.clear();
          last.program.kill(signal);
        });
        await last.program.ended;
        return await cast.startMember(last);
      }
      case "stop-leader": {
        const last = cast.leader(lot);
        const { replaced } = last;
        const stop = () => last.program.kill("SIGSTOP");
        await this.#takeover(deed, last, stop);
        last.program.kill("SIGCONT");
        const isReplaced = () => last.replaced > replaced;
        await eventually(isReplaced, 30_000, "a leader that was replaced");
        return;
      }
      case "kill-worker":
        cast.workers[n]!.kill("SIGKILL");
        return await cast.startWorker(n);
      case "stop-worker":
        cast.workers[n]!.kill("SIGSTOP");
        await new Promise((resolve) =>
          setTimeout(resolve, this.#settings.suspectMs + lot)
        );
        return cast.workers[n]!.kill("SIGCONT");
      case "restart-server":
        return await cast.restartServer();
      case "fail-over":
        return await cast.failOver();
    }
  }

  /** Takes the time until the next leader has acknowledged something. */
  async #takeover(deed: Deed, last: Member, act: () => void): Promise<void> {
    const start = performance.now();
    act();
    await this.#cast.nextLeader(last);
    await this.#progress(1);
    this.takeovers.push({ deed, ms: performance.now() - start });
  }

  /** Waits until so many submissions more are acknowledged. */
  async #progress(count: number): Promise<void> {
    const enough = this.#acknowledgements + count;
    const isEnough = () => this.#acknowledgements >= enough;
    await eventually(isEnough, 60_000, "acknowledged submissions");
  }
}

/** All flows that the store has, of all shards. */
export async function storedAt(url: string, of = 0): Promise<StoredFlow[]> {
  const shards = of === 0
    ? [undefined]
    : Array.from({ length: of }, (_, index) => ({ index, of }));
  return (await Promise.all(shards.map((shard) => storedIn(url, shard))))
    .flat();
}

async function storedIn(
  url: string,
  shard: Shard | undefined,
): Promise<StoredFlow[]> {
  const store = postgresStore(url, { name: "chaos", shard });
  await store.open();
  const stored: StoredFlow[] = [];
  let before: string | undefined;
  do {
    const page = await store.flows({ limit: 500, before });
    for (const flow of page) {
      const jobs = await store.jobsOf(flow.id);
      const events = await Promise.all(jobs.map(({ id }) => store.events(id)));
      stored.push({ flow, jobs, events: events.flat() });
    }
    before = page.at(-1)?.id;
  } while (before !== undefined);
  await store.close();
  return stored;
}

function reportOf(
  { seed, deeds }: TakeoverSettings,
  { takeovers }: Drama,
  { submitted, executions, stored }: Evidence,
  seconds: number,
  faults: readonly string[],
): TakeoverReport {
  const whole = executions.filter(({ hasFailed }) => !hasFailed);
  return {
    seed,
    flows: submitted.length,
    jobs: stored.reduce((sum, { jobs }) => sum + jobs.length, 0),
    deeds,
    takeovers,
    again: whole.length - new Set(whole.map(({ job }) => job)).size,
    late: stored.reduce(
      (sum, { events }) =>
        sum + events.filter(({ type }) => type === "late").length,
      0,
    ),
    seconds,
    faults,
  };
}

/** Runs in a line. */
export function takeoverLine(reports: readonly TakeoverReport[]): string {
  const sum = (of: (one: TakeoverReport) => number) =>
    reports.reduce((total, one) => total + of(one), 0);
  const times = reports.flatMap(({ takeovers }) => takeovers);
  const kinds = DEEDS.map((deed) => {
    const all = times.filter((one) => one.deed === deed).map(({ ms }) => ms)
      .sort((a, b) => a - b);
    if (all.length === 0) return undefined;
    const at = (share: number) =>
      Math.round(
        all[Math.min(all.length - 1, Math.floor(share * all.length))]!,
      );
    return `${deed} ${all.length}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
  });
  return [
    `${sum((one) => one.flows)} flows, ${sum((one) => one.jobs)} jobs`,
    `${sum((one) => one.deeds.length)} deeds`,
    ...kinds.filter((kind) => kind !== undefined),
    `${sum((one) => one.again)} run again`,
    `${sum((one) => one.late)} late`,
    `${sum((one) => one.seconds).toFixed(1)} s`,
    `${sum((one) => one.faults.length)} faults`,
  ].join("; ");
}

function shuffled<T>(seed: number, all: readonly T[]): T[] {
  const random = Random.of(seed);
  const rest = [...all];
  return all.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}
