/**
 * Writes `src/pipeline/http/page/assets.ts`: the files of the dashboard's page
 * as strings, so that JSR and npm can serve them without a file system. Their
 * types are checked with the browser's, which nothing else here may see.
 *
 *     node --import tsx scripts/build_page.ts           writes it
 *     node --import tsx scripts/build_page.ts --check   checks whether it is up to date
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isCheck, writeOrCheck } from "./lib/written_file.ts";

const FOLDER = "src/pipeline/http/page";
const FILE = `${FOLDER}/assets.ts`;
const COMMAND = "deno task page";

/** What is not asked for by its name. */
const PAGES = new Map([["INDEX", "index.html"], ["LOGIN", "login.html"]]);
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The whole text of the module. */
export function assetsModule(read: (path: string) => string): string {
  const { version } = JSON.parse(read("deno.json")) as { version: string };
  const names = readdirSync(FOLDER).sort();
  const assets = names.map((name) => {
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
    if (type === undefined) return "";
    const text = read(`${FOLDER}/${name}`);
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
    return `  [${JSON.stringify(name)}, {
    type: ${JSON.stringify(type)},
    hash: "${hash}",
    text: ${JSON.stringify(text)},
  }],
`;
  });
  return `// deno-fmt-ignore-file
/**
 * Layer: pipeline/http. The files of the page, and the version that they are
 * of. Written by \`${COMMAND}\` from the files beside it; do not edit.
 *
 * @module
 */

/** The version of agentzero. */
export const VERSION = ${JSON.stringify(version)};

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly hash: string;
  readonly text: string;
}

/** The files, by name. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
${assets.join("")}]);
${
    [...PAGES].map(([name, file]) =>
      `\n/** \`${file}\`. */\nexport const ${name} = ${
        JSON.stringify(read(`${FOLDER}/${file}`))
      };\n`
    ).join("")
  }`;
}

/** Whether the scripts of the page have no errors of types. */
function hasGoodTypes(): boolean {
  const { status } = spawnSync(process.execPath, [
    "node_modules/typescript/bin/tsc",
    ...["--noEmit", "--strict", "--allowJs", "--checkJs"],
    ...["--noUncheckedIndexedAccess", "--types", ""],
    ...["--target", "es2022", "--lib", "es2022,es2024.string,dom,dom.iterable"],
    ...["--module", "esnext", "--moduleResolution", "bundler"],
    `${FOLDER}/main.js`,
  ], { stdio: "inherit" });
  return status === 0;
}

function main(): void {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const text = assetsModule((path) => readFileSync(path, "utf8"));
  writeOrCheck(FILE, text, COMMAND);
  if (isCheck && !hasGoodTypes()) process.exitCode = 1;
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  main();
}
