/**
 * Builds the npm package `agentzero` into `npm/`, and `@agentzero/zeromq`, which
 * stands in for `zeromq`, into `npm/zeromq/`.
 *
 *     deno run -A scripts/build_npm.ts [version] [--engine=dnt|tsc]
 *
 * dnt (jsr:@deno/dnt) makes the declarations. Where JSR cannot be reached, the
 * TypeScript compiler makes the same from the same options. `lib/bundle.mjs`
 * makes the JavaScript. What is exported stands in deno.json, and so do the
 * versions of the dependencies.
 *
 * `agentzero` has ES modules only; `require()` of one works from Node 20.19 on.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import project from "../package.json" with { type: "json" };
import { buildZeromq } from "./lib/build_zeromq.ts";
import { bundle } from "./lib/bundle.mjs";
import { BROWSER_ENTRIES } from "./lib/browser_variants.mjs";
import { CHUNKS_WITH_EFFECTS } from "./lib/chunks.mjs";
import { filesIn } from "./lib/files.ts";
import { addressOf, metadataOf, withAbsoluteLinks } from "./lib/repository.ts";
import { importsOf } from "./lib/source_text.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const outDir = join(root, "npm");
const version = Deno.args.find((arg) => !arg.startsWith("--")) ??
  config.version;
const engine = Deno.args.find((arg) => arg.startsWith("--engine="))?.slice(9);

/** Packages that only those install who want what needs them. */
const OPTIONAL_PEERS = ["@opentelemetry/api", "pg", "sodium-native", "zeromq"];

/** What is imported by a name that no scan of the files finds. */
const UNSEEN = ["sodium-native"];

/** What stays in `npm/` from one build to the next, as it is tracked. */
const KEPT = [".gitignore"];

/** The folder of the package that stands in for zeromq. */
const ALIAS = "zeromq";

const CLI = "src/cli/bin.ts";

/** Where the JavaScript for browsers is. */
const BROWSER_DIR = "esm/browser";

const entryPoints = Object.entries(config.exports);
const bin = existsSync(join(root, CLI))
  ? { agentzero: emitted(CLI, "js") }
  : undefined;

/** The options of dnt; tsc gets its own from them. */
const options = {
  entryPoints: [
    ...entryPoints.map(([name, path]) => ({ kind: "export", name, path })),
    ...(bin ? [{ kind: "bin", name: "agentzero", path: `./${CLI}` }] : []),
  ],
  outDir: "./npm",
  shims: {},
  test: false, // scripts/verify_npm.mjs runs the tests on the packed package
  typeCheck: "single",
  declaration: "inline",
  scriptModule: false,
  skipSourceOutput: true,
  compilerOptions: {
    target: "ES2022", // `await using` is lowered for Node below 24
    lib: ["ES2023", "ESNext.Disposable"], // what Node 20 has
  },
  package: {
    name: "agentzero",
    version,
    devDependencies: { "@types/node": "^24.0.0" },
  },
};

/** The part of dnt that is used. */
interface Dnt {
  build(options: unknown): Promise<void>;
}

await clean(outDir, [...KEPT, ALIAS]);
await clean(join(outDir, ALIAS), []);
const dnt = await loadDnt();
if (dnt) await dnt.build(options);
else await buildWithTsc();
await clean(outDir, [...KEPT, ALIAS, "esm"]);
for (const file of filesIn(outDir, "esm", [".js", ".json"])) { // dnt's
  await Deno.remove(join(outDir, file));
}
await bundle(root, join(outDir, "esm"), options.entryPoints.map(nameOf));
await bundle(root, join(outDir, BROWSER_DIR), BROWSER_ENTRIES, "browser");
if (bin) await makeExecutable(join(outDir, bin.agentzero));
await Deno.copyFile(join(root, "LICENSE"), join(outDir, "LICENSE"));
await Deno.writeTextFile(
  join(outDir, "package.json"),
  JSON.stringify({ ...packageJson(), ...metadataOf(project) }, null, 2) + "\n",
);
await writeReadme("scripts/npm_readme.md", outDir);
await buildZeromq({
  root,
  common: { ...metadataOf(project), ...common() },
  dependencies: { "libsodium-wrappers": versionOf("libsodium-wrappers") },
  optionalPeers: { "sodium-native": versionOf("sodium-native") },
  compile: compileWithTsc,
});
await withoutTs("zeromq/lib");
await writeReadme("scripts/npm_zeromq_readme.md", join(outDir, ALIAS));
console.log(
  `[build] npm/ is agentzero ${version}, built with ${dnt ? "dnt" : "tsc"}`,
);

async function loadDnt(): Promise<Dnt | undefined> {
  if (engine === "tsc") return undefined;
  // A variable, so that no type checker goes to JSR for it.
  const specifier: string = config.imports["@deno/dnt"];
  try {
    return await import(specifier) as Dnt;
  } catch (error: unknown) {
    if (engine === "dnt") throw error;
    console.warn("[build] dnt cannot be loaded from JSR; tsc builds instead");
    return undefined;
  }
}

