/**
 * Checks the layers of ARCHITECTURE.md: imports go downwards only.
 *
 *     deno run --allow-read scripts/check_layers.ts
 *     node --import tsx scripts/check_layers.ts
 *
 * It also refuses cycles, `node:*` and npm packages in the wrong layer, and files
 * that belong to no layer. `x.browser.ts` takes the place of `x.ts` in browsers, so
 * no file imports it, and it imports nothing of `node:`.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isVariant, originalOf } from "./lib/browser_variants.mjs";
import { filesIn } from "./lib/files.ts";
import { importsOf } from "./lib/source_text.ts";

/**
 * The layers from top to bottom; those of one row must not import each other. A name
 * is a folder, a file, or `folder/*` for the files right in a folder.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["mod.ts", "cli.ts"],
  ["src/cli"],
  ["src/pipeline/http"],
  ["src/pipeline/*"],
  ["src/pipeline/client", "src/pipeline/server"],
  ["src/pipeline/coordinator", "src/pipeline/define"],
  ["src/pipeline/scheduler", "src/pipeline/worker"],
  ["src/pipeline/telemetry"],
  ["src/pipeline/store", "src/pipeline/protocol"],
  ["src/pipeline/model"],
  ["src/native"],
  ["src/manager"],
  ["src/serializers"],
  ["src/util"],
  ["src/*"],
  ["src/zmq/entry.ts"],
  ["src/zmq/mod.ts", "src/zmq/v5", "src/zmq/zeromq"],
  ["src/zmq/proxy"],
  ["src/zmq/sockets"],
  ["src/zmq/engine"],
  ["src/zmq/routing", "src/zmq/zmtp", "src/zmq/transport"],
  ["src/zmq/options"],
  ["src/zmq/*"],
  ["src/async"],
];

/** Where what comes from outside may be named: by its whole name, or a prefix that ends in `:`. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  "node:": [
    "cli.ts",
    "src/cli",
    "src/pipeline/http/serve_http.ts",
    "src/pipeline/worker/machine.ts",
    "src/pipeline/worker/heartbeat",
    "src/pipeline/worker/threads",
    "src/pipeline/store",
    "src/pipeline/protocol/worker_id.ts",
    "src/manager/logging",
    "src/util",
    "src/native",
    "src/zmq/certificate_files.ts",
    "src/zmq/zmtp/mechanism/curve_keys.ts",
    "src/zmq/error_numbers.ts",
    "src/zmq/stdio.ts",
    "src/zmq/transport",
    "src/zmq/v5",
  ],
  "@msgpack/msgpack": ["src/serializers"],
  "@opentelemetry/api": ["src/pipeline/telemetry"],
  "commander": ["src/cli"],
  "croner": ["src/pipeline/coordinator/cron.ts"],
  "pg": ["src/pipeline/store/postgres"],
  "libsodium-wrappers": ["src/zmq/zmtp/mechanism"],
  "zeromq": ["src/native"],
};

/** Something that the layers forbid. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/**
 * Checks `mod.ts`, `cli.ts` and everything in `src/`.
 *
 * @param root the folder of the project
 * @returns the problems, in the order of the files; empty when all is well
 */
export function checkLayers(root: string): Problem[] {
  const problems: Problem[] = [];
  const graph = new Map<string, string[]>();
  for (
    const file of ["mod.ts", "cli.ts", "src"].flatMap((path) =>
      filesIn(root, path, [".ts"])
    )
  ) {
    const source = readFileSync(posix.join(root, file), "utf8");
    if (rowOf(file) < 0) {
      problems.push({ file, line: 1, message: "the file belongs to no layer" });
    }
    if (isVariant(file) && !existsSync(posix.join(root, originalOf(file)))) {
      problems.push({ file, line: 1, message: "it stands for no other file" });
    }
    const targets: string[] = [];
    for (const { specifier, line } of importsOf(source)) {
      const isRelative = specifier.startsWith(".");
      const target = isRelative
        ? posix.join(posix.dirname(file), specifier)
        : specifier;
      const message = isRelative
        ? judgeInside(file, target)
        : judgeOutside(file, specifier);
      if (message) problems.push({ file, line, message });
      if (isRelative) targets.push(target);
    }
    graph.set(file, targets);
  }
  for (const cycle of cyclesIn(graph)) {
    problems.push({
      file: cycle[0]!,
      line: 1,
      message: `a cycle: ${[...cycle, cycle[0]].join(" -> ")}`,
    });
  }
  return problems;
}

function rowOf(file: string): number {
  return LAYERS.findIndex((row) => row.some((name) => isIn(file, name)));
}

function layerNameOf(file: string): string | undefined {
  return LAYERS.flat().find((name) => isIn(file, name));
}

function isIn(file: string, layer: string): boolean {
  if (layer.endsWith("/*")) return posix.dirname(file) === layer.slice(0, -2);
  return file === layer || file.startsWith(`${layer}/`);
}

function judgeInside(from: string, to: string): string | undefined {
  if (isVariant(to)) return `imports ${to}: import ${originalOf(to)}`;
  if (!to.endsWith(".ts")) return `"${to}" does not end in .ts`;
  if (rowOf(to) < 0) return `imports ${to}, which is in no layer`;
  if (layerNameOf(from) === layerNameOf(to) || rowOf(from) < rowOf(to)) {
    return undefined;
  }
  const where = rowOf(from) === rowOf(to) ? "beside" : "above";
  return `imports ${to}, which is ${where} it: ${
    layerNameOf(from)
  } must not import ${layerNameOf(to)}`;
}

function judgeOutside(file: string, specifier: string): string | undefined {
  const allowed = Object.entries(OUTSIDE)
    .find(([name]) =>
      name === specifier || (name.endsWith(":") && specifier.startsWith(name))
    )?.[1];
  if (isVariant(file) && specifier.startsWith("node:")) {
    return `imports "${specifier}", which browsers do not have`;
  }
  if (!allowed) return `imports "${specifier}", which no layer may import`;
  if (allowed.some((name) => isIn(file, name))) return undefined;
  return `imports "${specifier}", which only ${allowed.join(", ")} may import`;
}

/** One cycle for each knot of files: a walk that comes back to where it is. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push(path.slice(at));
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return cycles;
}

function main(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const problems = checkLayers(root);
  for (const { file, line, message } of problems) {
    console.error(`${file}:${line}: ${message}`);
  }
  console.log(
    problems.length === 0
      ? "The layers hold."
      : `${problems.length} problems in the layers.`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  main();
}
