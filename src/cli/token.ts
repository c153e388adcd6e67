/**
 * Layer: cli. The token of a pipeline on loopback, from a file or a variable.
 *
 * @module
 */
import type { Command } from "commander";
import process from "node:process";
import { variableValue } from "./environment.ts";
import { CliError } from "./cli_error.ts";
import { exists, readText, writeNew } from "./files.ts";
import type { Shell } from "./shell.ts";

/** The options for a token. */
export interface TokenFlags {
  readonly tokenFile?: string;
}

const FORM = /^[\x21-\x7e]{16,255}$/;

/** Adds the option of a client. */
export function addToken(command: Command): Command {
  return command.option(
    "--token-file <file>",
    "the file with the token of a pipeline on this machine (env: AGENTZERO_TOKEN has the token itself)",
  );
}

/** Adds the option of a pipeline, which creates the file. */
export function addOwnToken(command: Command): Command {
  return command.option(
    "--token-file <file>",
    "the file with the token that steps and clients of this machine must have; created with a random token if it does not exist (env: AGENTZERO_TOKEN has the token itself)",
  );
}

/**
 * The token to connect with; `undefined` without any.
 *
 * @throws {CliError} `ERR_CLI_FILE`.
 */
export async function tokenOf(
  { tokenFile }: TokenFlags,
): Promise<string | undefined> {
  if (tokenFile === undefined) return variableValue("TOKEN");
  const token = (await readText(tokenFile)).trim();
  if (FORM.test(token)) return token;
  throw new CliError(
    "ERR_CLI_FILE",
    `Cannot use "${tokenFile}": expected a token of 16 to 255 visible ASCII characters, and nothing else`,
  );
}

/**
 * The token of a pipeline; its file is created if it does not exist.
 *
 * @throws {CliError} `ERR_CLI_FILE`.
 */
export async function ownTokenOf(
  shell: Shell,
  flags: TokenFlags,
): Promise<string | undefined> {
  const { tokenFile } = flags;
  if (tokenFile !== undefined && !await exists(tokenFile)) {
    await writeNew(tokenFile, `${randomToken()}\n`, 0o600).catch(
      async (error) => {
        // Another pipeline may have created it at the same time.
        if (!await exists(tokenFile)) throw error;
      },
    );
    await shell.note(`created a token in "${tokenFile}"`, {
      event: "token",
      file: tokenFile,
    });
    if (process.platform === "win32") {
      await shell.warn(
        `Windows gives "${tokenFile}" the permissions of its folder: make sure that only you can read it`,
      );
    }
  }
  return await tokenOf(flags);
}

/** 256 random bits, in letters, digits, `-` and `_`. */
function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}
