/**
 * Layer: cli. Reads and writes files and stdin; what goes wrong names the file.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { CliError, messageOf, usageError } from "./errors.ts";

/** What is in a file, without the mark that Windows puts before UTF-8. */
export async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\ufeff/, "");
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Writes a file that must not be there yet. */
export async function writeNew(
  path: string,
  text: string,
  mode: number,
): Promise<void> {
  try {
    await writeFile(path, text, { mode, flag: "wx" });
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/** Removes a file that was written a moment ago. */
export async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The paths of the files in a folder, by name, but for hidden ones; `undefined` if it is none. */
export async function filesIn(path: string): Promise<string[] | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => join(path, name)).sort();
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Whether there is something at a path; one that cannot be looked at counts as there, and reading it says why. */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error) => (error as { code?: string }).code !== "ENOENT",
  );
}

/** Whether other users of the machine may read a file; Windows does not say. */
export async function isPublic(path: string): Promise<boolean> {
  if (process.platform === "win32") return false;
  return await stat(path).then(({ mode }) => (mode & 0o044) !== 0, () => false);
}

/** The bytes of a file as they come; of stdin, where there is no path. */
export async function* chunksOf(
  path: string | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (path === undefined) {
    for await (const chunk of process.stdin) yield chunk as Uint8Array;
    return;
  }
  try {
    for await (const chunk of createReadStream(path)) yield chunk;
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** All of stdin. */
export async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  const blob = new Blob(chunks as Uint8Array<ArrayBuffer>[]);
  return await blob.text();
}

/**
 * A value that was given as JSON, as `@file`, or as `-` for stdin; `null` where
 * nothing was given.
 *
 * @throws {CliError} `ERR_CLI_USAGE`, `ERR_CLI_FILE`.
 */
export async function readJson(given: string | undefined): Promise<unknown> {
  if (given === undefined) return null;
  const text = given === "-"
    ? await readStdin()
    : given.startsWith("@")
    ? await readText(given.slice(1))
    : given;
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = given === "-"
      ? "The text on stdin"
      : given.startsWith("@")
      ? `"${given.slice(1)}"`
      : `'${given}'`;
    const hint = isJson(text.split("\n", 1)[0]!)
      ? "to submit each line as a flow, use --lines"
      : `a text needs quotes: '"text"'`;
    throw usageError(`${where} is no JSON (${messageOf(error)}); ${hint}`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Why a file cannot be read or written, for the end of a sentence. */
export function reasonOf(verb: "read" | "write", cause: unknown): string {
  const { code, name } = Object(cause) as { code?: string; name?: string };
  if (name === "NotCapable") return `Deno needs --allow-${verb}`;
  if (code === "ERR_ACCESS_DENIED") return `Node needs --allow-fs-${verb}`;
  return REASONS[code ?? ""] ?? messageOf(cause);
}

function fileError(
  verb: "read" | "write",
  path: string,
  cause: unknown,
): CliError {
  return new CliError(
    "ERR_CLI_FILE",
    `Cannot ${verb} "${path}": ${reasonOf(verb, cause)}`,
    cause,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  EEXIST: "it is there already",
};
