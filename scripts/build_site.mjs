/**
 * Writes the API reference as a web site, one page for each symbol of each entry
 * point, from the docstrings.
 *
 *     npm run site        into docs/site/; open docs/site/index.html
 *     deno task site      the same
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { deno } from "./runtimes.mjs";

const FOLDER = "docs/site";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync(FOLDER, { recursive: true, force: true });
const entryPoints = Object.values(
  JSON.parse(readFileSync("deno.json", "utf8")).exports,
);
const { cmd, args } = deno();
const { status } = spawnSync(
  cmd,
  [
    ...args,
    "doc",
    "--html",
    "--name=agentzero",
    `--output=${FOLDER}`,
    ...entryPoints,
  ],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
