/**
 * Benchmarks. What it takes to start: to import the modules, and to run the
 * command.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { importsOf } from "../../scripts/lib/source_text.ts";
import type { Contender } from "../lib/contenders.ts";
import type { Row, Stage } from "../lib/row.ts";
import type { Samples } from "../lib/rounds.ts";
import { type Column, lines, table, tenths, whole } from "../lib/table.ts";

const PROGRAM = `
const start = performance.now();
await import("MODULE");
console.log(performance.now() - start);
globalThis.process?.exit(0);
`;

const ENTRIES = {
  "agentzero": "mod.ts",
  "agentzero/zmq": "src/zmq/entry.ts",
  "agentzero/pipeline": "src/pipeline/mod.ts",
};

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A row. */
export const startup: Row = {
  name: "startup",
  async run(stage) {
    const js = join(stage.workshop.folder, "js");
    const imports = await playImports(stage);
    const commands = await playCommands(stage);
    const columns: Column[] = [
      { title: "ms", value: "ms", show: tenths, isSpread: true },
    ];
    return {
      title: "Starting",
      text:
        "**Importing**: milliseconds for `await import(…)` in a process that has just " +
        "started; on Node, of the JavaScript as the npm package has it, on Deno and Bun, " +
        "of the sources. **The command**: milliseconds for a whole process of `agentzero " +
        "--help`, and of an empty program. The bytes are those of the modules that an " +
        "import loads on Node, not minified, without dependencies.",
      tables: [
        { title: "Importing", table: table("", imports, columns) },
        { title: "The command", table: table("", commands, columns) },
        {
          title: "Bytes of code",
          table: lines(
            ["", "modules", "KiB"],
            Object.entries(ENTRIES).map(([what, path]) => {
              const files = reachable(join(js, inJs(path)));
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

async function playImports(
  { rounds, field: { engines, zeromqJs }, workshop }: Stage,
): Promise<Samples> {
  const program = join(workshop.folder, "js/import.mjs");
  const contenders = Object.entries(ENTRIES).flatMap(([what, path]) =>
    engines.map((engine) => {
      const url = pathToFileURL(fileOf(engine, path, workshop.folder)).href;
      return as(engine, what, [program, url]);
    })
  );
  const command = [...withoutProgram(zeromqJs), program, "zeromq"];
  contenders.push({ ...zeromqJs, command });
  return await rounds.play("importing", contenders, ({ command }) => {
    writeFileSync(program, PROGRAM.replace("MODULE", command.at(-1)!));
    return Promise.resolve({ ms: Number(run(command.slice(0, -1))) });
  });
}

async function playCommands(
  { rounds, field: { engines }, workshop }: Stage,
): Promise<Samples> {
  const empty = join(workshop.folder, "js/empty.mjs");
  writeFileSync(empty, "");
  const contenders = engines.flatMap((engine) => {
    const file = fileOf(engine, "src/cli/bin.ts", workshop.folder);
    return [
      as(engine, "agentzero --help", [file, "--help"]),
      as(engine, "an empty program", [empty]),
    ];
  });
  return await rounds.play("the command", contenders, ({ command }) => {
    const start = performance.now();
    run(command);
    return Promise.resolve({ ms: performance.now() - start });
  });
}

/** A contender on the same runtime, with another program. */
function as(engine: Contender, what: string, program: string[]): Contender {
  const runtime = engine.name.split(" ").at(-1);
  const command = [...withoutProgram(engine), ...program];
  return { ...engine, name: `${what} on ${runtime}`, command };
}

/** The file of a module: Node runs JavaScript, Deno and Bun run the sources. */
function fileOf(engine: Contender, path: string, folder: string): string {
  const isJs = engine.command.at(-1)!.endsWith(".js");
  return isJs ? join(folder, "js", inJs(path)) : join(root, path);
}

function inJs(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

/** The runtime and its flags. */
function withoutProgram({ command }: Contender): string[] {
  return command.slice(0, -1);
}

function run([file, ...args]: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(file!, args, {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** A module and all that it imports by relative names, once each. */
function reachable(file: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const source = readFileSync(file, "utf8");
  for (const { specifier, isDynamic } of importsOf(source)) {
    if (specifier.startsWith(".") && !isDynamic) {
      reachable(join(dirname(file), specifier), seen);
    }
  }
  return [...seen];
}
