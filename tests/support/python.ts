/**
 * Test support. Programs in Python that talk with us, by way of pyzmq.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { deferred } from "./harness.ts";

/** A Python that has pyzmq. Debian's modules are seen by Debian's own Python alone. */
export const PYTHON: string | undefined = ["/usr/bin/python3", "python3"].find((
  command,
) => spawnSync(command, ["-c", "import zmq"]).status === 0);

/** Why there is none. */
export const noPython: string | false = PYTHON === undefined &&
  "python3-zmq is missing";

/** A program at work. */
export class PythonProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  #look: () => void = () => {};
  /** What it has printed so far. */
  stdout = "";
  /** What it has complained of so far. */
  stderr = "";
  /** Its code, or the signal that ended it; all is printed by then. */
  readonly ended: Promise<number | string | null>;

  constructor(path: string, args: readonly string[]) {
    this.#child = spawn(PYTHON!, ["-u", path, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream]!.setEncoding("utf8").on("data", (text: string) => {
        this[stream] += text;
        this.#look();
      });
    }
    this.ended = new Promise((resolve) =>
      this.#child.once("close", (code, signal) => resolve(code ?? signal))
    );
  }

  /** Resolves once it has complained of something; fails when it ends without. */
  async said(pattern: RegExp): Promise<void> {
    const found = deferred<void>();
    let hasEnded = false;
    void this.ended.then(() => hasEnded = true);
    this.#look = () => {
      if (pattern.test(this.stderr)) found.resolve();
      else if (hasEnded) {
        found.reject(new Error(`No ${pattern} in\n${this.stderr}`));
      }
    };
    void this.ended.then(() => this.#look());
    this.#look();
    await found.promise;
  }

  /** Sends a signal; not by `child.kill`, after which Deno takes every end for one by that signal. */
  kill(signal: "SIGKILL" | "SIGTERM"): void {
    process.kill(this.#child.pid!, signal);
  }

  /** Kills it, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGKILL");
    }
    await this.ended;
  }
}
