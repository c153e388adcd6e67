/**
 * What a million finished jobs cost the stores of the pipeline: how long a
 * commit, an opening, a look and a prune take in an empty store, and in a full
 * one; and how big the file is.
 *
 *     deno run -A bench/store.ts [--jobs=1000000] [--store=sqlite|full|memory] [--ids=random]
 *     bun bench/store.ts ...
 *     node --import tsx bench/store.ts ...      (Node 24 for SQLite)
 *
 * The ids of the flows are in the order of time, as a pipeline makes them, or
 * random, as others may choose them.
 *
 * @module
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { newId } from "../src/pipeline/model/new_id.ts";
import type {
  FlowRecord,
  JobEvent,
  JobRecord,
} from "../src/pipeline/model/records.ts";
import type { Batch, JobStore } from "../src/pipeline/store/job_store.ts";
import { memoryStore } from "../src/pipeline/store/memory_store.ts";
import { sqliteStore } from "../src/pipeline/store/sqlite_store.ts";

const option = (name: string, fallback: string) =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ??
    fallback;

const total = Number(option("jobs", "1000000"));
const kind = option("store", "sqlite");
const idKind = option("ids", "ordered");

const TYPES = ["generate-file", "calculate-hash", "remove-file"];
const PAYLOAD = JSON.stringify({ path: "/srv/files/0123456789/report.pdf" });
const RESULT = JSON.stringify({ sha256: "0123456789abcdef".repeat(4) });
const WORKERS = Array.from({ length: 8 }, () => crypto.randomUUID());
const PER_COMMIT = 2000;
const EPOCH = 1_700_000_000_000;

/** One job, its flow, and what happened to it. */
interface Life {
  readonly flow: FlowRecord;
  readonly job: JobRecord;
}

