/**
 * Scripts. Lets Node run the TypeScript of this project: `node --import
 * scripts/lib/node_ts.mjs FILE`. It does what `--import tsx` does for us, in a
 * third of the time: what esbuild made of a file is kept in
 * `node_modules/.cache`, and nothing of esbuild is loaded while all files are
 * there. The tests start many hundred processes.
 *
 * @module
 */
import * as module from "node:module";
import process from "node:process";
import * as hooks from "./node_ts_hooks.mjs";

process.setSourceMapsEnabled(true);
// From Node 22.15 on hooks run in the thread of the program; before, they need one of their own.
if (module.registerHooks) {
  module.registerHooks({ resolve: hooks.resolveSync, load: hooks.loadSync });
} else module.register("./node_ts_hooks.mjs", import.meta.url);
