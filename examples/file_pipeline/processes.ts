/**
 * Example: the file pipeline. Starts its processes, starts one again that died,
 * and ends them all.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { commandFor, type FoundRuntime, type Permissions } from "./runtimes.ts";

/** How often a process that died is started again. */
const MAX_RESTARTS = 3;
/** How long a process may take to end once it was told to, before it is killed. */
const END_MS = 3000;

/** A process to start. */
export interface ProcessSpec {
  readonly name: string;
  readonly runtime: FoundRuntime;
  /** Its file, relative to this one. */
  readonly file: string;
  /** Its arguments; asked for whenever it is started. */
  readonly args: () => readonly string[];
  readonly permissions: Permissions;
  readonly env?: Readonly<Record<string, string>>;
  /** Told its first line, which then goes to nobody else, and its number. */
  readonly onFirstLine?: (line: string, pid: number) => void;
  /** Told that it died, and is not started again. */
  readonly onDeath?: (error: Error) => void;
  /** How often it is started again. */
  readonly restarts?: number;
}

/** The processes of one pipeline. */
export class Processes {
  readonly #note: (line: string) => void;
  readonly #running: Set<ChildProcess> = new Set();
  #isEnding = false;

  /** @param note is told each line that a process prints, and when one died */
  constructor(note: (line: string) => void) {
    // What one says that is told to end while it starts, nobody need know.
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
    child.stdin.on("error", () => {}); // it is only there to be closed
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

  /** Lets all processes end: their standard input does. Safe to call again. */
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
