/**
 * Scripts. The hooks of `node_ts.mjs`.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { javaScriptOf } from "./transpiled.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Where `node_bundles.mjs` has put the bundles of programs. */
const bundles = process.env.TEST_NODE_BUNDLES;

/** Whether a URL is that of a TypeScript file. */
const isOurs = (url) => /^file:[^?#]*\.[cm]?ts(?:[?#]|$)/.test(url);

const moduleOf = (url) => {
  const path = fileURLToPath(url);
  const source = javaScriptOf(path, readFileSync(path, "utf8"));
  return { format: "module", source, shortCircuit: true };
};

/** A program that is started runs from its bundle, where there is one: hundreds of modules less go through the hooks. */
const started = (found, { parentURL }) => {
  if (parentURL !== undefined || bundles === undefined) return found;
  if (!isOurs(found.url)) return found;
  const file = relative(root, fileURLToPath(found.url));
  const bundle = join(bundles, file.replace(/\.ts$/, ".mjs"));
  if (file.startsWith("..") || !existsSync(bundle)) return found;
  return { ...found, url: pathToFileURL(bundle).href, format: "module" };
};

/** The hook `resolve`, for `module.register`. */
export const resolve = async (specifier, context, next) =>
  started(await next(specifier, context), context);

/** The hook `resolve`, for `module.registerHooks`. */
export const resolveSync = (specifier, context, next) =>
  started(next(specifier, context), context);

/** The hook `load`, for `module.register`. */
export const load = async (url, context, next) =>
  isOurs(url) ? moduleOf(url) : await next(url, context);

/** The hook `load`, for `module.registerHooks`. */
export const loadSync = (url, context, next) =>
  isOurs(url) ? moduleOf(url) : next(url, context);
