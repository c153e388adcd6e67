/**
 * Benchmarks. Writes what came out: `docs/benchmarks.md` and `docs/bench.svg`.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import process from "node:process";
import type { Field } from "./contenders.ts";
import { picture } from "./picture.ts";
import type { Effort, Tally } from "./rounds.ts";
import type { Section } from "./row.ts";

const docs = new URL("../../docs/", import.meta.url);

/** Writes both. */
export function writePages(
  sections: readonly Section[],
  field: Field,
  effort: Effort,
  tally: Tally,
): void {
  const charts = sections.flatMap(({ chart }) => chart ? [chart] : []);
  if (charts.length > 0) {
    writeFileSync(new URL("bench.svg", docs), picture(charts));
  }
  writeFileSync(
    new URL("benchmarks.md", docs),
    page(sections, field, effort, tally, charts.length > 0),
  );
}

function page(
  sections: readonly Section[],
  { engines, jobsInSqlite, zeromqJs, pyzmq, c, bullmq, pgBoss, graphileWorker }:
    Field,
  { rounds, seconds }: Effort,
  { skipped, failed }: Tally,
  isShown: boolean,
): string {
  const here = [
    ...engines,
    ...jobsInSqlite,
    zeromqJs,
    pyzmq,
    c,
    bullmq,
    pgBoss,
    graphileWorker,
  ]
    .filter(({ missing }) => !missing);
  const versions = new Set(here.map(({ versions }) => versions));
  return `<!-- deno-fmt-ignore-file -->

# Benchmarks

\`npm run bench -- --write\` measured all of this in one run on one machine and
wrote this page; do not edit it by hand. Measure on your own machine: the figures
depend on it, and on what else is running.

- Machine: ${machine()}
- ${[...versions].join("; ")}
- ${rounds} rounds of about ${seconds} s for each measurement, in which all take turns, after
  one warm-up round. A ratio compares two results of the same round, and is given as
  the median with [least – most]. Figures without brackets are medians, too.
- The engine and npm:zeromq run the same program
  ([bench/peers](../bench/peers)), pyzmq and C equivalent ones. Node runs the
  JavaScript of the npm package; Deno and Bun run the TypeScript.
${[...skipped].map(([name, why]) => `- Skipped: ${name} (${why})\n`).join("")}${
    failed > 0 ? `- ${failed} measurements failed and are missing below\n` : ""
  }${isShown ? "\n![Rates and times as bars](bench.svg)\n" : ""}
${sections.map(markdown).join("\n")}`;
}

function markdown({ title, text, tables }: Section): string {
  const parts = tables.map(({ title, table }) => `**${title}**\n\n${table}`);
  return `## ${title}\n\n${text}\n\n${parts.join("\n")}`;
}

function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? "CPU"}, ${memory} GiB, ` +
    `${process.platform} ${release()}, ${process.arch}`;
}
