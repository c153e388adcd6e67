/**
 * Example: the file pipeline. Starts its processes, starts a worker again that
 * died, and ends them all.
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
/** How long a process may take to end once it was told to, before its standard input is closed. */
const STOP_MS = 500;
/** And before it is killed. */
const KILL_MS = 3000;

/** A process to start. */
export interface ProcessSpec {
  readonly name: string;
  readonly runtime: FoundRuntime;
  /** Its file, relative to this one. */
  readonly file: string;
  readonly args: readonly string[];
  readonly permissions: Permissions;
  /** Told its first line, which then goes to nobody else. */
  readonly onFirstLine?: (line: string) => void;
  /** Told that it died; it is then not started again. */
  readonly onDeath?: (error: Error) => void;
}

/** The processes of one pipeline. */
export class Children {
  readonly #note: (line: string) => void;
  readonly #running: Set<ChildProcess> = new Set();
  #isEnding = false;

  /** @param note is told each line that a process prints, and when one died */
  constructor(note: (line: string) => void) {
    this.#note = note;
  }

  /** Starts a process. */
  start(spec: ProcessSpec, restarts: number = MAX_RESTARTS): void {
    const { name, runtime, file, args, permissions, onDeath } = spec;
    let { onFirstLine } = spec;
    const { cmd, args: before } = commandFor(runtime, file, permissions);
    const child = spawn(cmd, [...before, ...args], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    });
    this.#running.add(child);
    createInterface(child.stdout).on("line", (line) => {
      if (onFirstLine === undefined) return this.#note(line);
      onFirstLine(line);
      onFirstLine = undefined;
    });
    createInterface(child.stderr).on("line", this.#note);
    child.stdin.on("error", () => {}); // it is only there to be closed
    child.on("error", (error) => this.#note(`${name}: ${error.message}`));
    child.on("close", (code, signal) => {
      this.#running.delete(child);
      if (this.#isEnding) return;
      const text = `${name} on ${runtime.name} died (${signal ?? code})`;
      if (onDeath) return onDeath(new Error(text));
      this.#note(text + (restarts > 0 ? ", it is started again" : ""));
      if (restarts > 0) this.start(spec, restarts - 1);
    });
  }

  /** From now on it is in order when a process ends. */
  expectEnd(): void {
    this.#isEnding = true;
  }

  /**
   * Resolves when all processes have ended. They have been told to; one that
   * was just starting has not heard it, and sees its standard input end.
   */
  async end(): Promise<void> {
    this.expectEnd();
    const timers = [
      setTimeout(() => this.#each((child) => child.stdin?.end()), STOP_MS),
      setTimeout(() => this.#each((child) => child.kill("SIGKILL")), KILL_MS),
    ];
    await this.#allEnded();
    timers.forEach(clearTimeout);
  }

  /** Ends all processes now. */
  async kill(): Promise<void> {
    this.expectEnd();
    this.#each((child) => child.kill("SIGKILL"));
    await this.#allEnded();
  }

  #each(action: (child: ChildProcess) => void): void {
    for (const child of this.#running) action(child);
  }

  async #allEnded(): Promise<void> {
    const ends = [...this.#running].map((child) =>
      new Promise((resolve) => child.once("close", resolve))
    );
    await Promise.all(ends);
  }
}
