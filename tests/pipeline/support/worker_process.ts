/**
 * Test support. Workers in processes of their own, on Node, Deno and Bun.
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RunOptions } from "@agentzero/agentzero/pipeline";
import { deferred, type TestContext, within } from "../../support/harness.ts";
import * as runtimes from "../../../scripts/runtimes.mjs";

/** The runtimes that a worker can have. */
export type RuntimeName = "node" | "deno" | "bun";

const PROGRAM = fileURLToPath(new URL("worker_program.ts", import.meta.url));
/** A process takes long to start on a busy machine. */
const START_MS = 30_000;

/** A worker in a process. */
export class WorkerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Of the worker itself: Deno has a launcher. */
  #pid: number | undefined;
  #isRunning = true;
  /** Resolves with the worker's id once it has joined. */
  readonly joined: Promise<string>;
  /** Resolves with the signal or the code that ended the process. */
  readonly ended: Promise<string | number | null>;

  constructor(runtime: RuntimeName, options: RunOptions & { step: string }) {
    const { cmd, args } = commandOf(runtime);
    const { FORCE_COLOR: _1, NODE_OPTIONS: _2, ...env } = process.env;
    this.#child = spawn(cmd, [...args, PROGRAM, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...env, DENO_NO_UPDATE_CHECK: "1" },
    });
    const ended = deferred<string | number | null>();
    this.#child.on("close", (code, signal) => {
      this.#isRunning = false;
      ended.resolve(signal ?? code);
    });
    this.ended = ended.promise;
    const joined = deferred<string>();
    const lines = createInterface({ input: this.#child.stdout! });
    lines.once("line", (line) => {
      const [pid, id] = line.split(" ");
      this.#pid = Number(pid);
      joined.resolve(id!);
    });
    this.joined = within(joined.promise, START_MS, `a worker on ${runtime}`);
    this.joined.catch(() => {});
  }

  /** The process, once it has joined. */
  get pid(): number {
    return this.#pid!;
  }

  /** Sends a signal. */
  kill(signal: "SIGKILL" | "SIGTERM"): void {
    if (this.#pid === undefined) this.#child.kill(signal);
    else process.kill(this.#pid, signal);
  }

  /** Kills it, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) this.kill("SIGKILL");
    await this.ended;
  }
}

/** A worker in a process, once it has joined. */
export async function startWorker(
  t: TestContext,
  runtime: RuntimeName,
  options: RunOptions & { step: string },
): Promise<WorkerProcess> {
  const worker = t.use(new WorkerProcess(runtime, options));
  await worker.joined;
  return worker;
}

function commandOf(runtime: RuntimeName): { cmd: string; args: string[] } {
  if (runtime === "deno") {
    const { cmd, args } = runtimes.deno();
    const flags = ["run", "-A", "--no-check", "--no-lock"];
    return { cmd, args: [...args, ...flags] };
  }
  if (runtime === "bun") {
    const { cmd, args } = runtimes.bun();
    return { cmd, args: [...args] };
  }
  return { cmd: "node", args: ["--import", "tsx"] };
}
