/**
 * Scripts. Makes one JavaScript file of the test files that Node runs in one
 * process, and of each program that tests start on Node. Node then starts in a
 * fifth of the time: it loads no hundreds of modules, and needs no hooks, which
 * have a thread of their own on Node 20.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const require = createRequire(import.meta.url);
const HARNESS = join(root, "tests/support/harness.ts");
const OWN_URL = "urlOfThisModule";
const GROUP = join(root, "tests/support/node_group.ts");

/** What asks where a module stands, or loads one while it runs, runs from its source. */
const NEEDS_SOURCE =
  /import\.meta\.resolve|\bimport\(\s*new URL|\bcreateRequire\(/;

/** Programs that tests start on Node. */
const PROGRAMS = [
  "examples/file_pipeline/main.ts",
  "examples/file_pipeline/pipeline.ts",
  "examples/file_pipeline/worker.ts",
  "examples/elastic/main.ts",
  "examples/elastic/node_process.ts",
  "examples/guide/clone/main.ts",
  "examples/guide/clone/server_process.ts",
  "examples/guide/espresso/main.ts",
  "examples/guide/lazy_pirate/main.ts",
  "examples/guide/lazy_pirate/server_process.ts",
  "examples/guide/majordomo/main.ts",
  "examples/guide/majordomo/worker_process.ts",
  "examples/guide/titanic/main.ts",
  "examples/guide/titanic/titanic_process.ts",
  "examples/peers/czmq/main.ts",
  "examples/peers/ffmpeg/main.ts",
  "examples/peers/go_zeromq/main.ts",
  "examples/peers/jeromq/main.ts",
  "examples/peers/jupyter/kernel_process.ts",
  "examples/peers/jupyter/main.ts",
  "examples/peers/locust/main.ts",
  "examples/peers/monerod/main.ts",
  "examples/peers/rsyslog/main.ts",
  "examples/peers/zurl/main.ts",
  "tests/pipeline/chaos/audit_program.ts",
  "tests/pipeline/chaos/pipeline_program.ts",
  "tests/pipeline/chaos/relay_program.ts",
  "tests/pipeline/chaos/worker_program.ts",
  "tests/pipeline/store/programs/keeps_committing.ts",
  "tests/pipeline/support/pipeline_program.ts",
  "tests/pipeline/support/threaded_steps.ts",
  "tests/pipeline/support/worker_program.ts",
  "tests/pipeline/telemetry/traced_program.ts",
  "tests/siege/engine_program.ts",
  "tests/siege/attack_program.ts",
  "tests/siege/honest_program.ts",
  "tests/siege/pipeline_program.ts",
  "tests/siege/worker_program.ts",
  "tests/zmq/sockets/programs/ends.ts",
  "tests/zmq/v5/programs/lives.ts",
  "tests/zmq/transport/programs/few_descriptors.ts",
];
/** The program of the command line, on every runtime, and modules that it loads: one copy of what they share. */
const COMMAND_LINE = [
  "src/cli/bin.ts",
  "tests/cli/fixtures/flow.ts",
  "tests/cli/fixtures/small.ts",
  "tests/cli/fixtures/threads.ts",
];

/** The folder of one run: beside the packages, so that the bundles find them. */
export function bundleFolder() {
  const parent = join(root, "node_modules/.cache/agentzero");
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, "run-"));
}

/**
 * Whether a test file may become part of a bundle.
 *
 * @param {string} file
 */
export function canBundle(file) {
  return !NEEDS_SOURCE.test(readFileSync(resolve(root, file), "utf8"));
}

/**
 * Makes the bundle of every group of test files.
 *
 * @param {readonly (readonly string[])[]} groups
 * @param {string} dir
 * @returns {Promise<(string | undefined)[]>} the bundle of each group; a group in which something is missing has none
 */
export async function bundleTests(groups, dir) {
  const entries = groups.map((files, i) => {
    const entry = join(dir, `${i}.ts`);
    writeFileSync(entry, entryOf(files, dir, i));
    return entry;
  });
  const build = (entryPoints) =>
    bundle({ entryPoints, outdir: dir, outbase: dir, splitting: true });
  if (!await build(entries)) {
    // One after another, to find those in which something is missing.
    for (const entry of entries) await build([entry]);
  }
  return entries.map((entry) => entry.replace(/ts$/, "mjs"))
    .map((path) => existsSync(path) ? path : undefined);
}

/**
 * Makes the bundles of the programs that tests start. Where one cannot be made
 * the tests start its source.
 *
 * @param {string} dir
 */
export async function bundlePrograms(dir) {
  const there = (files) =>
    files.map((file) => join(root, file)).filter((file) => existsSync(file));
  const options = { outdir: dir, outbase: root };
  await Promise.all([
    bundle({ ...options, entryPoints: there(PROGRAMS), splitting: true }),
    bundle({ ...options, entryPoints: there(COMMAND_LINE), splitting: true }),
  ]);
}

/** Names the files of a group as they come: the harness runs their tests once all have been loaded. */
function entryOf(files, dir, i) {
  const lines = files.flatMap((file, k) => {
    const mark = join(dir, `${i}.${k}.mark.ts`);
    writeFileSync(
      mark,
      `import { beginFile } from ${JSON.stringify(GROUP)};\nbeginFile(${
        JSON.stringify(file)
      });\n`,
    );
    return [mark, resolve(root, file)].map((path) =>
      `import ${JSON.stringify(path)};`
    );
  });
  return [
    ...lines,
    `import { runFiles } from ${JSON.stringify(HARNESS)};`,
    "runFiles();",
  ].join("\n");
}

async function bundle(options) {
  const { build } = require("esbuild");
  try {
    await build({
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20.19", // `await using` is lowered
      packages: "external",
      outExtension: { ".js": ".mjs" },
      keepNames: true,
      sourcemap: true,
      sourcesContent: false,
      logLevel: "silent",
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      define: { "import.meta.url": OWN_URL },
      plugins: [ours, places],
      ...options,
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * Our own names are part of the bundle, other packages are not: neither by their
 * names nor by the paths of their files, or there were two copies of them.
 */
const ours = {
  name: "ours",
  setup(build) {
    const { name, exports } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    build.onResolve({ filter: /^@(agentzero|std)\// }, ({ path }) => {
      if (path === "@std/assert") {
        return { path: join(root, "tests/support/std_assert/mod.ts") };
      }
      const file = name && path.startsWith(name)
        ? exports?.[`.${path.slice(name.length)}`]
        : undefined;
      return file?.endsWith(".ts") ? { path: join(root, file) } : undefined;
    });
    build.onResolve(
      { filter: /^\.{1,2}\/.*[\\/]node_modules[\\/]/ },
      (args) => ({
        path: pathToFileURL(resolve(args.resolveDir, args.path)).href,
        external: true,
      }),
    );
  },
};

/** `import.meta.url` stays that of the source: esbuild puts a constant of the module there. */
const places = {
  name: "places",
  setup(build) {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!/\bimport\.meta\.url\b/.test(source)) return undefined;
      const url = JSON.stringify(pathToFileURL(path).href);
      return {
        // In its first line, so that the others stay where they are.
        contents: `const ${OWN_URL} = ${url};${source}`,
        loader: path.endsWith(".ts") ? "ts" : "js",
      };
    });
  },
};
