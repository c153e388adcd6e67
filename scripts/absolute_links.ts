/**
 * Makes the relative links of Markdown files lead to the repository, as people
 * need them who have only the published package. It changes the files: it is for
 * the checkout from which a version is published.
 *
 *     node --import tsx scripts/absolute_links.ts REF FILE ...
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { addressOf, withAbsoluteLinks } from "./lib/repository.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [ref, ...paths] = process.argv.slice(2);
if (ref === undefined || paths.length === 0) {
  throw new Error("Needs a tag and the names of files");
}
const address = addressOf(
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
);
for (const path of paths) {
  const file = join(root, path);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, withAbsoluteLinks(text, path, address, ref));
}
