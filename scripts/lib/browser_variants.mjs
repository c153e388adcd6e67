/**
 * Scripts. The build for browsers: where `x.browser.ts` stands beside `x.ts`, it
 * takes its place.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const ENDING = ".browser.ts";

/** The entry points that browsers have. */
export const BROWSER_ENTRIES = ["mod.ts", "src/zmq/entry.ts"];

/**
 * Whether a file stands for another one in browsers.
 *
 * @param {string} path
 */
export function isVariant(path) {
  return path.endsWith(ENDING);
}

/**
 * The file that one stands for.
 *
 * @param {string} variant such as `src/zmq/stdio.browser.ts`
 */
export function originalOf(variant) {
  return `${variant.slice(0, -ENDING.length)}.ts`;
}

/**
 * The file that is used in browsers: the variant if there is one.
 *
 * @param {string} path such as `src/zmq/stdio.ts`
 */
export function browserFileOf(path) {
  const variant = path.replace(/\.ts$/, ENDING);
  return !isVariant(path) && existsSync(variant) ? variant : path;
}

/** A plugin of rollup. */
export function variantsForRollup() {
  return {
    name: "browser-variants",
    /**
     * @param {string} specifier
     * @param {string | undefined} importer
     */
    resolveId(specifier, importer) {
      if (importer === undefined || !specifier.startsWith(".")) return null;
      return browserFileOf(join(dirname(importer), specifier));
    },
  };
}

/** A plugin of esbuild. */
export const variantsForEsbuild = {
  name: "browser-variants",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => ({
      path: browserFileOf(join(resolveDir, path)),
    }));
  },
};
