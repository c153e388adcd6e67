/**
 * Layer: cli. Reads and writes files and stdin; what goes wrong names the file.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { CliError, messageOf, usageError } from "./errors.ts";

/** What is in a file. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
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
      ? "What stands on stdin"
      : given.startsWith("@")
      ? `"${given.slice(1)}"`
      : `'${given}'`;
    throw usageError(
      `${where} is no JSON (${
        messageOf(error)
      }); a text needs quotes: '"text"'`,
    );
  }
}

function fileError(verb: string, path: string, cause: unknown): CliError {
  const { code } = Object(cause) as { code?: string };
  const reason = REASONS[code ?? ""] ?? messageOf(cause);
  return new CliError(
    "ERR_CLI_FILE",
    `Cannot ${verb} "${path}": ${reason}`,
    cause,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  EEXIST: "it is there already",
};
