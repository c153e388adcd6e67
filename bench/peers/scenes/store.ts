/**
 * Benchmark peers. The store of a pipeline by itself: filled with finished jobs,
 * and how long it takes for what a pipeline asks of it.
 *
 * @module
 */
import { newId } from "../../../src/pipeline/model/new_id.ts";
import type {
  FlowRecord,
  JobEvent,
  JobRecord,
} from "../../../src/pipeline/model/records.ts";
import { type JobStore, sqliteStore } from "../../../src/pipeline/mod.ts";
import { answer, percentiles, type Scene } from "../support.ts";

const TYPES = ["generate-file", "calculate-hash", "remove-file"];
const PAYLOAD = JSON.stringify({ path: "/srv/files/0123456789/report.pdf" });
const RESULT = JSON.stringify({ sha256: "0123456789abcdef".repeat(4) });
const WORKERS = Array.from({ length: 8 }, () => crypto.randomUUID());
const DAY_MS = 86_400_000;
/** So many jobs are written in one commit. */
const PER_COMMIT = 2000;
/** So many flows a pipeline forgets at a time. */
const PER_PRUNE = 1000;
const REPEATS = 200;

/** One job, and its flow. */
interface Life {
  readonly flow: FlowRecord;
  readonly job: JobRecord;
}

/** `fill path= count=` and `store path=`, which gives milliseconds. */
export function storeScenes(): Record<string, Scene> {
  return {
    async fill(args) {
      const store = sqliteStore(args.text("path"));
      await store.open();
      const count = args.number("count");
      for (let from = 0; from < count; from += PER_COMMIT) {
        const length = Math.min(PER_COMMIT, count - from);
        const lives = Array.from({ length }, (_, i) => finished(from + i));
        await keep(store, lives, "dispatched", "completed");
      }
      await store.close();
      answer({ count });
    },

    async store(args) {
      const store = sqliteStore(args.text("path"));
      const open = await time(async () => {
        await store.open();
        return [...store.unfinished()];
      });
      const submitted: number[] = [];
      const completed: number[] = [];
      const listed: number[] = [];
      const counted: number[] = [];
      for (let i = 0; i < REPEATS; i++) {
        const life = born(i);
        submitted.push(await time(() => keep(store, [life])));
        finish(life);
        completed.push(await time(() => keep(store, [life], "completed")));
        listed.push(await time(() => store.jobs({ limit: 100 })));
        counted.push(await time(() => store.counts()));
      }
      const expired = Array.from(
        { length: PER_PRUNE },
        (_, i) => finished(i, Date.now() - 2 * DAY_MS),
      );
      await keep(store, expired);
      const prune = await time(() => store.prune(Date.now(), PER_PRUNE));
      await store.close();
      answer({
        open,
        submit: percentiles(submitted).p50,
        finish: percentiles(completed).p50,
        list: percentiles(listed).p50,
        counts: percentiles(counted).p50,
        prune,
      });
    },
  };
}

function keep(
  store: JobStore,
  lives: readonly Life[],
  ...types: JobEvent["type"][]
): Promise<void> {
  return store.commit({
    flows: new Map(lives.map(({ flow }) => [flow.id, flow])),
    jobs: new Map(lives.map(({ job }) => [job.id, job])),
    events: lives.flatMap(({ job }) =>
      types.map((type) => {
        const { id: jobId, attempt, worker, createdAt: at } = job;
        return { jobId, at, type, attempt, worker };
      })
    ),
    settings: new Map(),
    logs: new Map(),
  });
}

async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function finished(i: number, createdAt?: number): Life {
  const life = born(i, createdAt);
  finish(life);
  return life;
}

function born(i: number, createdAt = Date.now()): Life {
  const id = newId();
  const jobType = TYPES[i % TYPES.length]!;
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
    payload: PAYLOAD,
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
    expiresAt: finishedAt + DAY_MS,
    result: RESULT,
  });
}