/** Where `./src/a.ts` is from the root: `src/a.ts`. */
function nameOf({ path }: { path: string }): string {
  return path.replace(/^\.\//, "");
}

/** Emits the declarations that dnt would with the options above. */
async function buildWithTsc(): Promise<void> {
  await compileWithTsc({
    compilerOptions: {
      ...options.compilerOptions,
      outDir: "./npm/esm",
      rootDir: ".",
      module: "nodenext",
      types: ["node"],
      strict: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      declaration: true,
      emitDeclarationOnly: true,
      isolatedModules: true,
      noEmitOnError: true,
      rewriteRelativeImportExtensions: true,
    },
    files: options.entryPoints.map(({ path }) => path),
  });
  await withoutTs("esm");
}

async function compileWithTsc(tsconfig: unknown): Promise<void> {
  const project = join(root, `tsconfig.${crypto.randomUUID()}.json`);
  await Deno.writeTextFile(project, JSON.stringify(tsconfig));
  try {
    const tsc = new Deno.Command("node", {
      args: ["node_modules/typescript/bin/tsc", "-p", project],
      cwd: root,
      stdout: "inherit",
      stderr: "inherit",
    });
    if (!(await tsc.output()).success) throw new Error("tsc found errors");
  } finally {
    await Deno.remove(project);
  }
}

/** tsc keeps `.ts` in the relative specifiers of declarations; dnt does not. */
async function withoutTs(folder: string): Promise<void> {
  for (const name of filesIn(outDir, folder, [".d.ts"])) {
    const file = join(outDir, name);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      text.replace(
        /((?:from|import\(|import)\s*"\.{1,2}\/[^"]+)\.ts"/g,
        '$1.js"',
      ),
    );
  }
}

/** Puts a readme into a package, where its links cannot be relative. */
async function writeReadme(file: string, folder: string): Promise<void> {
  const text = await Deno.readTextFile(join(root, file));
  await Deno.writeTextFile(
    join(folder, "README.md"),
    withAbsoluteLinks(text, file, addressOf(project)),
  );
}

/** Gives a command the first line that starts it, which tsc does not write and dnt does. */
async function makeExecutable(file: string): Promise<void> {
  const text = await Deno.readTextFile(file);
  if (!text.startsWith("#!")) {
    await Deno.writeTextFile(file, `#!/usr/bin/env node\n${text}`);
  }
}

/** Removes what is in a folder, except what is named; makes the folder. */
async function clean(folder: string, kept: readonly string[]): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for await (const entry of Deno.readDir(folder)) {
    if (!kept.includes(entry.name)) {
      await Deno.remove(join(folder, entry.name), { recursive: true });
    }
  }
}

/** What both packages have in their package.json. */
function common(): Record<string, unknown> {
  return {
    version,
    license: config.license,
    engines: { node: ">=20.19" },
  };
}

/** The modules that do something by being loaded, and the entry points, which import them. */
function modulesWithEffects(): string[] {
  return [
    ...CHUNKS_WITH_EFFECTS.flatMap((name) =>
      ["esm", BROWSER_DIR].map((dir) => `./${dir}/chunks/${name}.js`)
    ),
    ...entryPoints.flatMap(([, path]) => [
      ...Object.values(forBrowsers(path)),
      emitted(path, "js"),
    ]),
  ];
}

/** The condition of `exports` for browsers, if they have this entry point. */
function forBrowsers(path: string): { browser?: string } {
  const name = nameOf({ path });
  if (!BROWSER_ENTRIES.includes(name)) return {};
  return { browser: `./${BROWSER_DIR}/${name.replace(/\.ts$/, ".js")}` };
}

/** The package.json of the package: the same, whatever built the files. */
function packageJson(): Record<string, unknown> {
  const versions = dependencies();
  const peers = OPTIONAL_PEERS.filter((name) => name in versions);
  const entries = Object.entries(versions);
  const exports = entryPoints.map(([name, path]) => [
    name,
    {
      types: emitted(path, "d.ts"),
      ...forBrowsers(path),
      default: emitted(path, "js"),
    },
  ]);
  return {
    ...common(),
    name: options.package.name,
    type: "module",
    sideEffects: modulesWithEffects(),
    main: emitted(config.exports["."], "js"),
    types: emitted(config.exports["."], "d.ts"),
    exports: {
      ...Object.fromEntries(exports),
      "./package.json": "./package.json",
    },
    ...(bin ? { bin } : {}),
    files: ["esm"],
    dependencies: Object.fromEntries(
      entries.filter(([name]) => !peers.includes(name)),
    ),
    ...(peers.length > 0
      ? {
        peerDependencies: Object.fromEntries(
          entries.filter(([name]) => peers.includes(name)),
        ),
        peerDependenciesMeta: Object.fromEntries(
          peers.map((name) => [name, { optional: true }]),
        ),
      }
      : {}),
  };
}

/** The packages that the built files name, with the versions of deno.json. */
function dependencies(): Record<string, string> {
  const names = filesIn(outDir, "esm", [".js", ".d.ts"])
    .flatMap((file) => importsOf(Deno.readTextFileSync(join(outDir, file))))
    .map(({ specifier }) => specifier)
    .filter((specifier) => !/^(\.|node:)/.test(specifier))
    .map((specifier) => specifier.match(/^(@[^/]+\/)?[^/]+/)![0]);
  return Object.fromEntries(
    [...new Set([...names, ...UNSEEN])].sort()
      .map((name) => [name, versionOf(name)]),
  );
}

/** The version of a package in deno.json. */
function versionOf(name: string): string {
  const target = (config.imports as Record<string, string>)[name];
  if (!target?.startsWith("npm:")) {
    throw new Error(
      `Cannot ship "${name}": deno.json maps it to no npm package`,
    );
  }
  return target.slice(target.lastIndexOf("@") + 1);
}

/** Where `./src/a.ts` is in the package: `./esm/src/a.js`. */
function emitted(path: string, ending: "js" | "d.ts"): string {
  return `./esm/${path.replace(/^\.\//, "").replace(/\.ts$/, "")}.${ending}`;
}
