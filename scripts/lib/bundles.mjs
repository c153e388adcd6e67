/**
 * Scripts. Bundles a program that uses the npm package with each of the common
 * bundlers, in a project that has none of the package's optional peers, and
 * runs the bundle in a folder that has no packages at all.
 *
 *     node scripts/lib/bundles.mjs TARBALL    by itself, for one look
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bun } from "../runtimes.mjs";

const PROGRAM = new URL("bundle_program.mjs", import.meta.url);
const PRINTS = "42 a message";
const BROWSER_PROGRAM = new URL("browser_program.mjs", import.meta.url);
const BROWSER_PRINTS = "inproc, and EPROTONOSUPPORT";
const LIMIT_MS = 60_000;
const isWindows = process.platform === "win32";

/**
 * Each bundler: what npm installs for it, and a module that bundles `ENTRY` into
 * the folder `OUT` and prints the name of the file to run.
 */
const BUNDLERS = {
  "esbuild, ES module": {
    packages: ["esbuild@0.28.2"],
    script: `
      import { build } from "esbuild";
      await build({ entryPoints: [ENTRY], outfile: OUT + "/main.mjs", bundle: true,
        platform: "node", format: "esm", logLevel: "error" });
      console.log("main.mjs");`,
  },
  "esbuild, CommonJS": {
    packages: ["esbuild@0.28.2"],
    script: `
      import { build } from "esbuild";
      await build({ entryPoints: [ENTRY], outfile: OUT + "/main.cjs", bundle: true,
        platform: "node", format: "cjs", logLevel: "error" });
      console.log("main.cjs");`,
  },
  webpack: {
    packages: ["webpack@5.112.2"],
    script: `
      import webpack from "webpack";
      const stats = await new Promise((resolve, reject) =>
        webpack({ entry: ENTRY, target: "node20", mode: "production",
          optimization: { minimize: false },
          output: { path: OUT, filename: "main.cjs", chunkFilename: "[id].cjs" } },
          (error, stats) => error ? reject(error) : resolve(stats)));
      if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
      console.log("main.cjs");`,
  },
  Vite: {
    packages: ["vite@8.3.8"],
    script: `
      import { build } from "vite";
      await build({ logLevel: "error", configFile: false, ssr: { noExternal: true },
        build: { ssr: ENTRY, outDir: OUT, minify: false,
          rollupOptions: { output: { entryFileNames: "main.mjs", chunkFileNames: "[name]-[hash].mjs" } } } });
      console.log("main.mjs");`,
  },
  rollup: {
    packages: [
      "rollup@4.68.5",
      "@rollup/plugin-node-resolve@16.0.3",
      "@rollup/plugin-commonjs@29.0.3",
    ],
    script: `
      import { rollup } from "rollup";
      import { nodeResolve } from "@rollup/plugin-node-resolve";
      import commonjs from "@rollup/plugin-commonjs";
      const bundle = await rollup({ input: ENTRY, onwarn() {},
        plugins: [nodeResolve({ preferBuiltins: true }), (commonjs.default ?? commonjs)()] });
      await bundle.write({ dir: OUT, format: "es", entryFileNames: "main.mjs", chunkFileNames: "[name]-[hash].mjs" });
      await bundle.close();
      console.log("main.mjs");`,
  },
};
/** The same for browsers, without configuration: each takes the condition `browser`. */
const FOR_BROWSERS = {
  esbuild: {
    packages: ["esbuild@0.28.2"],
    script: `
      import { build } from "esbuild";
      await build({ entryPoints: [ENTRY], outfile: OUT + "/main.mjs", bundle: true,
        format: "esm", minify: true, logLevel: "error" });
      console.log("main.mjs");`,
  },
  webpack: {
    packages: ["webpack@5.112.2"],
    script: `
      import webpack from "webpack";
      const stats = await new Promise((resolve, reject) =>
        webpack({ entry: ENTRY, mode: "production",
          output: { path: OUT, filename: "main.cjs" },
          // A page loads other chunks by elements; Node, which runs it here, has none.
          plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })] },
          (error, stats) => error ? reject(error) : resolve(stats)));
      if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
      console.log("main.cjs");`,
  },
  Vite: {
    packages: ["vite@8.3.8"],
    script: `
      import { build } from "vite";
      await build({ logLevel: "error", configFile: false, build: { outDir: OUT, emptyOutDir: true,
        rollupOptions: { input: ENTRY, output: { entryFileNames: "main.mjs" } } } });
      console.log("main.mjs");`,
  },
};
const COMPILED = "bun build --compile";

