/**
 * Builds the npm package `@agentzero/zeromq` into `npm/zeromq/`: what stands in
 * for `zeromq` under that name, by an alias or `overrides`.
 *
 * It is CommonJS, with ES modules that re-export it: such a library may be
 * loaded by `require`, by `import`, and by Jest, which has no `require` of ES
 * modules before Node 24.9. It has the engine with it; the default context is
 * shared by all copies of a release, see `src/zmq/engine/context.ts`.
 *
 * @module
 */
import { join } from "node:path";

/** An entry of the package. */
interface Entry {
  /** As in `zeromq/draft`; `index` is the package itself. */
  readonly name: string;
  /** Its module in `src/zmq`, without the ending. */
  readonly module: string;
}

const ENTRIES: readonly Entry[] = [
  { name: "index", module: "zeromq/mod" },
  { name: "draft", module: "zeromq/draft" },
  { name: "v5-compat", module: "v5/mod" },
];

/** What the build is given. */
export interface Build {
  /** The folder of the checkout. */
  readonly root: string;
  /** What package.json has in common with that of `agentzero`. */
  readonly common: Readonly<Record<string, unknown>>;
  /** By package, as in deno.json. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Likewise, those that only those install who want what needs them. */
  readonly optionalPeers: Readonly<Record<string, string>>;
  /** Compiles a project. */
  compile(tsconfig: unknown): Promise<void>;
}

/** Builds the package. */
export async function buildZeromq(build: Build): Promise<void> {
  const { root, common, dependencies, optionalPeers } = build;
  const outDir = join(root, "npm/zeromq");
  await build.compile({
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2023", "ESNext.Disposable"],
      outDir: join(outDir, "lib"),
      rootDir: join(root, "src"),
      module: "commonjs",
      moduleResolution: "bundler",
      esModuleInterop: true,
      types: ["node"],
      strict: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      declaration: true,
      noEmitOnError: true,
      rewriteRelativeImportExtensions: true,
    },
    files: ENTRIES.map(({ module }) => join(root, `src/zmq/${module}.ts`)),
  });
  for (const entry of ENTRIES) {
    await writeEntry(outDir, entry, await namesOf(root, entry));
  }
  await Deno.copyFile(join(root, "LICENSE"), join(outDir, "LICENSE"));
  await Deno.writeTextFile(
    join(outDir, "package.json"),
    JSON.stringify(
      {
        ...common,
        name: "@agentzero/zeromq",
        description:
          "Stands in for zeromq 6 under its name: the same API in TypeScript, for Node, Deno and Bun.",
        type: "commonjs",
        main: "./index.js",
        types: "./index.d.ts",
        exports: {
          ...Object.fromEntries(ENTRIES.map(({ name }) => [
            name === "index" ? "." : `./${name}`,
            {
              import: { types: `./${name}.d.mts`, default: `./${name}.mjs` },
              require: { types: `./${name}.d.ts`, default: `./${name}.js` },
            },
          ])),
          "./package.json": "./package.json",
        },
        files: ["lib", "*.js", "*.mjs", "*.d.ts", "*.d.mts"],
        dependencies,
        peerDependencies: optionalPeers,
        peerDependenciesMeta: Object.fromEntries(
          Object.keys(optionalPeers).map((name) => [name, { optional: true }]),
        ),
      },
      null,
      2,
    ) + "\n",
  );
}

/** The values that a module's default has. */
async function namesOf(root: string, { module }: Entry): Promise<string[]> {
  const url = new URL(`file://${join(root, `src/zmq/${module}.ts`)}`).href;
  return Object.keys((await import(url) as { default: object }).default);
}

async function writeEntry(
  outDir: string,
  { name, module }: Entry,
  names: readonly string[],
): Promise<void> {
  // The default has the types, too: `zmq.Router` is one.
  const declarations =
    `export * from "./lib/zmq/${module}.js";\nimport * as all from "./lib/zmq/${module}.js";\nexport default all;\n`;
  const files = {
    [`${name}.js`]: `"use strict";
const all = { ...require("./lib/zmq/${module}.js").default };
// As zeromq has it; the default is for compiled default imports, and none of the names.
Object.defineProperty(all, "__esModule", { value: true });
Object.defineProperty(all, "default", { value: all });
module.exports = all;
`,
    [`${name}.mjs`]:
      `import all from "./${name}.js";\nexport default all;\nexport const {\n${
        names.map((one) => `  ${one},\n`).join("")
      }} = all;\n`,
    [`${name}.d.ts`]: declarations,
    [`${name}.d.mts`]: declarations,
  };
  for (const [file, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(outDir, file), text);
  }
}
