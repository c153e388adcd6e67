/**
 * Scripts. The hooks of `node_ts.mjs`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { javaScriptOf } from "./transpiled.mjs";

/** Whether a URL is that of a TypeScript file. */
const isOurs = (url) => /^file:[^?#]*\.[cm]?ts(?:[?#]|$)/.test(url);

const moduleOf = (url) => {
  const path = fileURLToPath(url);
  const source = javaScriptOf(path, readFileSync(path, "utf8"));
  return { format: "module", source, shortCircuit: true };
};

/** The hook `load`, for `module.register`. */
export const load = async (url, context, next) =>
  isOurs(url) ? moduleOf(url) : await next(url, context);

/** The hook `load`, for `module.registerHooks`. */
export const loadSync = (url, context, next) =>
  isOurs(url) ? moduleOf(url) : next(url, context);