/**
 * Bundles and runs.
 *
 * @param {string} tarball the packed package
 * @param {(what: string, isTrue: () => boolean) => void} check counts one result
 * @param {(what: string, reason: string) => void} skip counts what could not be tried
 */
export function checkBundles(tarball, check, skip) {
  const project = mkdtempSync(join(tmpdir(), "az-bundle-"));
  const elsewhere = mkdtempSync(join(tmpdir(), "az-run-"));
  try {
    writeFileSync(
      join(project, "package.json"),
      `{ "private": true, "type": "module" }`,
    );
    const entry = copyProgram(PROGRAM, project);
    const browserEntry = copyProgram(BROWSER_PROGRAM, project);
    if (!install(project, [resolve(tarball)], true)) {
      return check("the package is installed beside bundlers", () => false);
    }
    const missing = missingIn(project);
    let count = 0;
    const all = [
      ...Object.entries(BUNDLERS).map((one) => [...one, entry, PRINTS]),
      ...Object.entries(FOR_BROWSERS).map((
        [name, one],
      ) => [`${name}, for browsers`, one, browserEntry, BROWSER_PRINTS]),
    ];
    for (const [name, { packages, script }, entry, prints] of all) {
      const what = `a bundle of ${name}`;
      const lost = packages.filter((one) => missing.has(one));
      if (lost.length > 0) {
        skip(what, `npm cannot install ${lost.join(", ")}`);
        continue;
      }
      const out = join(elsewhere, String(++count));
      check(what, () => bundleAndRun(project, entry, out, script, prints));
    }
    check(`a program of ${COMPILED}`, () => compileAndRun(entry, elsewhere));
  } finally {
    for (const dir of [project, elsewhere]) {
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

/** Installs all bundlers at once, or else those that exist; returns those that do not. */
function missingIn(project) {
  const all = [
    ...new Set(Object.values(BUNDLERS).flatMap(({ packages }) => packages)),
  ];
  if (install(project, all)) return new Set();
  return new Set(all.filter((one) => !install(project, [one])));
}

function install(project, packages, isShown = false) {
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  // Their install scripts only look whether they could be started sooner.
  const r = spawnSync(
    "npm",
    ["install", "--save-exact", "--ignore-scripts", ...flags, ...packages],
    // On Windows npm is a batch file, which only a shell can start.
    { cwd: project, encoding: "utf8", shell: isWindows, timeout: 600_000 },
  );
  if (r.status !== 0 && isShown) console.log(`${r.stdout}${r.stderr}`);
  return r.status === 0;
}

/** Copies a program, which there has the package under the name that it has on npm. */
function copyProgram(file, project) {
  const copy = join(project, basename(fileURLToPath(file)));
  const text = readFileSync(file, "utf8");
  writeFileSync(copy, text.replaceAll(`"@agentzero/agentzero`, `"agentzero`));
  return copy;
}

function bundleAndRun(project, entry, out, script, prints) {
  const file = join(project, "bundle.mjs");
  const constants = `const ENTRY = ${JSON.stringify(entry)};\nconst OUT = ${
    JSON.stringify(out)
  };\n`;
  // Imports come first wherever they stand.
  writeFileSync(file, constants + script);
  const made = run(process.execPath, [file], project);
  if (made === undefined) return false;
  const main = join(out, made.trim().split("\n").at(-1));
  return isRight(run(process.execPath, [main], out), prints);
}

function compileAndRun(entry, elsewhere) {
  const { cmd, args } = bun();
  const program = join(elsewhere, isWindows ? "program.exe" : "program");
  const words = ["build", "--compile", entry, "--outfile", program];
  if (run(cmd, [...args, ...words], elsewhere) === undefined) return false;
  return isRight(run(program, [], elsewhere));
}

function isRight(output, prints = PRINTS) {
  if (output === undefined) return false;
  if (output.trim() === prints) return true;
  console.log(`It printed ${output}`);
  return false;
}

/** What a command prints; undefined if it fails, and then that is shown. */
function run(cmd, args, cwd) {
  const r = spawnSync(cmd, args, { cwd, encoding: "utf8", timeout: LIMIT_MS });
  if (r.status === 0) return r.stdout;
  console.log(
    `$ ${cmd} ${args.join(" ")}\n${r.stdout}${r.stderr}${r.error ?? ""}`,
  );
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkBundles(process.argv[2], (what, isTrue) => {
    const isGood = isTrue();
    if (!isGood) process.exitCode = 1;
    console.log(`${isGood ? "ok    " : "FAIL  "}${what}`);
  }, (what, reason) => console.log(`skip  ${what}: ${reason}`));
}
