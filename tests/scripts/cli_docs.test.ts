/**
 * `docs/cli.md`: its transcripts are run, in order, and what is printed must be
 * what they show, but for ids, times, ports, keys and machines.
 */
import { assert, assertEquals } from "@std/assert";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type ChildProcess, spawn } from "node:child_process";
import { VERSION } from "../../src/cli/version.ts";
import { snippetsIn } from "../../scripts/lib/snippets.ts";
import { commandOf, LIMIT } from "../cli/program.ts";
import {
  deferred,
  platform,
  test,
  type TestContext,
} from "../support/harness.ts";
import { steadyPort } from "../support/steady_port.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What does not end by itself. */
const LASTS = /^agentzero (pipeline|step|recv|proxy) /;

test("the version of the program is that of the package", async () => {
  const config = await readFile(join(root, "deno.json"), "utf8");
  assertEquals(VERSION, JSON.parse(config).version);
});

test("the transcripts of docs/cli.md are true", {
  ...LIMIT,
  skip: platform === "win32" && "they are for a Unix shell",
}, async (t) => {
  const text = await readFile(join(root, "docs/cli.md"), "utf8");
  const shell = await Shell.open(t);
  const [flow] = snippetsIn("docs/cli.md", text);
  await writeFile(join(shell.dir, "flow.ts"), flow!.code);
  const transcripts = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block]) => block!.split(/^\$ /m).slice(1));
  assert(transcripts.length > 20);

  const lasting: [Running, string][] = [];
  for (const transcript of transcripts) {
    const [line, ...output] = transcript.trimEnd().split("\n");
    const running = await shell.start(line!);
    if (LASTS.test(line!)) {
      lasting.push([running, output.join("\n")]);
      await running.shows(output[0]!);
      if (line!.includes(" step ")) await running.shows(output.at(-1)!);
    } else {
      await running.ended;
      assertEquals(plain(running.output), plain(output.join("\n")), line);
    }
  }
  for (const [running, output] of lasting) {
    // Those that were asked to leave have said more by now.
    await running.shows(output.split("\n").at(-1)!);
    const printed = byStream(running.output);
    byStream(output).forEach((lines, i) =>
      assertEquals(printed[i]!.slice(0, lines.length), lines)
    );
  }
});

/** The lines of stdout and of stderr: which of the two comes first is chance. */
function byStream(output: string): [out: string[], err: string[]] {
  const lines = plain(output).split("\n");
  const isError = (line: string) => line.startsWith("agentzero: ");
  return [lines.filter((line) => !isError(line)), lines.filter(isError)];
}

/** A text without what is different each time. */
function plain(text: string): string {
  return text.trim()
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
    .replace(/\b[0-9a-f]{40}\b/g, "<worker>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/127\.0\.0\.1:\d+/g, "<address>")
    .replace(/(deno|node|bun) \d[\d.]* +\S+ +\d+/g, "<machine>")
    .replace(/after [\d.]+m?s/g, "after <time>")
    .replace(/^\S{40}$/gm, "<key>")
    .replace(/(Invalid JSON) \(.*?\);/g, "$1;") // each runtime says why in its words
    .replace(/ +$/gm, "")
    .replace(/ +/g, " ");
}

/** A folder in which `agentzero` is a command. */
class Shell {
  readonly dir: string;
  readonly #t: TestContext;
  readonly #ports: Map<string, number> = new Map();
  #pipeline = "";

  private constructor(t: TestContext, dir: string) {
    this.#t = t;
    this.dir = dir;
  }

  /** Inside the project, so that "@agentzero/agentzero" is the project itself. */
  static async open(t: TestContext): Promise<Shell> {
    const dir = await mkdtemp(join(root, "tests/.cli_docs-"));
    t.cleanup(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
    // On Node the program starts in another way to read a module of TypeScript.
    const [reading, plain] = [["flow.ts"], [""]].map((args) => {
      const [command, all] = commandOf(args);
      return [command, ...all.slice(0, -1)].map((word) => `'${word}'`)
        .join(" ");
    });
    const script = `#!/bin/sh
case " $* " in *.ts\\ *) exec ${reading} "$@";; *) exec ${plain} "$@";; esac
`;
    await writeFile(join(dir, "agentzero"), script, { mode: 0o755 });
    return new Shell(t, dir);
  }

  async start(line: string): Promise<Running> {
    const isPipeline = line.startsWith("agentzero pipeline ");
    const command = isPipeline ? `${line} --port 0` : await this.#moved(line);
    const running = new Running(this.#t, `exec 2>&1; ${command}`, this.dir, {
      PATH: `${this.dir}:${process.env.PATH}`,
      ...!isPipeline && { AGENTZERO_PIPELINE: this.#pipeline },
    });
    if (isPipeline) {
      await running.shows("key none: in the clear");
      this.#pipeline = /requests +(\S+)/.exec(running.output)![1]!;
    }
    return running;
  }

  /** With ports that are free. */
  async #moved(line: string): Promise<string> {
    for (const [, port] of line.matchAll(/127\.0\.0\.1:(\d+)/g)) {
      const free = this.#ports.get(port!) ?? await steadyPort();
      this.#ports.set(port!, free);
    }
    return line.replace(
      /(?<=127\.0\.0\.1:)\d+/g,
      (port) => String(this.#ports.get(port)),
    );
  }
}

/** A command line at work. */
class Running {
  output = "";
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  #look: () => void = () => {};
  #isOver = false;

  constructor(
    t: TestContext,
    line: string,
    cwd: string,
    env: Readonly<Record<string, string>>,
  ) {
    // In a group of its own, so that what the shell started ends with it.
    this.#child = spawn("/bin/sh", ["-c", line], {
      cwd,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    const end = deferred<void>();
    this.ended = end.promise;
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
      this.#look();
    });
    this.#child.on("error", end.reject);
    this.#child.on("close", () => {
      this.#isOver = true;
      end.resolve();
      this.#look();
    });
    t.cleanup(async () => {
      if (!this.#isOver) process.kill(-this.#child.pid!, "SIGKILL");
      await this.ended;
    });
  }

  /** Waits for a line. */
  async shows(line: string): Promise<void> {
    const found = deferred<void>();
    this.#look = () => {
      if (plain(this.output).includes(plain(line))) found.resolve();
      else if (this.#isOver) {
        found.reject(new Error(`No line "${line}" in\n${this.output}`));
      }
    };
    this.#look();
    await found.promise;
  }
}
