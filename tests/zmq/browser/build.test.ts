// What the build for browsers is made of.
import { assert, assertEquals } from "@std/assert";
import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import {
  BROWSER_ENTRIES,
  variantsForEsbuild,
} from "../../../scripts/lib/browser_variants.mjs";
import { runtime, test } from "../../support/harness.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const onlyOnNode = runtime !== "node" && "esbuild runs in Node";

/** A program that needs SocketManager and the sockets. */
const PROGRAM = `
  import { SocketManager } from "./mod.ts";
  import { DEALER } from "./src/zmq/entry.ts";
  const sockets = new SocketManager();
  await sockets.ensureAndConnect("one", DEALER, "ws://localhost:1");
`;
const LIMIT_KIB = 56;

async function built(contents: string) {
  return await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/out",
    splitting: true,
    plugins: [variantsForEsbuild],
  });
}

test(
  "in browsers nothing of node: is imported, and of packages MessagePack alone",
  {
    skip: onlyOnNode,
  },
  async () => {
    const all = BROWSER_ENTRIES.map((entry) => `export * from "./${entry}";`);
    const { metafile } = await built(all.join("\n"));
    const inputs = Object.keys(metafile.inputs);
    const packages = inputs.flatMap((path) =>
      path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []
    );
    assertEquals([...new Set(packages)], ["@msgpack/msgpack"]);
    const outside = Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ external }) => external);
    assertEquals(outside, []);
    assert(inputs.includes("src/zmq/stdio.browser.ts"));
    assert(!inputs.includes("src/zmq/stdio.ts"));
  },
);

test(
  `SocketManager and the engine are at most ${LIMIT_KIB} KiB, minified and compressed by gzip`,
  {
    skip: onlyOnNode,
  },
  async () => {
    const { outputFiles } = await built(PROGRAM);
    const sizes = outputFiles.map(({ contents }) => gzipSync(contents).length);
    const size = sizes.reduce((sum, one) => sum + one, 0);
    assert(size <= LIMIT_KIB * 1024, `${(size / 1024).toFixed(1)} KiB`);
  },
);
