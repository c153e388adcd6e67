/**
 * Verifies the npm package that `build_npm.ts` has built: packs it, installs the
 * tarball in an empty project, and there checks
 *
 * - that it comes without zeromq, and asks for it where it is needed,
 * - that it comes without OpenTelemetry, and a pipeline works so,
 * - that esbuild, webpack, Vite, rollup and Bun bundle it so, and the bundles run,
 * - `require`, `import`, and every export, on Node, Bun and Deno,
 * - the snippets of its README, and
 * - its types under `nodenext` and `bundler`, its declarations included,
 * - its command, if it has one,
 * - the tests of this repository, run on the package instead of the sources:
 *   bundled once more, with what else they import as further entry points,
 * - the package that stands in for zeromq; see `lib/verify_zeromq.mjs`.
 *
 *     node --import tsx scripts/verify_npm.mjs [deno] [bun] [node] [node@24 ...] [part of a path]
 *
 * The last line is `N passed, N failed, N skipped`.
 *
 * @module
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle } from "./lib/bundle.mjs";
import { checkBundles } from "./lib/bundles.mjs";
import { snippetsIn } from "./lib/snippets.ts";
import { verifyZeromq } from "./lib/verify_zeromq.mjs";
import * as runtimes from "./runtimes.mjs";

const NAME = "agentzero";
/** Folders whose tests are not about what the package holds. */
const NOT_SHIPPED = ["tests/scripts", "tests/examples", "tests/bench"];

const root = fileURLToPath(new URL("..", import.meta.url));
const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const exported = Object.entries(
  JSON.parse(readFileSync(join(root, "deno.json"), "utf8")).exports,
);
const dir = mkdtempSync(join(tmpdir(), "agentzero-npm-"));
let failures = 0;
let skips = 0;
let counted = "";
/** The modules that tests import, other than the entry points. */
const imported = new Set();
try {
  const { filename, files, unpackedSize } = pack();
  console.log(
    `${filename}: ${files.length} files, ${
      (unpackedSize / 1024).toFixed(0)
    } KiB unpacked`,
  );
  install({ [NAME]: `file:./${filename}` });
  for (const name of ["zeromq", "@opentelemetry/api", "sodium-native"]) {
    check(
      `it comes without ${name}`,
      () => !existsSync(join(dir, "node_modules", name)),
    );
  }
  check(
    "it ships code, declarations, licence and readme alone",
    () => files.every(isExpected),
  );
  checkExports();
  checkWithoutZeromq();
  checkUntraced();
  checkBundles(join(dir, filename), check, skip);

  verifyZeromq({
    ...{ root, check, succeeds, npm, pick, runtimes },
    tarball: join(dir, filename),
    dir: join(dir, "alias"),
  });

  const tools = ["@types/node", "tsx", "typescript"];
  install({ ...pick(tools) });
  checkTypes();
  checkReadme();

  cpSync(
    join(root, "tests/support/std_assert"),
    join(dir, "tests/support/std_assert"),
    { recursive: true },
  );
  const {
    [NAME]: _self,
    "@std/assert": _stand_in,
    bun: _bun,
    deno: _deno,
    ...others
  } = own.devDependencies;
  install({
    ...others,
    ...pick(Object.keys(others)),
    "@std/assert": "file:./tests/support/std_assert",
  });
  await runTests(process.argv.slice(2));
} catch (error) {
  check(error.message, () => false);
} finally {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}
const [, passed, failed, skipped] =
  counted.match(/^(\d+) passed, (\d+) failed, (\d+) skipped$/) ?? [0, 0, 1, 0];
console.log(
  `${passed} passed, ${Number(failed) + failures} failed, ${
    Number(skipped) + skips
  } skipped`,
);
process.exitCode = Number(failed) + failures > 0 ? 1 : 0;

function check(what, isTrue) {
  const isGood = isTrue();
  if (!isGood) failures++;
  console.log(`${isGood ? "ok    " : "FAIL  "}${what}`);
}

function skip(what, reason) {
  skips++;
  console.log(`skip  ${what}: ${reason}`);
}

