/**
 * Example: the file pipeline. Starts its processes, restarts those that die, and
 * stops all of them.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { commandFor, type FoundRuntime, type Permissions } from "./runtimes.ts";

/** How often a process is restarted. */
const MAX_RESTARTS = 3;
/** How long a process may take to stop before it is killed. */
const END_MS = 3000;

/** A process to start. */
export interface ProcessSpec {
  readonly name: string;
  readonly runtime: FoundRuntime;
  /** Its file, relative to this one. */
  readonly file: string;
  /** Its arguments; called at each start. */
  readonly args: () => readonly string[];
  readonly permissions: Permissions;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with its first line, which is not printed, and its number. */
  readonly onFirstLine?: (line: string, pid: number) => void;
  /** Called when it has died and is not restarted. */
  readonly onDeath?: (error: Error) => void;
  /** How often it is restarted. */
  readonly restarts?: number;
}

/** The processes of one pipeline. */
export class Processes {
  readonly #note: (line: string) => void;
  readonly #running: Set<ChildProcess> = new Set();
  #isEnding = false;

  /** @param note called with each line that a process prints, and when one dies */
  constructor(note: (line: string) => void) {
    // The output of a process that is stopped while it starts is not needed.
    this.#note = (line) => {
      if (!this.#isEnding) note(line);
    };
  }

  /** Starts a process. */
  start(spec: ProcessSpec): void {
    const { runtime, file, permissions, restarts = MAX_RESTARTS } = spec;
    const { cmd, args } = commandFor(runtime, file, permissions);
    const child = spawn(cmd, [...args, ...spec.args()], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, ...spec.env, DENO_NO_UPDATE_CHECK: "1" },
    });
    this.#running.add(child);
    let { onFirstLine } = spec;
    createInterface(child.stdout).on("line", (line) => {
      if (onFirstLine === undefined) return this.#note(line);
      onFirstLine(line, child.pid!);
      onFirstLine = undefined;
    });
    createInterface(child.stderr).on("line", this.#note);
    child.stdin.on("error", () => {}); // it is only closed, never written
    child.on("error", (error) => this.#note(`${spec.name}: ${error.message}`));
    child.on("close", (code, signal) => {
      this.#running.delete(child);
      if (this.#isEnding) return;
      const text = `${spec.name} on ${runtime.name} died (${signal ?? code})`;
      this.#note(restarts > 0 ? `${text}, it is started again` : text);
      if (restarts > 0) this.start({ ...spec, restarts: restarts - 1 });
      else spec.onDeath?.(new Error(text));
    });
  }

  /** Stops all processes by closing their standard input. Safe to call again. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const child of this.#running) child.stdin?.end();
    const timer = setTimeout(() => this.#kill(), END_MS);
    await Promise.all(
      [...this.#running].map((child) =>
        new Promise((resolve) => child.once("close", resolve))
      ),
    );
    clearTimeout(timer);
  }

  #kill(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }
}
