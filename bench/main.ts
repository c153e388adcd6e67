/**
 * The benchmarks: this engine on Node, Deno and Bun beside npm:zeromq, pyzmq and
 * C on libzmq, and beside `node:net`, its pipelines beside BullMQ, all in one run
 * on one machine.
 *
 *     npm run bench -- [--short] [--rows=tcp,round_trip] [--rounds=5] [--seconds=0.5] [--write]
 *
 * `--short` sends a few messages through each row to see that all works, and
 * judges no times. `--write` writes `docs/benchmarks.md` and its picture. The
 * last line is `N passed, N failed, N skipped`, of the measurements.
 *
 * @module
 */
import process from "node:process";
import { fieldOf } from "./lib/contenders.ts";
import { type Effort, Rounds, Tally } from "./lib/rounds.ts";
import type { Section } from "./lib/row.ts";
import { writePages } from "./lib/pages.ts";
import { Workshop } from "./lib/workshop.ts";
import { idle, router } from "./rows/connections.ts";
import { curve } from "./rows/curve.ts";
import { fairness } from "./rows/fairness.ts";
import { fullStore } from "./rows/full_store.ts";
import { jobs } from "./rows/jobs.ts";
import { jobsInPostgres } from "./rows/jobs_in_postgres.ts";
import { manager } from "./rows/manager.ts";
import { memory } from "./rows/memory.ts";
import { fanOut, subscriptions } from "./rows/publish.ts";
import { roundTrip } from "./rows/round_trip.ts";
import { startup } from "./rows/startup.ts";
import { submissions } from "./rows/submissions.ts";
import { throughput } from "./rows/throughput.ts";
import { webSocket } from "./rows/web_socket.ts";

const ROWS = [
  throughput("tcp"),
  roundTrip,
  throughput("inproc"),
  fanOut,
  manager,
  jobs,
  jobsInPostgres,
  submissions,
  fullStore,
  fairness,
  memory,
  idle,
  router,
  curve,
  startup,
  subscriptions,
  throughput("ipc"),
  webSocket,
];

const words = process.argv.slice(2);
if (words.includes("--short") && words.includes("--write")) {
  throw new Error("A short run measures nothing that could be written");
}
const unknown = words.filter((word) =>
  !/^--(short|write|rows=.+|rounds=\d+|seconds=[\d.]+)$/.test(word)
);
if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(" ")}`);
const option = (name: string) =>
  words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

const isShort = words.includes("--short");
const wanted = option("rows")?.split(",") ?? ROWS.map(({ name }) => name);
const missing = wanted.filter((name) => !ROWS.some((row) => row.name === name));
if (missing.length > 0) {
  throw new Error(`There is no row ${missing.join(", ")}`);
}
const effort: Effort = {
  isShort,
  rounds: Number(option("rounds") ?? (isShort ? 1 : 5)),
  seconds: Number(option("seconds") ?? 0.5),
};

using workshop = new Workshop();
const tally = new Tally();
const rounds = new Rounds(effort, tally, (line) => console.error(line));
const field = await fieldOf(workshop);
const sections: Section[] = [];
for (const row of ROWS) {
  if (!wanted.includes(row.name)) continue;
  const section = await row.run({ rounds, field, workshop });
  sections.push(section);
  if (isShort) continue;
  console.log(`## ${section.title}\n\n${section.text}\n`);
  for (const { title, table } of section.tables) {
    console.log(`${title}\n\n${table}`);
  }
  // Row by row: a run takes long, and what it has so far is worth keeping.
  if (words.includes("--write")) writePages(sections, field, effort, tally);
}
for (const [name, reason] of tally.skipped) {
  console.log(`Skipped: ${name}: ${reason}`);
}
console.log(
  `${tally.passed} passed, ${tally.failed} failed, ${tally.skips} skipped`,
);
process.exitCode = tally.failed > 0 ? 1 : 0;
