/**
 * Examples of the guide. Runs a program in a process of its own, on the same
 * runtime. It can be killed, as if the power of its machine had failed.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const FLAGS = "Deno" in globalThis
  ? ["run", "--quiet", "-A"]
  : "Bun" in globalThis
  ? ["run"]
  : process.execArgv; // what lets Node run TypeScript
/** How long to wait for a line, in milliseconds; a runtime takes a while to start. */
const LINE_MS = 30_000;

/** One process. */
export class Child implements AsyncDisposable {
  /** What it has printed. */
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #hasEnded = false;
  #check: () => void = () => {};

  /**
   * Starts a program.
   *
   * @param file such as `new URL("./worker_process.ts", import.meta.url)`
   */
  constructor(file: URL, args: readonly string[] = []) {
    this.#process = spawn(
      process.execPath,
      [...FLAGS, fileURLToPath(file), ...args],
      { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] },
    );
    this.#process.stdin!.on("error", () => {}); // "close" follows
    createInterface(this.#process.stdout!).on("line", (line) => {
      this.lines.push(line);
      this.#check();
    });
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

  /** Sends it a signal. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
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

/**
 * For the programs themselves: exits when the parent process has ended, for
 * whatever reason. Standard input is a pipe from the parent.
 *
 * @param onLine Called with each line from standard input.
 */
export function endWithParent(onLine: (line: string) => void = () => {}): void {
  createInterface(process.stdin)
    .on("line", onLine)
    .on("close", () => process.exit(1));
}