/** Runs a command in the project; on failure its output is shown. */
function succeeds(cmd, args, options = {}) {
  const r = spawnSync(cmd, args, {
    cwd: dir,
    encoding: "utf8",
    timeout: 120_000,
    ...options,
  });
  if (r.status !== 0) {
    console.log(
      `$ ${cmd} ${args.join(" ")}\n${r.stdout}${r.stderr}${r.error ?? ""}`,
    );
  }
  return r.status === 0;
}

function npm(args, options) {
  // On Windows npm is a batch file, which only a shell can start.
  return execFileSync("npm", args, {
    encoding: "utf8",
    shell: process.platform === "win32",
    ...options,
  });
}

function pack() {
  if (!existsSync(join(root, "npm/package.json"))) {
    throw new Error("npm/ is empty: run `npm run build` first");
  }
  const json = npm(["pack", "--json", "--pack-destination", dir], {
    cwd: join(root, "npm"),
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Object.values(JSON.parse(json))[0]; // by name since npm 12, an array before
}

function isExpected({ path }) {
  const isGood = /^(esm\/.+\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/
    .test(path);
  if (!isGood) console.log(`unexpected: ${path}`);
  return isGood;
}

/** The versions that this repository has installed, so that the same are tested. */
function pick(names) {
  return Object.fromEntries(names.map((name) => {
    const { version } = JSON.parse(
      readFileSync(join(root, "node_modules", name, "package.json"), "utf8"),
    );
    return [name, version];
  }));
}

function install(dependencies) {
  const file = join(dir, "package.json");
  const project = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { private: true, type: "module" };
  project.dependencies = { ...project.dependencies, ...dependencies };
  writeFileSync(file, JSON.stringify(project, null, 2));
  npm([
    "install",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--loglevel=error",
  ], { cwd: dir, stdio: "inherit" });
}

/** The name that an export has for users: "." is "agentzero". */
function publicName(key) {
  return key.replace(/^\./, NAME);
}

function checkExports() {
  const names = exported.map(([key]) => publicName(key));
  const list = JSON.stringify(names);
  writeFileSync(
    join(dir, "all.mjs"),
    `for (const name of ${list}) if (Object.keys(await import(name)).length === 0) throw new Error(name);`,
  );
  writeFileSync(
    join(dir, "all.cjs"),
    `for (const name of ${list}) if (Object.keys(require(name)).length === 0) throw new Error(name);`,
  );
  for (const name of ["node", "bun", "deno"]) {
    const { cmd, args } = runtimes[name]();
    const run = name === "deno" ? [...args, "run", "-A", "--no-lock"] : args;
    for (const file of ["all.mjs", "all.cjs"]) {
      const way = file.endsWith("mjs") ? "import" : "require";
      check(
        `${way} of ${names.join(", ")} on ${name}`,
        () => succeeds(cmd, [...run, file]),
      );
    }
  }
  const { bin = {} } = JSON.parse(
    readFileSync(join(dir, "node_modules", NAME, "package.json"), "utf8"),
  );
  for (const command of Object.keys(bin)) {
    const file = join("node_modules/.bin", command);
    const shell = process.platform === "win32";
    check(
      `${command} --version`,
      () => succeeds(file, ["--version"], { shell }),
    );
  }
}

/** On Node, where zeromq is not installed, the package says how to do it. */
function checkWithoutZeromq() {
  writeFileSync(
    join(dir, "native.mjs"),
    `import { loadNative } from "${NAME}/native";
     const error = await loadNative().catch((error) => error);
     if (error.code !== "ERR_NATIVE_NOT_INSTALLED") throw error;`,
  );
  check(
    `${NAME}/native asks for zeromq`,
    () => succeeds(process.execPath, ["native.mjs"]),
  );
}

/** A pipeline works where OpenTelemetry is not installed. */
function checkUntraced() {
  const file = "untraced_program.mjs";
  cpSync(join(root, "tests/pipeline/telemetry", file), join(dir, file));
  pointAtPackage(file);
  for (const name of ["node", "bun", "deno"]) {
    const { cmd, args } = runtimes[name]();
    const run = name === "deno" ? [...args, "run", "-A", "--no-lock"] : args;
    check(
      `a pipeline without OpenTelemetry on ${name}`,
      () => succeeds(cmd, [...run, file]),
    );
  }
}

function checkTypes() {
  // Every name that the entry points export is used as a value or as a type,
  // so that a declaration that cannot be found is an error.
  const lines = exported.map(([key], i) =>
    `import * as m${i} from "${publicName(key)}";\nexport { m${i} };`
  );
  writeFileSync(
    join(dir, "types.ts"),
    `${
      lines.join("\n")
    }\n// @ts-expect-error it is an object\nexport const wrong: number = m0;\n`,
  );
  const ways = [["--module", "nodenext"], [
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
  ]];
  for (const way of ways) {
    const tsc = join(dir, "node_modules/typescript/bin/tsc");
    const flags =
      "--noEmit --strict --target es2022 --lib es2023,esnext.disposable --types node"
        .split(" ");
    check(
      `types under ${way.at(-1)}`,
      () => succeeds(process.execPath, [tsc, ...flags, ...way, "types.ts"]),
    );
  }
}

function checkReadme() {
  const snippets = snippetsIn(
    "README.md",
    readFileSync(join(root, "npm/README.md"), "utf8"),
  );
  for (const { line, code } of snippets.filter(({ isRun }) => isRun)) {
    const file = `readme_${line}.ts`;
    writeFileSync(join(dir, file), code);
    const args = ["--import", "tsx", file];
    check(`README.md:${line}`, () => succeeds(process.execPath, args));
  }
}

async function runTests(wanted) {
  cpSync(join(root, "tests"), join(dir, "tests"), {
    recursive: true,
    filter: (path) =>
      !NOT_SHIPPED.includes(relative(root, path).replaceAll("\\", "/")),
  });
  cpSync(join(root, "scripts"), join(dir, "scripts"), { recursive: true });
  for (const name of readdirSync(join(dir, "tests"), { recursive: true })) {
    if (/\.(ts|mjs)$/.test(name)) pointAtPackage(join("tests", name));
  }
  const esm = join(dir, "node_modules", NAME, "esm");
  const entries = exported.map(([, path]) => path.replace("./", ""));
  await bundle(root, esm, [...new Set([...entries, ...imported])]);
  // Deno and Bun are those of this repository.
  for (const name of ["deno", "bun"]) {
    symlinkSync(
      join(root, "node_modules", name),
      join(dir, "node_modules", name),
      "junction",
    );
  }
  writeFileSync(
    join(dir, "deno.json"),
    JSON.stringify({
      nodeModulesDir: "manual",
      lock: false,
      test: { sanitizeOps: true, sanitizeResources: true },
    }),
  );
  // The package is what is tested: "@std/assert" may well be the stand-in here.
  const r = spawnSync(process.execPath, ["scripts/test.mjs", ...wanted], {
    cwd: dir,
    encoding: "utf8",
    env: { ...process.env, JSR: "0" },
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  counted = r.stdout.trimEnd().split("\n").at(-1) ?? "";
  console.log(r.stdout.trimEnd().split("\n").slice(0, -1).join("\n"));
}

/** Makes a copied test import the package where it imported the sources. */
function pointAtPackage(file) {
  const here = dirname(join(root, file));
  const text = readFileSync(join(dir, file), "utf8");
  const isExported = (path) =>
    exported.find(([, target]) => resolve(root, target) === path);
  const changed = text
    .replace(/"(\.{1,2}\/[^"\n]*\.ts)"/g, (whole, specifier) => {
      const path = resolve(here, specifier);
      const entry = isExported(path);
      if (entry) return `"${publicName(entry[0])}"`;
      const inside = relative(join(root, "src"), path).replaceAll("\\", "/");
      if (inside.startsWith("..")) return whole;
      imported.add(`src/${inside}`);
      const target = join(
        dir,
        "node_modules",
        NAME,
        "esm/src",
        inside.replace(/\.ts$/, ".js"),
      );
      return `"${
        relative(dirname(join(dir, file)), target).replaceAll("\\", "/")
      }"`;
    })
    .replaceAll(`"${own.name}`, `"${NAME}`);
  writeFileSync(join(dir, file), changed);
}
