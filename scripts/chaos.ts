/**
 * The chaos test of pipelines, at length: real processes that are killed,
 * stopped and cut off while a client submits; see `tests/pipeline/chaos`.
 *
 *     npm run chaos -- [--runs 20] [--jobs 3000] [--seed N] [--only KIND,KIND] [--keep]
 *     npm run chaos -- --postgres ...   two processes of the pipeline over PostgreSQL
 *     npm run chaos -- --postgres --shards 2 ...   the same, each leads one of two shards
 *     deno task chaos ...      the same on Deno
 *     bun scripts/chaos.ts ... the same on Bun
 *
 * Run number i has the seed N + i, so `--runs 1 --seed M` is one run again. A
 * line for each run, and one for all; what went wrong is printed, and the folder
 * with its store and logs stays, with `--keep` that of every run.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Kind, KINDS } from "../tests/pipeline/chaos/plan.ts";
import { lineOf, summaryOf } from "../tests/pipeline/chaos/report.ts";
import { type Report, runOnce } from "../tests/pipeline/chaos/run.ts";
import { fullRun } from "../tests/pipeline/chaos/settings.ts";
import {
  runTakeover,
  takeoverLine,
  type TakeoverReport,
  takeoverRun,
} from "../tests/pipeline/chaos/takeover_run.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    jobs: { type: "string", default: "3000" },
    seed: { type: "string" },
    only: { type: "string" },
    keep: { type: "boolean", default: false },
    postgres: { type: "boolean", default: false },
    shards: { type: "string", default: "0" },
  },
});
const seed = whole("seed") ?? Math.floor(Math.random() * 2 ** 31);
const jobs = whole("jobs")!;
const runs = whole("runs")!;
const shards = whole("shards")!;
const only = kinds();
console.log(`${runs} runs with ${jobs} flows each, --seed ${seed}`);
const reports: (Report | TakeoverReport)[] = [];
for (let n = 0; n < runs; n++) {
  const dir = await mkdtemp(join(tmpdir(), "az-chaos-"));
  const report = await run(seed + n, dir);
  reports.push(report);
  if (report.faults.length === 0 && !values.keep) {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    continue;
  }
  for (const fault of report.faults.slice(0, 20)) console.log(`  ${fault}`);
  console.log(`  ${report.faults.length} faults; see ${dir}`);
}
console.log(
  values.postgres
    ? `${runs} runs: ${takeoverLine(reports as TakeoverReport[])}`
    : summaryOf(reports as Report[]),
);
process.exitCode = reports.every(({ faults }) => faults.length === 0) ? 0 : 1;

async function run(seed: number, dir: string) {
  if (values.postgres) {
    const report = await runTakeover(takeoverRun(seed, jobs, shards), dir);
    console.log(`seed ${seed}: ${takeoverLine([report])}`);
    return report;
  }
  const report = await runOnce(fullRun(seed, jobs, only), dir);
  console.log(lineOf(report));
  return report;
}

function kinds(): readonly Kind[] | undefined {
  const names = values.only?.split(",") as Kind[] | undefined;
  const unknown = names?.find((name) => !KINDS.includes(name));
  if (unknown === undefined) return names;
  throw new RangeError(
    `There is no "${unknown}"; there is ${KINDS.join(", ")}`,
  );
}

/** A number among the arguments. */
function whole(name: "runs" | "jobs" | "seed" | "shards"): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`--${name} needs a whole number, not "${text}"`);
}
