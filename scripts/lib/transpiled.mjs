/**
 * Scripts. TypeScript as JavaScript for Node 20.19, made by esbuild and kept in
 * `node_modules/.cache` under the hash of its source: what has changed is made
 * again, and `npm ci` clears all.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const require = createRequire(import.meta.url);
/** A change of these makes other JavaScript. */
const OPTIONS = {
  loader: "ts",
  format: "esm",
  target: "node20.19", // `await using` is lowered
  sourcemap: "inline",
  sourcesContent: false,
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
};
let cache;

/**
 * Gives the JavaScript of a file.
 *
 * @param {string} path of the file
 * @param {string} source what stands in it
 */
export function javaScriptOf(path, source) {
  const kept = placeOf(path, source);
  try {
    return readFileSync(kept, "utf8");
  } catch {
    // not yet made
  }
  const { code } = require("esbuild").transformSync(source, optionsFor(path));
  keep(kept, code);
  return code;
}

/**
 * Makes the JavaScript of all files that have none yet, much sooner than one
 * process after another would.
 *
 * @param {string[]} paths absolute
 */
export async function transpileAll(paths) {
  const missing = paths
    .map((path) => ({ path, source: readFileSync(path, "utf8") }))
    .map((file) => ({ ...file, kept: placeOf(file.path, file.source) }))
    .filter(({ kept }) => !existsSync(kept));
  if (missing.length === 0) return;
  const { transform } = require("esbuild");
  await Promise.all(missing.map(async ({ path, source, kept }) => {
    try {
      keep(kept, (await transform(source, optionsFor(path))).code);
    } catch {
      // the test that loads it fails, and shows why
    }
  }));
}

/** To Node the name in a source map is relative to the file that was loaded. */
function optionsFor(path) {
  return { ...OPTIONS, sourcefile: basename(path) };
}

/** Where the JavaScript of a file is kept, and of its copies in other folders. */
function placeOf(path, source) {
  cache ??= cacheFolder();
  const name = createHash("sha1").update(basename(path)).update("\0")
    .update(source).digest("hex");
  return join(cache, `${name}.js`);
}

function cacheFolder() {
  const { version } = require("esbuild/package.json");
  const made = createHash("sha1").update(JSON.stringify([version, OPTIONS]))
    .digest("hex");
  return join(modules, ".cache/agentzero", made);
}

/** Another process may keep the same at the same time. */
function keep(path, code) {
  const temporary = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, code);
  renameSync(temporary, path);
}
