/**
 * Layer: cli. `agentzero keygen`: generates keys for CURVE.
 *
 * @module
 */
import type { Command } from "commander";
import process from "node:process";
import { curveKeyPair } from "../../zmq/mod.ts";
import { makeCommand } from "../command.ts";
import { usageError } from "../cli_error.ts";
import { remove, writeNew } from "../files.ts";
import type { Shell } from "../shell.ts";

interface Flags {
  readonly out?: string;
  readonly showSecret?: boolean;
}

/** The command. */
export function keygenCommand(shell: Shell): Command {
  return makeCommand({
    usage: "keygen",
    summary: "generate a key pair for CURVE",
    details:
      `Generates a key pair for CURVE. With --out, the pair is written to a file that
only you can read (on Windows the folder decides who can), and the public key to
a second file that ends in .pub, and to stdout. Files that exist are not
overwritten. Without --out, the pair is printed, unless stdout is a terminal.`,
    examples: [
      "keygen --out pipeline.key",
      "keygen | vault kv put secret/pipeline -",
    ],
  })
    .option("--out <file>", "write the pair to this file")
    .option(
      "--show-secret",
      "print the secret key even if stdout is a terminal",
    )
    .action((flags: Flags) => generate(shell, flags));
}

async function generate(
  shell: Shell,
  { out, showSecret }: Flags,
): Promise<void> {
  const { publicKey, secretKey } = curveKeyPair();
  const pair = { publicKey, secretKey };
  if (out !== undefined) {
    if (showSecret === true) {
      throw usageError(
        "--out and --show-secret exclude each other: the secret key goes to the file only",
      );
    }
    return await writePair(shell, pair, out);
  }
  if (shell.isTerminal && showSecret !== true) {
    throw usageError(
      "The secret key would be shown on the terminal: use --out <file>, or --show-secret",
    );
  }
  await shell.print(JSON.stringify(pair, null, 2), pair);
}

async function writePair(
  shell: Shell,
  pair: { readonly publicKey: string; readonly secretKey: string },
  file: string,
): Promise<void> {
  const { publicKey } = pair;
  const publicFile = `${file}.pub`;
  await writeNew(file, `${JSON.stringify(pair, null, 2)}\n`, 0o600);
  try {
    await writeNew(publicFile, `${publicKey}\n`, 0o644);
  } catch (error) {
    await remove(file); // half a pair would block the next attempt
    throw error;
  }
  if (process.platform === "win32") {
    await shell.warn(
      `Windows gives "${file}" the permissions of its folder: make sure that only you can read it`,
    );
  }
  await shell.print(publicKey, { publicKey, file, publicFile });
}
