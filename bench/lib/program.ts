/**
 * Benchmarks. One peer in a child process: it answers in JSON lines, and is
 * which gets its orders as arguments and as lines.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";

/** What a peer answers. */
export type Answer = Readonly<Record<string, unknown>>;

/** The arguments of a scene. */
export type SceneArguments = Readonly<
  Record<string, string | number | undefined>
>;

/** A peer at work. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #answers: AsyncIterator<string>;
  readonly #exited: Promise<number | null>;
  readonly #deadlineMs: number;
  #isLate = false;

  /** Starts `command… scene name=value…`; killed when its time is over. */
  constructor(
    command: readonly string[],
    scene: string,
    args: SceneArguments,
    deadlineMs: number,
  ) {
    const [file, ...words] = command;
    const { FORCE_COLOR: _1, NODE_OPTIONS: _2, ...env } = process.env;
    this.#child = spawn(file!, [...words, scene, ...wordsOf(args)], {
      stdio: ["pipe", "pipe", "inherit"],
      env,
    });
    this.#name = `${file} … ${scene}`;
    this.#deadlineMs = deadlineMs;
    this.#answers = createInterface({ input: this.#child.stdout! })
      [Symbol.asyncIterator]();
    this.#child.stdin!.on("error", () => {}); // the exit reports it
    const timer = setTimeout(() => {
      this.#isLate = true;
      this.#child.kill("SIGKILL");
    }, deadlineMs);
    this.#exited = new Promise((resolve) => {
      this.#child.on("error", () => resolve(null));
      this.#child.on("exit", (code) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
  }

  /** The next answer. */
  async answer(): Promise<Answer> {
    const { value, done } = await this.#answers.next();
    if (!done) return JSON.parse(value);
    const code = await this.#exited;
    throw new Error(
      this.#isLate
        ? `${this.#name} gave no answer within ${this.#deadlineMs} ms`
        : `${this.#name} ended with ${code} and gave no answer`,
    );
  }

  /** A number of the next answer. */
  async number(name: string): Promise<number> {
    return Number((await this.answer())[name]);
  }

  /** The endpoint in the next answer. */
  async endpoint(): Promise<string> {
    return String((await this.answer()).endpoint);
  }

  /** Says a line. */
  order(line: string | number): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Has nothing more to say; resolves once the process has ended well. */
  async end(): Promise<void> {
    this.#child.stdin!.end();
    const code = await this.#exited;
    if (code !== 0) throw new Error(`${this.#name} ended with ${code}`);
  }

  /** Kills what has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}

function wordsOf(args: SceneArguments): string[] {
  return Object.entries(args)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`);
}
