/**
 * Test support. Whether this runtime has SQLite, and programs that use a store
 * in processes of their own.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { eventually, runtime } from "../../support/harness.ts";
import { nodeProgram } from "../../support/node_flags.ts";

/** Why what needs SQLite is not tested here; `false` where it is. */
export const noSqlite: string | false = await hasSqlite()
  ? false
  : `node:sqlite is missing in ${runtime} ${process.versions.node}`;

async function hasSqlite(): Promise<boolean> {
  try {
    await import("node:sqlite");
    return true;
  } catch {
    return false;
  }
}

const PROGRAM = fileURLToPath(
  new URL("./programs/keeps_committing.ts", import.meta.url),
);
const ARGS = {
  deno: ["run", "-A", "--no-check", PROGRAM],
  node: nodeProgram(PROGRAM),
  bun: [PROGRAM],
}[runtime];

/** A process that has, or wants, a store. */
export class StoreProcess implements AsyncDisposable {
  /** What it has said, line by line. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;

  constructor(path: string, way: "commit" | "hold") {
    const args = [...ARGS, path, way];
    this.#child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let rest = "";
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
    });
    this.#closed = new Promise((resolve) =>
      this.#child.once("close", () => resolve())
    );
  }

  /** Waits until it has said so many lines. */
  async said(count: number): Promise<void> {
    const has = () => this.lines.length >= count;
    await eventually(has, 20_000, `${count} lines`);
  }

  /** Kills it with SIGKILL; resolves when it is gone and all that it said is here. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
