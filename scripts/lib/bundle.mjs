/**
 * Scripts. Writes the JavaScript of the npm package: a few large modules, since
 * each module that is loaded costs time. Each part of the architecture is one
 * chunk, which all entry points share, so that a class exists once.
 *
 * esbuild strips the types, rollup joins the modules; neither shortens names or
 * lines. Comments are left out: they are in the declarations.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { transform } from "esbuild";
import { rollup } from "rollup";
import { variantsForRollup } from "./browser_variants.mjs";
import { chunkOf, COMMAND_LINE } from "./chunks.mjs";

/**
 * Bundles modules.
 *
 * @param {string} root the folder of the checkout
 * @param {string} outDir where the JavaScript goes; the entry points keep their paths
 * @param {readonly string[]} entries the entry points, such as `src/zmq/entry.ts`
 * @param {"server" | "browser"} [platform]
 * @returns {Promise<void>}
 */
export async function bundle(root, outDir, entries, platform = "server") {
  const build = await rollup({
    input: Object.fromEntries(
      entries.map((path) => [path.replace(/\.ts$/, ""), join(root, path)]),
    ),
    external: (id) => !id.startsWith(".") && !isAbsolute(id),
    plugins: platform === "browser"
      ? [variantsForRollup(), withoutTypes()]
      : [withoutTypes()],
    treeshake: { moduleSideEffects: "no-external" },
    onwarn: ({ code, message }) => {
      // A module of types is empty.
      if (code !== "EMPTY_BUNDLE") throw new Error(message);
    },
  });
  await build.write({
    dir: outDir,
    format: "es",
    entryFileNames: "[name].js",
    chunkFileNames: ({ facadeModuleId }) =>
      /[\\/]commands[\\/]\w+\.ts$/.test(facadeModuleId ?? "")
        ? "chunks/commands/[name].js"
        : "chunks/[name].js",
    manualChunks: chunksOf(root, platform),
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    generatedCode: "es2015",
  });
  await build.close();
}

/**
 * Which chunk a module is in.
 *
 * @param {string} root
 * @param {"server" | "browser"} platform
 */
function chunksOf(root, platform) {
  const pathOf = (/** @type {string} */ id) =>
    relative(root, id).replaceAll("\\", "/");
  /** @type {Set<string>} */
  const atStart = new Set();
  /** @type {Set<string>} */
  const inCommandLine = new Set();
  /** @type {import("rollup").GetManualChunk} */
  return (id, { getModuleIds, getModuleInfo }) => {
    if (atStart.size === 0) {
      const visit = (
        /** @type {string} */ id,
        /** @type {Set<string>} */ found,
      ) => {
        if (found.has(id)) return;
        found.add(id);
        for (const imported of getModuleInfo(id)?.importedIds ?? []) {
          visit(imported, found);
        }
      };
      for (const id of getModuleIds()) {
        if (!getModuleInfo(id)?.isEntry) continue;
        visit(id, atStart);
        if (pathOf(id) === COMMAND_LINE) visit(id, inCommandLine);
      }
    }
    if (!atStart.has(id)) return undefined;
    return chunkOf(pathOf(id), inCommandLine.has(id), platform);
  };
}

/** A plugin of rollup: esbuild leaves out the types. */
function withoutTypes() {
  return {
    name: "without-types",
    async load(file) {
      const { code } = await transform(readFileSync(file, "utf8"), {
        loader: "ts",
        target: "node20.19", // `await using` is lowered for Node below 24
        sourcefile: file,
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
        // It keeps some comments otherwise. They are half of the text, and one
        // character beyond Latin-1 makes V8 store the text in twice the memory.
        minifyWhitespace: true,
      });
      return withBuiltins((await transform(code)).code);
    },
  };
}

/**
 * Has Node's modules without importing them, which takes about 1 ms for each:
 * Node makes an ES module of it first, and reads each of its properties. Those
 * of `process` open stdin, stdout and stderr, and load `node:net`.
 *
 * @param {string} code as esbuild prints it
 */
function withBuiltins(code) {
  return code.replace(
    /^import (\{[^}]*\}|\w+) from "node:(.+)";$/gm,
    (_all, /** @type {string} */ names, /** @type {string} */ module) =>
      module === "process"
        ? ""
        : `const ${
          names.replaceAll(" as ", ": ")
        } = process.getBuiltinModule("node:${module}");`,
  );
}
