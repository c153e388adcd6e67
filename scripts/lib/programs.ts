/**
 * Scripts. Runs programs, each in a process of its own, until the last of them
 * has ended.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";

/** A program, and what it must print, if that is known. */
export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  /** A number in it stands for any number. */
  readonly output?: string | undefined;
}

/** The result of programs that ran at once. */
export interface End {
  readonly isGood: boolean;
  readonly isLate: boolean;
  readonly output: string;
}

/**
 * Runs programs at once. Each must end well, or, if it is not the last, print
 * its output and run on: such a server is killed once the last has ended.
 *
 * @param programs the programs, in the order in which they are started
 * @param cwd the folder in which they run
 * @param limitMs after how long they are killed, in milliseconds
 */
export async function runTogether(
  programs: readonly Program[],
  cwd: string,
  limitMs: number,
): Promise<End> {
  const running = programs.map((program) => new Running(program, cwd));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    for (const one of running) one.kill();
  }, limitMs);
  await running.at(-1)!.ended;
  await Promise.all(
    running.map((one) => Promise.race([one.printed, one.ended])),
  );
  clearTimeout(timer);
  const areGood = running.map((one) => one.isGood);
  for (const one of running) one.kill();
  await Promise.all(running.map((one) => one.ended));
  return {
    isGood: !isLate && areGood.every(Boolean),
    isLate,
    output: running.map((one) => one.report(programs.length > 1)).join("\n"),
  };
}

/** A program that runs, and what it has printed. */
class Running {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Resolves when it has printed what it must. */
  readonly printed: Promise<void>;
  readonly #program: Program;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  /** Its exit code, once it has ended: null if it was killed. */
  #code: number | null | undefined;

  constructor(program: Program, cwd: string) {
    this.#program = program;
    const [cmd, ...args] = program.command;
    const child = this.#child = spawn(cmd!, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr!.setEncoding("utf8").on(
      "data",
      (text) => this.#stderr += text,
    );
    this.printed = new Promise((resolve) => {
      child.stdout!.setEncoding("utf8").on("data", (text) => {
        this.#stdout += text;
        if (this.#hasPrinted) resolve();
      });
      if (this.#hasPrinted) resolve();
    });
    this.ended = new Promise((resolve) => {
      child.on("error", (error) => {
        this.#stderr += error.message;
        this.#code = null;
        resolve();
      });
      child.on("close", (code) => {
        this.#code = code;
        resolve();
      });
    });
  }

  /** Whether it runs or has ended well, and has printed what it must. */
  get isGood(): boolean {
    return (this.#code === undefined || this.#code === 0) && this.#hasPrinted;
  }

  get #hasPrinted(): boolean {
    const { output } = this.#program;
    const anyNumbers = (text: string) => text.trim().replace(/\d+/g, "0");
    return output === undefined ||
      anyNumbers(this.#stdout).startsWith(anyNumbers(output));
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** What it has printed, for people. */
  report(isNamed: boolean): string {
    const { name, output } = this.#program;
    const missing = this.#hasPrinted ? "" : `\ninstead of:\n${output}`;
    const title = isNamed ? `${name}:\n` : "";
    return `${title}${this.#stdout}${this.#stderr}${missing}`;
  }
}
