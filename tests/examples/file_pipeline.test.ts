/**
 * The example `file_pipeline` as a whole: hashes a folder in processes on Deno,
 * Node and Bun, with and without a worker that dies.
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

const root = fileURLToPath(new URL("../..", import.meta.url));

test(
  "the demo hashes what is in a folder",
  { timeoutMs: 30_000 },
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
      assertMatch(demo.output, new RegExp(`is up on ${runtime},`));
    }
  },
);

test("the demo loses nothing when a worker is killed", {
  timeoutMs: 30_000,
}, async (t) => {
  const folder = await realpath(await t.tempDir());
  const files: Record<string, string> = {};
  for (let i = 0; i < 200; i++) files[`${i}.txt`] = `file ${i}`;
  const out = join(await t.tempDir(), "SHA256SUMS");
  const expected = await writeFiles(folder, files);

  const args = [folder, "--workers=2", "--slow=40", `--out=${out}`];
  const demo = new Demo(t, args);
  const [, pid] = await demo.line(/calculate-hash-1 is up on .* pid (\d+)/);
  await demo.line(/^\d+ of 200 files/);
  process.kill(Number(pid), "SIGKILL");

  const [, jobs] = await demo.line(/calculate-hash-1 is lost; .*: (\d+)/);
  assert(Number(jobs) > 0, "the worker had no jobs when it was killed");
  assertEquals(await demo.ended, 0, demo.output);
  assertEquals(demo.lastLine, "200 files, 200 hashed, 0 lost");
  assertEquals(await readFile(out, "utf8"), expected);
});

test("the demo tells what it lost, and fails", {
  timeoutMs: 30_000,
}, async (t) => {
  const folder = await realpath(await t.tempDir());
  await writeFiles(folder, { goes: "a", stays: "b" });
  const out = join(await t.tempDir(), "SHA256SUMS");

  const demo = new Demo(t, [folder, "--workers=1", `--out=${out}`]);
  await demo.line(/^2 files in/); // the workers are not up yet
  await rm(join(folder, "goes"));
  assertEquals(await demo.ended, 1, demo.output);
  assertMatch(demo.output, /given up in read-file: .*no such file/i);
  assertMatch(demo.output, /^Lost: .*goes$/m);
  assertEquals(demo.lastLine, "2 files, 1 hashed, 1 lost");
});

/** A run of the demo. */
class Demo {
  output = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #look: () => void = () => {};

  constructor(t: TestContext, args: readonly string[]) {
    const node = "Deno" in globalThis || "Bun" in globalThis
      ? "node"
      : process.execPath;
    const main = join(root, "examples/file_pipeline/main.ts");
    this.#child = spawn(node, ["--import", "tsx", main, ...args], {
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
