/**
 * Example: the file pipeline. Hashes all files of a folder in processes on
 * Deno, Node and Bun, and shows the progress. This process only starts the
 * others, submits the jobs, and checks their results at the end.
 *
 *     npm run demo -- [folder] [options]
 *
 * @module
 */
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PipelineClient } from "@agentzero/agentzero/pipeline";
import { joinParts, listFiles } from "./folder.ts";
import { cancelLeft, hashFiles } from "./hash_files.ts";
import { Processes } from "./processes.ts";
import { findRuntimes } from "./runtimes.ts";
import { Screen } from "./screen.ts";
import { startPipeline, startWorkers } from "./start.ts";
import { steps } from "./steps/mod.ts";
import { Tally } from "./tally.ts";
import { Watcher } from "./watcher.ts";

const HELP = `Usage: npm run demo -- [folder] [options]

Hashes all files of a folder, by default of this repository.

  --workers N            worker processes for each step (2)
  --out FILE             where to write the checksums (a new temporary folder)
  --runtimes LIST        what the processes run on (deno,node,bun)
  --slow MS              makes each job take longer, so that you can kill workers
  --store FILE           stores the jobs in this file, so that you can kill the pipeline, too
  --dashboard            opens a dashboard, which stays until Ctrl-C`;

/** How long workers may take to start, in milliseconds. */
const START_MS = 20_000;
/** How long to wait without any progress before giving up, in milliseconds. */
const STALL_MS = 60_000;
/** How many lost files are listed. */
const NAMED = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workers: { type: "string", default: "2" },
    out: { type: "string" },
    runtimes: { type: "string", default: "deno,node,bun" },
    slow: { type: "string", default: "0" },
    store: { type: "string" },
    dashboard: { type: "boolean", default: false },
    help: { type: "boolean" },
  },
});
const screen = new Screen();
const processes = new Processes((line) => screen.line(`  ${line}`));
/** Aborted to end the demo: by Ctrl-C, or without progress. */
const end = new AbortController();

if (values.help) console.log(HELP);
else process.exit(await main());

async function main(): Promise<number> {
  const count = Number(values.workers);
  if (!(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`--workers cannot be ${values.workers}`);
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => end.abort(new Error(`Ended by ${signal}`)));
  }
  end.signal.addEventListener("abort", () => void processes.end());

  const repository = fileURLToPath(new URL("../..", import.meta.url));
  const folder = await realpath(positionals[0] ?? repository);
  const temporary = await realpath(
    await mkdtemp(join(tmpdir(), "agentzero-demo-")),
  );
  const parts = join(temporary, "parts");
  await mkdir(parts);
  const out = resolve(values.out ?? join(temporary, "SHA256SUMS"));
  const store = values.store && resolve(values.store);
  try {
    const runtimes = findRuntimes(values.runtimes.split(","), screen);
    const files = await listFiles(folder, [
      ...[join(repository, "npm"), out],
      ...(store ? [store, `${store}-wal`] : []), // they change while it runs
    ]);
    screen.line(`${files.length} files in ${folder}`);

    const pipeline = await startPipeline(processes, screen, runtimes, {
      store,
      dashboard: values.dashboard,
      end,
    });
    const slowMs = values.slow;
    startWorkers(processes, runtimes, {
      ...{ pipeline, count, slowMs, folder, parts },
    });
    await watchAndHash(files, parts, pipeline, count * steps.length);

    const missing = await joinParts(files, parts, out);
    const hashed = files.length - missing.length;
    screen.line(`Checksums: ${out}`);
    for (const path of missing.slice(0, NAMED)) screen.line(`Lost: ${path}`);
    if (missing.length > NAMED) screen.line("… and more");
    screen.line(
      `${files.length} files, ${hashed} hashed, ${missing.length} lost`,
    );
    if (values.dashboard && !end.signal.aborted) {
      screen.line("The dashboard stays open until Ctrl-C.");
      await new Promise((resolve) =>
        end.signal.addEventListener("abort", resolve)
      );
    }
    return missing.length === 0 ? 0 : 1;
  } catch (error) {
    if (!end.signal.aborted) throw error;
    screen.line(`${(end.signal.reason as Error).message}.`);
    return 1;
  } finally {
    await processes.end();
    await rm(values.out ? temporary : parts, { recursive: true, force: true });
  }
}

/** Hashes the files once the workers are ready, shows the progress, and prints a summary. */
async function watchAndHash(
  files: readonly string[],
  parts: string,
  pipeline: string,
  workers: number,
): Promise<void> {
  await using client = new PipelineClient({ pipeline });
  const watcher = new Watcher(screen);
  const tally = new Tally(steps.map(({ jobType }) => jobType));
  // Closing it rejects all pending calls.
  end.signal.addEventListener("abort", () => void client.close());
  try {
    await cancelLeft(client);
    void watcher.listen(client).catch(() => {}); // it ends with the client
    await watcher.waitForWorkers(workers, START_MS, end.signal);
    watcher.onStall(
      STALL_MS,
      () => end.abort(new Error(`No progress for ${STALL_MS / 1000} s`)),
    );
    await hashFiles(files, parts, { client, watcher, tally, screen });
  } catch (error) {
    if (!end.signal.aborted) throw error;
    screen.line(`${(end.signal.reason as Error).message}.`);
  } finally {
    watcher.stop();
  }
  screen.endProgress();
  screen.line();
  screen.table(tally.rows());
  screen.line();
}
