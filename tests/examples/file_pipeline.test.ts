/**
 * The example `file_pipeline` as a whole: hashes a folder in processes on Deno,
 * Node and Bun, with and without processes that die.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { checksumLine } from "../../examples/file_pipeline/checksums.ts";
import { deferred, test, type TestContext } from "../support/harness.ts";
import { nodeFlags } from "../support/node_flags.ts";
import { onlyOnNode } from "../support/only_on_node.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test(
  "the demo hashes what is in a folder",
  { timeoutMs: 60_000, skip: onlyOnNode },
  async (t) => {
    const folder = await realpath(await t.tempDir());
    const files = {
      "plain.txt": "hello",
      "empty": "",
      "large": randomBytes(5_000_000),
      "deep/er/ünï 日本 🦕.txt": "unicode",
      "deep/comma, space": "comma",
      ...(process.platform !== "win32" && { "back\\slash\nline": "escaped" }),
    };
    const out = join(await t.tempDir(), "SHA256SUMS");
    const expected = await writeFiles(folder, files);

    const demo = new Demo(t, [folder, "--workers=1", `--out=${out}`]);
    assertEquals(await demo.ended, 0, demo.output);
    const count = Object.keys(files).length;
    assertEquals(demo.lastLine, `${count} files, ${count} hashed, 0 lost`);
    assertEquals(await readFile(out, "utf8"), expected);
    for (const runtime of ["deno", "node", "bun"]) {
      assertMatch(demo.output, new RegExp(`-1 is up on ${runtime} `));
    }
  },
);

test("the demo loses nothing when a worker is killed", {
  timeoutMs: 60_000,
  skip: onlyOnNode,
}, async (t) => {
  const { folder, out, expected } = await manyFiles(t, 200);
  const demo = new Demo(t, [folder, "--slow=40", `--out=${out}`]);
  const [, pid] = await demo.line(/calculate-hash-1 is up on .* pid (\d+)/);
  await demo.line(/^\d+ of 200 files/);
  process.kill(Number(pid), "SIGKILL");

  await demo.line(
    /calculate-hash-1 on \w+ died \(SIGKILL\), it is started again/,
  );
  const [, jobs] = await demo.line(/calculate-hash-1 is lost; .*: (\d+)/);
  assert(Number(jobs) > 0, "the worker had no jobs when it was killed");
  assertEquals(await demo.ended, 0, demo.output);
  assertEquals(demo.lastLine, "200 files, 200 hashed, 0 lost");
  assertEquals(await readFile(out, "utf8"), expected);
  const [, taken] = await demo.line(/^calculate-hash .* 0 +(\d+) +\d+$/);
  assertEquals(taken, jobs, demo.output);
});

test(
  "with --store it loses nothing when the pipeline is killed, nor by a run that was ended",
  {
    timeoutMs: 120_000,
    skip: onlyOnNode,
  },
  async (t) => {
    const { folder, out, expected } = await manyFiles(t, 200);
    const store = join(await t.tempDir(), "jobs.db");
    const args = [folder, "--slow=40", `--out=${out}`, `--store=${store}`];
    const ended = new Demo(t, args);
    await ended.line(/^\d+ of 200 files/);
    ended.interrupt();
    assertEquals(await ended.ended, 1, ended.output);
    assertMatch(ended.output, /^Ended by SIGINT\.$/m);
    assertMatch(ended.lastLine, /^200 files, \d+ hashed, \d+ lost$/);

    const demo = new Demo(t, args);
    const [, pid] = await demo.line(/the pipeline is up on deno .* pid (\d+)/);
    await demo.line(/^\d+ of 200 files/);
    process.kill(Number(pid), "SIGKILL");
    await demo.line(
      /the pipeline on deno died \(SIGKILL\), it is started again/,
    );
    assertEquals(await demo.ended, 0, demo.output);
    assertEquals(demo.lastLine, "200 files, 200 hashed, 0 lost");
    assertEquals(await readFile(out, "utf8"), expected);
  },
);

test(
  "without --store everything ends when the pipeline is killed, with a message",
  {
    timeoutMs: 60_000,
    skip: onlyOnNode,
  },
  async (t) => {
    const { folder, out } = await manyFiles(t, 200);
    const demo = new Demo(t, [folder, "--slow=40", `--out=${out}`]);
    const [, pid] = await demo.line(/the pipeline is up on deno .* pid (\d+)/);
    await demo.line(/^\d+ of 200 files/);
    process.kill(Number(pid), "SIGKILL");
    assertEquals(await demo.ended, 1, demo.output);
    assertMatch(demo.output, /^the pipeline on deno died \(SIGKILL\)\.$/m);
    assertMatch(demo.lastLine, /^200 files, \d+ hashed, [1-9]\d* lost$/);
  },
);

test("the demo reports what it lost, and fails", {
  timeoutMs: 60_000,
  skip: onlyOnNode,
}, async (t) => {
  const folder = await realpath(await t.tempDir());
  await writeFiles(folder, { goes: "a", stays: "b" });
  const out = join(await t.tempDir(), "SHA256SUMS");

  const demo = new Demo(t, [folder, "--workers=1", `--out=${out}`]);
  await demo.line(/^2 files in/); // the workers are not up yet
  await rm(join(folder, "goes"));
  assertEquals(await demo.ended, 1, demo.output);
  assertMatch(
    demo.output,
    /goes was given up in measure-file: The file no longer exists/,
  );
  assertMatch(demo.output, /^Lost: .*goes$/m);
  assertEquals(demo.lastLine, "2 files, 1 hashed, 1 lost");
});

test("with --dashboard it can be viewed until it is ended", {
  timeoutMs: 60_000,
  skip: onlyOnNode,
}, async (t) => {
  const { folder, out } = await manyFiles(t, 9);
  const demo = new Demo(t, [
    ...[folder, "--workers=1", `--out=${out}`],
    ...["--runtimes=deno", "--dashboard"],
  ]);
  const [, link] = await demo.line(/Dashboard: (http:\S+)$/);
  const page = await fetch(link!, { redirect: "manual" });
  assertEquals(page.status, 303);
  await page.body?.cancel();
  await demo.line(/^9 files, 9 hashed, 0 lost$/);
  await demo.line(/^The dashboard stays open until Ctrl-C\.$/);
  const health = await fetch(new URL("/healthz", link));
  assertEquals([health.status, await health.json()], [200, { status: "ok" }]);
  const overview = await fetch(new URL("/api/overview", link), {
    headers: {
      authorization: `Bearer ${new URL(link!).searchParams.get("token")}`,
    },
  });
  const { steps } = await overview.json();
  assertEquals(
    steps.map(({ counts }: { counts: object }) => counts),
    Array(3).fill({ completed: 9 }),
  );
  demo.interrupt();
  assertEquals(await demo.ended, 0, demo.output);
});

/** A run of the demo. */
class Demo {
  output = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #look: () => void = () => {};

