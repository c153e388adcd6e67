/**
 * Measures a pipeline: how many jobs that do nothing it brings through, and how
 * long a job takes from `submit` to its handler. The pipeline, each step and
 * the client are processes of their own on this machine.
 *
 *     node --import tsx bench/pipeline.ts [jobs] [--store=memory|sqlite]
 *                                         [--steps=1] [--runtime=node|deno|bun]
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  defineStep,
  flow,
  memoryStore,
  Pipeline,
  PipelineClient,
  sqliteStore,
} from "../src/pipeline/mod.ts";
import * as runtimes from "../scripts/runtimes.mjs";

/** How many jobs are under way at a time. */
const WINDOW = 500;
const DEFAULT_JOBS = 20_000;
const LATENCY_JOBS = 500;

const noop = defineStep("noop", (n: number) => n);
const when = defineStep("when", () => now());

const { role, ...given } = JSON.parse(process.env.BENCH_PIPELINE ?? "{}");
if (role === "pipeline") await servePipeline(given.path);
else if (role === "step") await serveSteps(given.pipeline);
else await main();

async function main(): Promise<void> {
  const jobs = Number(process.argv.find((arg) => /^\d+$/.test(arg))) ||
    DEFAULT_JOBS;
  const runtime = flag("runtime", "node");
  const store = flag("store", "memory");
  const steps = Number(flag("steps", "1"));
  const dir = mkdtempSync(join(tmpdir(), "az-bench-"));
  const children: ChildProcess[] = [];
  try {
    const path = store === "sqlite" ? join(dir, "jobs.db") : undefined;
    const server = await start(runtime, { role: "pipeline", path });
    children.push(server.child);
    const pipeline = server.line;
    for (let i = 0; i < steps; i++) {
      children.push((await start(runtime, { role: "step", pipeline })).child);
    }
    await using client = new PipelineClient({ pipeline });
    console.log(
      `${jobs} jobs, ${steps} step(s), ${store} store, all on ${runtime}`,
    );
    await throughput(client, Math.min(jobs, 5000)); // until all is compiled
    for (let i = 0; i < 3; i++) {
      console.log(`${Math.round(await throughput(client, jobs))} jobs/s`);
    }
    const latencies = await latency(client);
    const at = (part: number) =>
      latencies[Math.floor(part * latencies.length)]!.toFixed(2);
    console.log(`submit to handler: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  } finally {
    for (const child of children) child.kill("SIGTERM");
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Submits jobs and waits for their results, so many at a time. */
async function throughput(
  client: PipelineClient,
  jobs: number,
): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < jobs) {
      const n = next++;
      const result = await client.result(await client.submit(noop, n));
      if (result !== n) throw new Error(`The job ${n} gave ${result}`);
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, worker));
  return jobs / (performance.now() - startedAt) * 1000;
}

/** From submission to handler, one job after the other, in milliseconds. */
async function latency(client: PipelineClient): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < LATENCY_JOBS; n++) {
    const sentAt = now();
    const begunAt = await client.result<number>(
      await client.submit(when, null),
    );
    took.push(begunAt - sentAt);
  }
  return took.sort((a, b) => a - b);
}

/** A clock that processes on one machine share. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

async function servePipeline(path: string | undefined): Promise<void> {
  const pipeline = new Pipeline({
    name: "bench",
    flows: [flow(noop), flow(when)],
    store: path === undefined ? memoryStore() : sqliteStore(path),
  });
  const { requests } = await pipeline.listen({
    events: 0,
    requests: 0,
    results: 0,
    feed: 0,
  });
  console.log(requests);
  process.on("SIGTERM", () => void pipeline.close());
}

async function serveSteps(pipeline: string): Promise<void> {
  const options = { pipeline, concurrency: 100, drainOnSignals: true };
  await Promise.all([noop.run(options), when.run(options)]);
  console.log("ready");
}

/** Starts this program in another role; gives the first line that it writes. */
async function start(
  runtime: string,
  task: object,
): Promise<{ child: ChildProcess; line: string }> {
  const { cmd, args } = runtime === "deno"
    ? runtimes.deno()
    : runtime === "bun"
    ? runtimes.bun()
    : { cmd: process.execPath, args: ["--import", "tsx"] };
  const flags = runtime === "deno" ? ["run", "-A", "--no-check"] : [];
  const child = spawn(
    cmd,
    [...args, ...flags, fileURLToPath(import.meta.url)],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, BENCH_PIPELINE: JSON.stringify(task) },
    },
  );
  const lines = createInterface({ input: child.stdout! });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    child.once("exit", (code) => reject(new Error(`It ended with ${code}`)));
  });
  return { child, line };
}

function flag(name: string, otherwise: string): string {
  const found = process.argv.find((arg) => arg.startsWith(`--${name}=`));
  return found?.slice(name.length + 3) ?? otherwise;
}
