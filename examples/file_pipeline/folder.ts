/**
 * Example: the file pipeline. Lists the files to hash, and joins the results.
 *
 * @module
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { partName } from "./checksums.ts";

/** Folders that are skipped: large, and not part of the project. */
const SKIPPED = ["node_modules", ".git"];

/**
 * Lists the regular files in a folder and all folders below it, sorted.
 * Symbolic links are not followed.
 *
 * @param folder an absolute path
 * @param skipped further absolute paths that are left out
 */
export async function listFiles(
  folder: string,
  skipped: readonly string[],
): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (SKIPPED.includes(entry.name) || skipped.includes(path)) continue;
    if (entry.isDirectory()) files.push(...await listFiles(path, skipped));
    else if (entry.isFile()) files.push(path);
  }
  return files.sort();
}

/**
 * Writes one file of all checksum lines, in the order of `files`.
 *
 * @returns the files that have no line
 */
export async function joinParts(
  files: readonly string[],
  parts: string,
  out: string,
): Promise<string[]> {
  const done = new Set(await readdir(parts));
  const missing: string[] = [];
  const lines: string[] = [];
  for (const path of files) {
    const name = partName(path);
    if (done.has(name)) lines.push(await readFile(join(parts, name), "utf8"));
    else missing.push(path);
  }
  await writeFile(out, lines.join(""));
  return missing;
}
