// What the build for browsers is made of.
import { assert, assertEquals } from "@std/assert";
import { build, type Metafile, type Plugin, transform } from "esbuild";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rollup } from "rollup";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import {
  BROWSER_ENTRIES,
  variantsForEsbuild,
} from "../../../scripts/lib/browser_variants.mjs";
import { CHUNKS_WITH_EFFECTS } from "../../../scripts/lib/chunks.mjs";
import { runtime, test } from "../../support/harness.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const onlyOnNode = runtime !== "node" && "esbuild runs in Node";

/** A program that needs SocketManager and the sockets. */
const PROGRAM = `
  import { SocketManager } from "package/mod.js";
  import { DEALER } from "package/src/zmq/entry.js";
  const sockets = new SocketManager();
  await sockets.ensureAndConnect("one", DEALER, "ws://localhost:1");
`;
/** In KiB, by who bundles it: rollup, as in Vite, and esbuild with its splitting, which is coarser. */
const LIMITS = { rollup: 45, esbuild: 46.8 };

async function built(
  contents: string,
  resolveDir: string,
  options: { plugins?: Plugin[]; nodePaths?: string[] },
) {
  return await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/out",
    splitting: true,
    ...options,
  });
}

/** Writes what the npm package has for browsers into a folder, as a package of its own. */
async function writePackage(folder: string): Promise<void> {
  const { bundle } = await import("../../../scripts/lib/bundle.mjs");
  const dir = join(folder, "node_modules", "package");
  await bundle(ROOT, dir, BROWSER_ENTRIES, "browser");
  const entries = BROWSER_ENTRIES.map((path) => path.replace(/ts$/, "js"));
  const chunks = CHUNKS_WITH_EFFECTS.map((name) => `chunks/${name}.js`);
  const sideEffects = [...entries, ...chunks].map((path) => `./${path}`);
  writeFileSync(
    join(dir, "package.json"),
    JSON.stringify({ name: "package", type: "module", sideEffects }),
  );
}

/** The outputs that a page loads at once; others are loaded on demand, such as CURVE. */
function loadedAtOnce({ outputs }: Metafile): string[] {
  const entry = Object.keys(outputs).find((path) => outputs[path]!.entryPoint);
  const found = new Set([entry!]);
  for (const path of found) {
    for (const { kind, path: next } of outputs[path]!.imports) {
      if (kind === "import-statement") found.add(next);
    }
  }
  return [...found];
}

function packagesOf(inputs: readonly string[]): string[] {
  const names = inputs.flatMap((path) =>
    path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []
  );
  return [...new Set(names)].sort();
}

test(
  "in browsers nothing of node: is imported; of packages MessagePack, and libsodium on demand",
  {
    skip: onlyOnNode,
  },
  async () => {
    const all = BROWSER_ENTRIES.map((entry) => `export * from "./${entry}";`);
    const { metafile } = await built(all.join("\n"), ROOT, {
      plugins: [variantsForEsbuild],
    });
    const inputs = Object.keys(metafile.inputs);
    const sodium = ["libsodium", "libsodium-wrappers"];
    assertEquals(packagesOf(inputs), ["@msgpack/msgpack", ...sodium]);
    const first = loadedAtOnce(metafile).flatMap((path) =>
      Object.keys(metafile.outputs[path]!.inputs)
    );
    assertEquals(packagesOf(first), ["@msgpack/msgpack"]);
    const outside = Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ external }) => external)
      .map(({ path }) => path);
    assertEquals([...new Set(outside)], []);
    assert(inputs.includes("src/zmq/stdio.browser.ts"));
    assert(!inputs.includes("src/zmq/stdio.ts"));
  },
);

/** The sizes, compressed by gzip, of what esbuild makes of the program for the start of a page. */
async function sizesByEsbuild(folder: string): Promise<number[]> {
  const { outputFiles, metafile } = await built(PROGRAM, folder, {
    nodePaths: [join(ROOT, "node_modules")],
  });
  const first = loadedAtOnce(metafile).map((path) => `/${path}`);
  const found = outputFiles
    .filter(({ path }) => first.some((one) => one.endsWith(path)));
  assertEquals(found.length, first.length);
  return found.map(({ contents }) => gzipSync(contents).length);
}

/** The same by rollup, and minified by esbuild, as Vite does. */
async function sizesByRollup(folder: string): Promise<number[]> {
  const dir = join(folder, "node_modules", "package");
  const bundle = await rollup({
    input: "program",
    external: (id) => id.startsWith("@msgpack/"),
    treeshake: {
      moduleSideEffects: (id) =>
        CHUNKS_WITH_EFFECTS.some((name) => id.endsWith(`/${name}.js`)),
    },
    onwarn: () => {},
    plugins: [{
      name: "package",
      resolveId: (id: string, importer?: string) =>
        id === "program"
          ? id
          : id.startsWith("package/")
          ? join(dirname(dir), id)
          : id.startsWith(".")
          ? join(dirname(importer!), id)
          : { id, external: true },
      load: (id: string) => id === "program" ? PROGRAM : undefined,
    }],
  });
  const { output } = await bundle.generate({ format: "es" });
  const chunks = output.filter((one) => one.type === "chunk");
  const first = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of first) {
    for (const one of chunks) {
      if (imports.includes(one.fileName)) first.add(one);
    }
  }
  return await Promise.all([...first].map(async ({ code }) => {
    const { code: small } = await transform(code, {
      minify: true,
      format: "esm",
      target: "es2022",
    });
    return gzipSync(small).length;
  }));
}

test(
  "SocketManager and the engine are at most 45 KiB, minified and compressed by gzip",
  {
    skip: onlyOnNode,
    timeoutMs: 120_000, // rollup builds the package
  },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "browser-build-"));
    t.cleanup(() => rmSync(folder, { recursive: true }));
    await writePackage(folder);
    const sizes = {
      rollup: await sizesByRollup(folder),
      esbuild: await sizesByEsbuild(folder),
    };
    for (const [bundler, limit] of Object.entries(LIMITS)) {
      const size = sizes[bundler as keyof typeof LIMITS]
        .reduce((sum, one) => sum + one, 0) / 1024;
      assert(size > 20 && size <= limit, `${bundler}: ${size.toFixed(2)} KiB`);
    }
  },
);
