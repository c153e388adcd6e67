/**
 * Example: the file pipeline. Hashes all files of a folder in processes on
 * Deno, Node and Bun, and shows how it goes. This process only starts the
 * others, hands in the jobs, and checks at the end what became of them.
 *
 *     npm run demo -- [folder] [--workers N] [--out FILE] [--runtimes deno,node,bun]
 *
 * @module
 */
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Children } from "./children.ts";
import { PipelineClient } from "./client.ts";
import { joinParts, listFiles } from "./folder.ts";
import { type PipelineAddresses, STEPS } from "./messages.ts";
import { findRuntime, type FoundRuntime } from "./runtimes.ts";
import { Screen } from "./screen.ts";
import { Watcher } from "./watcher.ts";

const HELP = `Usage: npm run demo -- [folder] [options]

Hashes all files of a folder, by default of this repository.

  --workers N            worker processes for each step (2)
  --out FILE             where the checksums go (a new temporary folder)
  --runtimes LIST        what the workers run on (deno,node,bun)
  --slow MS              makes each job take longer, to watch, and to kill workers`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workers: { type: "string", default: "2" },
    out: { type: "string" },
    runtimes: { type: "string", default: "deno,node,bun" },
    slow: { type: "string", default: "0" },
    help: { type: "boolean" },
  },
});

if (values.help) console.log(HELP);
else process.exit(await main());

async function main(): Promise<number> {
  const screen = new Screen();
  const repository = fileURLToPath(new URL("../..", import.meta.url));
  const folder = await realpath(positionals[0] ?? repository);
  const workers = Number(values.workers);
  if (!(Number.isInteger(workers) && workers > 0)) {
    throw new RangeError(`--workers cannot be ${values.workers}`);
  }
  const temporary = await realpath(
    await mkdtemp(join(tmpdir(), "agentzero-demo-")),
  );
  const out = resolve(values.out ?? join(temporary, "SHA256SUMS"));
  const parts = join(temporary, "parts");
  await mkdir(parts);

  const children = new Children((line) => screen.line(`  ${line}`));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, async () => {
      await children.kill();
      await rm(temporary, { recursive: true, force: true });
      process.exit(130);
    });
  }
  try {
    const runtimes = findRuntimes(screen, values.runtimes.split(","));
    const files = await listFiles(folder, [join(repository, "npm"), out]);
    screen.line(`${files.length} files in ${folder}`);

    const addresses = await startPipeline(children, runtimes);
    startWorkers(children, runtimes, addresses, folder, parts);
    await using client = new PipelineClient();
    await client.connect(addresses.requests);
    const watcher = new Watcher(client, screen);
    await watcher.waitForWorkers(workers * STEPS.length);
    const end = new AbortController();
    await Promise.all([
      submitAll(client, files, end.signal),
      watcher.waitForJobs(files.length).finally(() => end.abort()),
    ]);
    await watcher.report();
    children.expectEnd();
    await client.stop();
    await children.end();

    const missing = await joinParts(files, parts, out);
    screen.line();
    screen.line(`Checksums: ${out}`);
    for (const path of missing) screen.line(`Lost: ${path}`);
    screen.line(
      `${files.length} files, ${
        files.length - missing.length
      } hashed, ${missing.length} lost`,
    );
    return missing.length === 0 ? 0 : 1;
  } finally {
    await children.kill();
    await rm(values.out ? temporary : parts, { recursive: true, force: true });
  }
}

async function submitAll(
  client: PipelineClient,
  files: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const path of files) await client.submit({ path }, signal);
}

function findRuntimes(
  screen: Screen,
  names: readonly string[],
): FoundRuntime[] {
  const found: FoundRuntime[] = [];
  for (const name of names) {
    try {
      found.push(findRuntime(name));
    } catch {
      screen.line(`${name} is not installed: skipped`);
    }
  }
  if (found.length === 0) throw new Error("There is no runtime to work on");
  screen.line(
    found.map(({ name, version }) => `${name} ${version}`).join(", "),
  );
  return found;
}

function startPipeline(
  children: Children,
  runtimes: readonly FoundRuntime[],
): Promise<PipelineAddresses> {
  return new Promise((resolve, reject) =>
    children.start({
      name: "pipeline",
      runtime: runtimes[0]!,
      file: "./pipeline.ts",
      args: [],
      permissions: {},
      onFirstLine: (line) => resolve(JSON.parse(line)),
      onDeath: reject,
    })
  );
}

/** Each step begins on another runtime, and its workers take turns. */
function startWorkers(
  children: Children,
  runtimes: readonly FoundRuntime[],
  { events, results }: PipelineAddresses,
  folder: string,
  parts: string,
): void {
  const permissions = {
    "read-file": { read: folder },
    "calculate-hash": { read: folder },
    "write-result": { write: parts },
  };
  for (let i = 0; i < Number(values.workers); i++) {
    for (const [step, jobType] of STEPS.entries()) {
      const name = `${jobType}-${i + 1}`;
      children.start({
        name,
        runtime: runtimes[(step + i) % runtimes.length]!,
        file: `./steps/${jobType.replace("-", "_")}.ts`,
        args: [events, results, name, values.slow, parts],
        permissions: permissions[jobType],
      });
    }
  }
}
