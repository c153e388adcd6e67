/**
 * Pipelines, workers and clients on hosts of their own, which are network
 * namespaces: what happens when a host vanishes, a cable is cut, a network is slow.
 * See `tests/pipeline/hosts`. It needs Linux, root, `ip`, `nft` and, for slow
 * networks, `python3` and /dev/net/tun; for the scenes with two processes of the
 * pipeline, PostgreSQL.
 *
 *     npm run hosts -- [--only NAME,NAME] [--runs 1] [--keep]
 *     deno task hosts ...      the same on Deno
 *
 * A line for each scene, and a table of all. The runtimes of the workers change
 * from run to run.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { noHosts } from "../tests/pipeline/hosts/network.ts";
import {
  FULL,
  runScene,
  type SceneReport,
} from "../tests/pipeline/hosts/scene_run.ts";
import { SCENES } from "../tests/pipeline/hosts/scenes.ts";
import { noPostgres } from "../tests/pipeline/store/postgres_server.ts";
import type { RuntimeName } from "../tests/pipeline/support/programs.ts";
import { markdownTable } from "./lib/markdown_table.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    runs: { type: "string", default: "1" },
    keep: { type: "boolean", default: false },
  },
});
const RUNTIMES: readonly RuntimeName[] = ["node", "deno", "bun"];
const reports: SceneReport[] = [];
if (noHosts) console.log(`All scenes are skipped: ${noHosts}`);
else await runAll();
process.exitCode = reports.every(({ faults }) => faults.length === 0) ? 0 : 1;

async function runAll(): Promise<void> {
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [n, scene] of chosen().entries()) {
      if (scene.isPair && noPostgres) {
        console.log(`${scene.name} is skipped: ${noPostgres}`);
        continue;
      }
      const at = (place: number) => RUNTIMES[(run + n + place) % 3]!;
      const dir = await mkdtemp(join(tmpdir(), "az-hosts-"));
      const settings = { ...FULL, runtimes: [at(0), at(1)] as const };
      const report = await runScene(scene, settings, dir);
      reports.push(report);
      console.log(`${scene.name} on ${at(0)}: ${rowOf(report).join(" | ")}`);
      for (const fault of report.faults.slice(0, 10)) console.log(`  ${fault}`);
      const isKept = values.keep || report.faults.length > 0;
      if (isKept) console.log(`  see ${dir}`);
      else await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    }
  }
  console.log(table());
}

function chosen() {
  const names = values.only?.split(",");
  const unknown = names?.find((name) =>
    SCENES.every((scene) => scene.name !== name)
  );
  if (unknown !== undefined) {
    const all = SCENES.map(({ name }) => name).join(", ");
    throw new RangeError(`There is no "${unknown}"; there is ${all}`);
  }
  return SCENES.filter(({ name }) => names?.includes(name) ?? true);
}

function table(): string {
  const head = [
    ...["what happens", "jobs", "lost", "accepted twice", "run again"],
    ...["begun elsewhere after", "goes on after", "next result after"],
  ];
  return markdownTable(head, reports.map(rowOf));
}

function rowOf(report: SceneReport): string[] {
  const { scene, jobs, lost, acceptedTwice, ranAgain } = report;
  return [
    scene.title,
    ...[jobs, lost, acceptedTwice, ranAgain].map(String),
    seconds(report.elsewhereMs),
    seconds(report.backMs),
    seconds(report.nextResultMs),
  ];
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "–" : `${(ms / 1000).toFixed(1)} s`;
}
