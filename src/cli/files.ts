/**
 * Layer: cli. Reads and writes files and stdin; errors name the file.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { CliError, messageOf, usageError } from "./cli_error.ts";

/** The text of a file, without a byte order mark. */
export async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\ufeff/, "");
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Writes a file that must not exist yet. */
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

/** Removes a file, if it exists. */
export async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The paths of the files in a folder, sorted, without hidden ones; `undefined` if it is not a folder. */
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

/** Whether a path exists; also true if that cannot be determined: reading it then reports the error. */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error) => (error as { code?: string }).code !== "ENOENT",
  );
}

/** Whether other users of the machine may read a file; always false on Windows. */
export async function isPublic(path: string): Promise<boolean> {
  if (process.platform === "win32") return false;
  return await stat(path).then(({ mode }) => (mode & 0o044) !== 0, () => false);
}

/** The chunks of a file; without a path, of stdin. */
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
 * A value given as JSON, as `@file`, or as `-` for stdin; `null` if none was given.
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
      : `a string needs quotes: '"text"'`;
    throw usageError(
      `${where} is not valid JSON (${messageOf(error)}); ${hint}`,
    );
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
  EEXIST: "it already exists",
};
