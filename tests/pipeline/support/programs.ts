/**
 * Test support. Workers and pipelines in processes of their own, on Node, Deno
 * and Bun.
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type {
  ListenOptions,
  PipelineAddresses,
  RunOptions,
} from "@agentzero/agentzero/pipeline";
import { deferred, within } from "../../support/deadline.ts";
import type { TestContext } from "../../support/harness.ts";
import { nodeFlags, nodeProgram } from "../../support/node_flags.ts";
import * as runtimes from "../../../scripts/runtimes.mjs";

/** The runtimes that a process can have. */
export type RuntimeName = "node" | "deno" | "bun";

/** A process takes long to start on a busy machine. */
const START_MS = 30_000;

/** A program in a process of its own. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Of the program itself: Deno may have a launcher. */
  #pid: number | undefined;
  #isRunning = true;
  /** Resolves with what it writes once it is ready. */
  readonly ready: Promise<string>;
  /** Resolves with the signal or the code that ended the process. */
  readonly ended: Promise<string | number | null>;

  /**
   * @param program A file of this folder, or its URL.
   * @param task What it gets as its argument, in JSON.
   * @param onLine Gets what else it writes.
   * @param prefix The command that runs it, in place of none.
   */
  constructor(
    runtime: RuntimeName,
    program: string,
    task: object,
    onLine: (line: string) => void = () => {},
    prefix: readonly string[] = [],
  ) {
    const { cmd, args } = commandOf(runtime);
    const { FORCE_COLOR: _1, NODE_OPTIONS: _2, ...env } = process.env;
    const file = fileURLToPath(new URL(program, import.meta.url));
    const all = runtime === "node" ? nodeProgram(file) : [...args, file];
    const command = [...prefix, cmd, ...all, JSON.stringify(task)];
    this.#child = spawn(command[0]!, command.slice(1), {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...env, DENO_NO_UPDATE_CHECK: "1" },
    });
    this.#child.stdin!.on("error", () => {}); // it has ended: "close" follows
    const ready = deferred<string>();
    const ended = deferred<string | number | null>();
    this.#child.on("close", (code, signal) => {
      this.#isRunning = false;
      ready.reject(
        new Error(`${program} on ${runtime} ended: ${signal ?? code}`),
      );
      ended.resolve(signal ?? code);
    });
    this.ended = ended.promise;
    const lines = createInterface({ input: this.#child.stdout! });
    lines.once("line", (line) => {
      const [pid, first] = line.split(" ");
      this.#pid = Number(pid);
      ready.resolve(first!);
      lines.on("line", onLine);
    });
    this.ready = within(ready.promise, START_MS, `${program} on ${runtime}`);
    this.ready.catch(() => {});
  }

  /** The process, once it is ready. */
  get pid(): number {
    return this.#pid!;
  }

  /** Writes a line to its input, which ends with us. */
  write(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Sends a signal, unless it has ended. */
  kill(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void {
    if (!this.#isRunning) return;
    if (this.#pid === undefined) this.#child.kill(signal);
    else process.kill(this.#pid, signal);
  }

  /** Kills it, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended;
  }
}

/** A pipeline in a process, once it listens, and where. */
export async function startPipeline(
  t: TestContext,
  runtime: RuntimeName,
  task: { readonly path: string; readonly listen: ListenOptions },
): Promise<{ program: Program; places: PipelineAddresses }> {
  const program = t.use(new Program(runtime, "pipeline_program.ts", task));
  return { program, places: JSON.parse(await program.ready) };
}

/** A worker in a process, once it has joined. */
export async function startWorker(
  t: TestContext,
  runtime: RuntimeName,
  options: RunOptions & { step: string },
): Promise<Program> {
  const worker = t.use(new Program(runtime, "worker_program.ts", options));
  await worker.ready;
  return worker;
}

/** The command that runs a program. */
export function commandOf(
  runtime: RuntimeName,
): { cmd: string; args: string[] } {
  if (runtime === "deno") {
    const { cmd, args } = runtimes.deno();
    const flags = ["run", "-A", "--no-check", "--no-lock"];
    return { cmd, args: [...args, ...flags] };
  }
  if (runtime === "bun") {
    const { cmd, args } = runtimes.bun();
    return { cmd, args: [...args] };
  }
  return { cmd: "node", args: [...nodeFlags] };
}