const dir = mkdtempSync(join(tmpdir(), "az-bench-"));
try {
  await main(join(dir, "jobs.db"));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function main(path: string): Promise<void> {
  let store = create(path);
  await store.open();
  console.log(
    `${kind}, ${idKind} ids, ${runtimeName()}; times in ms: p50, p99, longest\n`,
  );
  console.log("Empty:");
  await measure(store);

  const began = performance.now();
  for (let count = 0; count < total; count += PER_COMMIT) {
    const lives = Array.from({ length: PER_COMMIT }, (_, i) => born(count + i));
    for (const life of lives) finish(life);
    const events = lives.flatMap(({ job }) => [
      eventOf(job, "dispatched"),
      eventOf(job, "completed"),
    ]);
    await store.commit(batchOf(lives, events));
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `\n${total} finished jobs, in ${
      seconds.toFixed(1)
    } s by ${PER_COMMIT} a commit:`,
  );
  await measure(store);

  if (kind !== "memory") {
    await store.close();
    const megabytes = statSync(path).size / 1e6;
    store = create(path);
    const openMs = await time(() => store.open());
    const restoreMs = await time(() => [...store.unfinished()]);
    console.log(`  open                 ${openMs.toFixed(2)}`);
    console.log(`  unfinished           ${restoreMs.toFixed(2)}`);
    console.log(
      `  file                 ${megabytes.toFixed(0)} MB, ${
        (megabytes * 1e6 / total).toFixed(0)
      } bytes a job`,
    );
  } else {
    const megabytes = process.memoryUsage().rss / 1e6;
    console.log(`  process              ${megabytes.toFixed(0)} MB`);
  }
  await store.close();
}

function create(path: string): JobStore {
  if (kind === "memory") return memoryStore({ maxFinished: Infinity });
  return sqliteStore(path, {
    synchronous: kind === "full" ? "full" : "normal",
  });
}

/** Takes jobs through their lives, each step a commit of its own, and looks around. */
async function measure(store: JobStore): Promise<void> {
  const times = new Map<string, number[]>();
  const note = async (name: string, work: () => unknown) => {
    const ms = await time(work);
    times.set(name, [...times.get(name) ?? [], ms]);
  };
  for (let i = 0; i < 500; i++) {
    const life = born(total + i);
    const { job } = life;
    const step = (type?: JobEvent["type"]) =>
      store.commit(
        batchOf([life], type === undefined ? [] : [eventOf(job, type)]),
      );
    await note("commit: submitted", () => step());
    Object.assign(job, { state: "dispatched", attempt: 1, worker: WORKERS[0] });
    await note("commit: dispatched", () => step("dispatched"));
    Object.assign(job, { state: "active", startedAt: EPOCH });
    await note("commit: active", () => step());
    finish(life);
    await note("commit: completed", () => step("completed"));
  }
  for (let i = 0; i < 50; i++) {
    const lives = Array.from({ length: 100 }, (_, n) => born(i * 100 + n));
    await note("commit: 100 jobs", () => store.commit(batchOf(lives, [])));
    for (const life of lives) finish(life);
    await note("commit: 100 ends", () => store.commit(batchOf(lives, [])));
  }
  for (let i = 0; i < 20; i++) {
    await note("counts", () => store.counts());
    await note("list: newest 100", () => store.jobs({ limit: 100 }));
    await note(
      "list: dead",
      () => store.jobs({ limit: 100, states: ["dead"] }),
    );
    await note("list: of a type", () =>
      store.jobs({
        limit: 100,
        name: TYPES[1]!,
      }));
    const before = store.flows({ limit: 1000 }).at(-1)!.id;
    await note(
      "list: page 11",
      () => store.flows({ limit: 100, states: ["completed"], before }),
    );
    await note("unfinished", () => [...store.unfinished()]);
    await note("prune: none", () => store.prune(0, 1000));
  }
  await note("prune: 1000", () => store.prune(Infinity, 1000));
  for (const [name, all] of times) {
    all.sort((a, b) => a - b);
    const at = (share: number) =>
      all[Math.min(all.length - 1, Math.floor(all.length * share))]!
        .toFixed(3).padStart(9);
    console.log(`  ${name.padEnd(20)} ${at(0.5)} ${at(0.99)} ${at(1)}`);
  }
}

async function time(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function born(i: number): Life {
  const id = idKind === "random" ? crypto.randomUUID() : newId();
  const jobType = TYPES[i % TYPES.length]!;
  const createdAt = EPOCH + i;
  const flow: FlowRecord = {
    id,
    name: jobType,
    graph: [{ jobType, after: [] }],
    state: "running",
    priority: 0,
    createdAt,
  };
  const job: JobRecord = {
    id,
    flowId: id,
    node: 0,
    jobType,
    state: "waiting",
    instructions: PAYLOAD,
    priority: 0,
    attempt: 0,
    failures: 0,
    kills: 0,
    retry: { attempts: 5, delayMs: 1000, maxDelayMs: 60_000 },
    createdAt,
  };
  return { flow, job };
}

function finish({ flow, job }: Life): void {
  const finishedAt = job.createdAt + 20;
  Object.assign(job, {
    state: "completed",
    attempt: 1,
    worker: WORKERS[finishedAt % WORKERS.length],
    startedAt: job.createdAt + 1,
    finishedAt,
    result: RESULT,
  });
  Object.assign(flow, {
    state: "completed",
    finishedAt,
    expiresAt: finishedAt + 86_400_000,
    result: RESULT,
  });
}

function eventOf(job: JobRecord, type: JobEvent["type"]): JobEvent {
  const { id: jobId, attempt, worker, createdAt: at } = job;
  return { jobId, at, type, attempt, worker };
}

function batchOf(lives: readonly Life[], events: readonly JobEvent[]): Batch {
  return {
    flows: new Map(lives.map(({ flow }) => [flow.id, flow])),
    jobs: new Map(lives.map(({ job }) => [job.id, job])),
    events,
    settings: new Map(),
  };
}

function runtimeName(): string {
  const { deno, bun, node } = process.versions as Record<string, string>;
  if (deno !== undefined) return `Deno ${deno}`;
  return bun === undefined ? `Node ${node}` : `Bun ${bun}`;
}