  constructor(t: TestContext, args: readonly string[]) {
    const main = join(root, "examples/file_pipeline/main.ts");
    this.#child = spawn(process.execPath, [...nodeFlags, main, ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = deferred<number | null>();
    this.ended = end.promise;
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.#look();
      });
    }
    this.#child.on("error", end.reject);
    this.#child.on("close", (code) => {
      end.resolve(code);
      this.#look();
    });
    t.cleanup(async () => {
      this.#child.kill();
      await this.ended;
    });
  }

  /** What Ctrl-C does. */
  interrupt(): void {
    process.kill(this.#child.pid!, "SIGINT");
  }

  get lastLine(): string {
    return this.output.trimEnd().split("\n").at(-1) ?? "";
  }

  /** Waits for a line; fails when the demo ends without it. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    const found = deferred<RegExpMatchArray>();
    const multiline = new RegExp(pattern, "m");
    this.#look = () => {
      const match = this.output.match(multiline);
      if (match) found.resolve(match);
      else if (this.#child.exitCode !== null) {
        found.reject(new Error(`No line ${pattern} in\n${this.output}`));
      }
    };
    this.#look();
    return await found.promise;
  }
}

/** A folder of small files, and what is to be said of them. */
async function manyFiles(
  t: TestContext,
  count: number,
): Promise<{ folder: string; out: string; expected: string }> {
  const folder = await realpath(await t.tempDir());
  const files: Record<string, string> = {};
  for (let i = 0; i < count; i++) files[`${i}.txt`] = `file ${i}`;
  const expected = await writeFiles(folder, files);
  return { folder, out: join(await t.tempDir(), "SHA256SUMS"), expected };
}

/** Writes files, and gives the checksum lines that are expected for them. */
async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const lines: [path: string, line: string][] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    const hash = createHash("sha256").update(content).digest("hex");
    lines.push([path, checksumLine(path, hash)]);
  }
  lines.sort(([a], [b]) => a < b ? -1 : 1);
  return lines.map(([, line]) => line).join("");
}
