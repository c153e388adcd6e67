/**
 * Examples. A program in a process of its own: what it prints, line by line, and
 * its end.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";

/** How long to wait for a line, in milliseconds; a program takes a while to start. */
const LINE_MS = 30_000;

/** How a program is started. */
export interface ProgramOptions {
  /** The folder in which it runs; that of this process by default. */
  readonly cwd?: string;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what it writes to standard error as lines, too, instead of showing it. */
  readonly withStderr?: boolean;
}

/** One process. */
export class Program implements AsyncDisposable {
  /** What it has printed. */
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #hasEnded = false;
  #check: () => void = () => {};

  /** Starts a program. One that cannot be started has ended with `null`. */
  constructor(
    command: string,
    args: readonly string[],
    options: ProgramOptions = {},
  ) {
    const { cwd, env, withStderr = false } = options;
    this.#process = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", withStderr ? "pipe" : "inherit"],
    });
    this.#process.stdin!.on("error", () => {}); // "close" follows
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on("line", (line) => {
        this.lines.push(line);
        this.#check();
      });
    }
    this.#ended = new Promise((resolve) => {
      const end = (code: unknown) => {
        this.#hasEnded = true;
        this.#check();
        resolve(typeof code === "number" ? code : null);
      };
      this.#process.on("error", end).on("close", end);
    });
  }

  /** Waits for a line, unless it has already been printed. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const fail = (what: string) =>
          reject(new Error(`${what} ${pattern}: ${this.lines.join(" / ")}`));
        timer = setTimeout(() => fail("The process did not print"), LINE_MS);
        this.#check = () => {
          for (const line of this.lines) {
            const match = line.match(pattern);
            if (match) return resolve(match);
          }
          if (this.#hasEnded) fail("The process ended and did not print");
        };
        this.#check();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes a line to its standard input. */
  writeLine(line: string): void {
    this.#process.stdin!.write(`${line}\n`);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#process.stdin!.end();
  }

  /** Sends it a signal. */
  signal(name: "SIGSTOP" | "SIGCONT" | "SIGINT"): void {
    // On Deno, `kill` of the child works only once.
    process.kill(this.#process.pid!, name);
  }

  /** Kills it (`kill -9`), without a chance to clean up. Resolves when it has ended. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** Resolves when it has ended, with its exit code; with null if it was killed. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
