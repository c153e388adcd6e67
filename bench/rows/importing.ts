/**
 * Benchmarks. What it takes to import the module: time, and bytes of code.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { importsOf } from "../../scripts/lib/source_text.ts";
import type { Contender } from "../lib/contenders.ts";
import type { Row } from "../lib/row.ts";
import { lines, table, tenths, whole } from "../lib/table.ts";

const PROGRAM = `
const start = performance.now();
await import("MODULE");
console.log(performance.now() - start);
globalThis.process?.exit(0);
`;

/** A row. */
export const importing: Row = {
  name: "import",
  async run({ rounds, field: { engines, zeromqJs }, workshop }) {
    const js = join(workshop.folder, "js");
    const entries = new Map([
      ["agentzero", join(js, "mod.js")],
      ["agentzero/zmq", join(js, "src/zmq/mod.js")],
    ]);
    const contenders: Contender[] = [];
    for (const [what, file] of entries) {
      for (const engine of engines) {
        const runtime = engine.name.split(" ").at(-1);
        const command = [...withoutProgram(engine), pathToFileURL(file).href];
        contenders.push({ ...engine, name: `${what} on ${runtime}`, command });
      }
    }
    const command = [...withoutProgram(zeromqJs), "zeromq"];
    contenders.push({ ...zeromqJs, command });
    const samples = await rounds.play("import", contenders, ({ command }) => {
      const specifier = command.at(-1)!;
      const program = join(js, "import.mjs");
      writeFileSync(program, PROGRAM.replace("MODULE", specifier));
      const [file, ...args] = [...command.slice(0, -1), program];
      const { stdout, stderr, status } = spawnSync(file!, args, {
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(stderr);
      return Promise.resolve({ ms: Number(stdout) });
    });
    return {
      title: "Importing it",
      text:
        "Milliseconds for `await import(…)` of the JavaScript in the npm package, in a " +
        "process that has just started; and the bytes of the modules that are loaded, " +
        "not minified, without dependencies.",
      tables: [
        {
          title: "Milliseconds",
          table: table("", samples, [{
            title: "ms",
            value: "ms",
            show: tenths,
          }]),
        },
        {
          title: "Bytes of code",
          table: lines(
            ["", "modules", "KiB"],
            [...entries].map(([what, file]) => {
              const files = reachable(file);
              const size = files.reduce(
                (sum, f) => sum + readFileSync(f).byteLength,
                0,
              );
              return [what, whole(files.length), whole(size / 1024)];
            }),
          ),
        },
      ],
    };
  },
};

/** The runtime and its flags. */
function withoutProgram({ command }: Contender): string[] {
  return command.slice(0, -1);
}

/** A module and all that it imports by relative names, once each. */
function reachable(file: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  for (const { specifier } of importsOf(readFileSync(file, "utf8"))) {
    if (specifier.startsWith(".")) {
      reachable(join(dirname(file), specifier), seen);
    }
  }
  return [...seen];
}
