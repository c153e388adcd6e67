/**
 * Layer: cli. Loads a module of the user.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { CliError, codeOf, messageOf } from "./cli_error.ts";
import { reasonOf } from "./files.ts";

/** The codes of Node's errors for TypeScript that it cannot load. */
const NO_TYPESCRIPT = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
]);

/**
 * Loads a module.
 *
 * @param path A file, or a URL such as `jsr:@scope/flows` if the runtime supports it.
 * @throws {CliError} `ERR_CLI_MODULE`.
 */
export async function loadModule(
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(await moduleUrl(path));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const isUnread = NO_TYPESCRIPT.has(codeOf(cause)) &&
      /\.[cm]?tsx?\b/.test(messageOf(cause)) && isNode();
    const reason = isUnread ? noTypeScript() : messageOf(cause);
    throw unusable(`Cannot load "${path}": ${reason}`, cause);
  }
}

/** The error of a module that cannot be used. */
export function unusable(message: string, cause?: unknown): CliError {
  return new CliError("ERR_CLI_MODULE", message, cause);
}

/**
 * The URL of a module.
 *
 * @throws {CliError} `ERR_CLI_MODULE` if there is no such file.
 */
export async function moduleUrl(path: string): Promise<string> {
  if (/^[a-z][a-z+.-]+:/i.test(path)) return path; // not a Windows drive, which has one letter
  const file = resolve(path);
  try {
    await stat(file); // access() needs more permissions on Deno
  } catch (cause) {
    const reason = codeOf(cause) === "ENOENT"
      ? "no such file"
      : reasonOf("read", cause);
    throw unusable(`Cannot load "${path}": ${reason}`, cause);
  }
  return pathToFileURL(file).href;
}

function isNode(): boolean {
  return !("Deno" in globalThis) && !("Bun" in globalThis);
}

function noTypeScript(): string {
  return `Node ${process.versions.node} cannot load this TypeScript. ` +
    `Node 22.18 and later load TypeScript with erasable syntax; otherwise ` +
    `npm install tsx, and set NODE_OPTIONS="--import tsx"`;
}
