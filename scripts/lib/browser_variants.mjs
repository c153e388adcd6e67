/**
 * Scripts. The build for browsers: where `x.browser.ts` stands beside `x.ts`, it
 * takes its place. What a page lacks, or loads on demand, is in these files, and
 * nowhere else. One that imports `x.ts` itself gets that: it loads on demand what
 * it stands for.
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
 * @param {string} [importer] the file that imports it
 */
export function browserFileOf(path, importer) {
  const variant = path.replace(/\.ts$/, ENDING);
  const isUsed = !isVariant(path) && importer !== variant;
  return isUsed && existsSync(variant) ? variant : path;
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
      return browserFileOf(join(dirname(importer), specifier), importer);
    },
  };
}

/** A plugin of esbuild. */
export const variantsForEsbuild = {
  name: "browser-variants",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve(
      { filter: /^\..*\.ts$/ },
      ({ path, resolveDir, importer }) => ({
        path: browserFileOf(join(resolveDir, path), importer),
      }),
    );
  },
};
