/**
 * Benchmarks. A folder outside the project that is gone in the end: what is
 * compiled for a run, and the addresses of its Unix sockets.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/lib/bundle.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The files of one run. */
export class Workshop implements Disposable {
  /** The folder. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "az-bench-"));
  #names = 0;

  /**
   * Bundles the programs with the project as the npm package has it, so that Node
   * is measured with what its users run.
   *
   * @returns The folder of the JavaScript; entry points keep their paths.
   */
  async javaScript(): Promise<string> {
    const outDir = join(this.folder, "js");
    const peers = [
      ...["engine", "zeromq_js", "raw_net", "jobs", "bullmq"],
      ...["pg_boss", "graphile_worker", "jszmq", "raw_ws"],
    ];
    await bundle(root, outDir, [
      ...peers.map((name) => `bench/peers/${name}.ts`),
      ...["mod.ts", "src/zmq/entry.ts", "src/pipeline/mod.ts"],
      "src/cli/bin.ts",
    ]);
    symlinkSync(
      join(root, "node_modules"),
      join(outDir, "node_modules"),
      "junction",
    );
    writeFileSync(join(outDir, "package.json"), '{ "type": "module" }');
    return outDir;
  }

  /**
   * Compiles the C program.
   *
   * @throws {Error} With what the compiler said.
   */
  compileC(): string {
    const program = join(this.folder, "libzmq");
    const source = join(root, "bench/peers/libzmq.c");
    run("cc", ["-O2", "-o", program, source, "-lzmq", "-lpthread"]);
    return program;
  }

  /** A fresh ipc endpoint. */
  ipc(): string {
    return `ipc://${this.path()}`;
  }

  /** A fresh path. */
  path(): string {
    return join(this.folder, String(++this.#names));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function run(command: string, args: string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
  });
  if (status === 0) return;
  const reason = error?.message ?? (stderr || stdout).trim();
  throw new Error(`Cannot run ${command}: ${reason}`);
}
