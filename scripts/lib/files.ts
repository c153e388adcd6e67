/**
 * Scripts. Finds files, the same on Deno, Node and Bun.
 *
 * @module
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Lists the files at `path`, a file or a folder, that end in one of `endings`.
 *
 * @param root the folder that the names are relative to
 * @param path a file or a folder below `root`; a missing one has no files
 * @returns sorted names with forward slashes
 */
export function filesIn(
  root: string,
  path: string,
  endings: readonly string[],
): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { recursive: true, encoding: "utf8" })
    .map((name) => `${path}/${name.replaceAll("\\", "/")}`)
    .filter((name) =>
      !name.includes("node_modules/") &&
      endings.some((ending) => name.endsWith(ending))
    )
    .sort();
}
