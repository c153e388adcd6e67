/**
 * Test support. One run of the chaos test: a client submits, others do
 * mischief, and in the end it is judged what came of it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PipelineClient } from "@agentzero/agentzero/pipeline";
import { within } from "../../support/deadline.ts";
import { Cast } from "./cast.ts";
import type { Evidence, Reading, StoredFlow, Submitted } from "./evidence.ts";
import { type Figures, figuresOf } from "./figures.ts";
import type { FlowName, Piece, Task } from "./flows.ts";
import { judge } from "./judge.ts";
import { note, readActivities } from "./activity_log.ts";
import { Mischief } from "./mischief.ts";
import type { PlannedEvent } from "./plan.ts";
import type { Settings } from "./settings.ts";

/** So many flows are submitted and unfinished at most. */
const MAX_OPEN = 800;

/** What came of a run. */
export interface Report {
  readonly settings: Settings;
  readonly figures: Figures;
  /** What must not be; empty when all is well. */
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Runs once.
 *
 * @param dir An empty folder, for the store and the activity logs.
 */
export async function runOnce(
  settings: Settings,
  dir: string,
): Promise<Report> {
  await using cast = new Cast(dir, settings);
  await cast.start();
  await using client = new PipelineClient({ pipeline: cast.clientAddress });
  const desk = new Desk(client, settings.seed);
  const mischief = new Mischief(
    cast,
    settings,
    dir,
    client,
    (task) => desk.submit("chain", task),
  );
  const faults: string[] = [];
  const startedAt = performance.now();
  const begin = (event: PlannedEvent) =>
    mischief.perform(event).catch((error: Error) => {
      faults.push(`${event.kind}: ${error.message}`);
    });
  try {
    const doings = await submitAll(settings, desk, begin);
    const all = Promise.all([...doings, desk.settled()]);
    await within(all, settings.limitMs, "all results and repairs");
  } catch (error) {
    faults.push((error as Error).message);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await client.close();
  try {
    await cast.end();
  } catch (error) {
    faults.push((error as Error).message);
    cast.pipeline.kill("SIGKILL");
    await cast.pipeline.ended;
  }
  const stored = join(dir, "stored.ndjson");
  await cast.audit(stored);
  const evidence: Evidence = {
    submitted: desk.submitted,
    readings: desk.readings,
    executions: readActivities(dir),
    happenings: mischief.happenings,
    workers: cast.workers,
    stored: readLines(stored) as StoredFlow[],
  };
  faults.push(...judge(evidence));
  const figures = figuresOf(evidence, seconds);
  note(dir, { at: Date.now(), settings, figures, faults });
  return { settings, figures, faults, warnings: cast.warnings };
}

/** The client's side. */
export class Desk {
  readonly submitted: Submitted[] = [];
  readonly readings: Reading[] = [];
  readonly #client: PipelineClient;
  readonly #seed: number;
  readonly #open: Set<Promise<void>> = new Set();

  constructor(client: PipelineClient, seed: number) {
    this.#client = client;
    this.#seed = seed;
  }

  /** How many have no result yet. */
  get open(): number {
    return this.#open.size;
  }

  /** Submits a flow, and sees to its result. Resolves once it is taken. */
  submit(flow: FlowName, task: Task): Promise<string> {
    const id = `run${this.#seed}-${this.submitted.length}`;
    this.submitted.push({ id, flow, n: task.n });
    const taken = this.#client.submit(flow as never, task as never, { id });
    const read = taken.then(() => this.#client.result<Piece>(id)).then(
      (value) => void this.readings.push({ id, value }),
      (error: Error) => void this.readings.push({ id, error: error.message }),
    ).finally(() => this.#open.delete(read));
    this.#open.add(read);
    return taken;
  }

  /** Resolves once each has a result. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }
}

/** Submits all flows at their pace; begins what is planned on the way. */
async function submitAll(
  { jobs, paceMs, limitMs, plan }: Settings,
  desk: Desk,
  begin: (event: PlannedEvent) => Promise<void>,
): Promise<Promise<void>[]> {
  const doings: Promise<void>[] = [];
  const events = [...plan];
  const startedAt = performance.now();
  for (let n = 0; n < jobs;) {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > limitMs) {
      throw new Error(`Only ${n} were submitted in time`);
    }
    const due = Math.ceil(elapsedMs / paceMs * jobs);
    for (; n < Math.min(jobs, due) && desk.open < MAX_OPEN; n++) {
      // What it throws, its reading shows.
      desk.submit(n % 5 === 4 ? "tree" : "chain", { n }).catch(() => {});
    }
    while (events.length > 0 && events[0]!.at <= n / jobs) {
      doings.push(begin(events.shift()!));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return doings;
}

/** What a file has, of which each line is JSON. */
export function readLines(path: string): unknown[] {
  return readFileSync(path, "utf8").trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
}
