/**
 * Layer: cli. `agentzero keygen`: generates keys for CURVE.
 *
 * @module
 */
import { type Command, Option } from "commander";
import process from "node:process";
import {
  type CurveKeyPair,
  curveKeyPair,
  formatCertificate,
} from "../../zmq/mod.ts";
import { describe } from "../command.ts";
import { usageError } from "../cli_error.ts";
import { remove, writeNew } from "../files.ts";
import type { Shell } from "../shell.ts";

type Format = "json" | "zpl";

interface Flags {
  readonly out?: string;
  readonly format: Format;
  readonly showSecret?: boolean;
}

/** The command. */
export function keygenCommand(command: Command, shell: Shell): Command {
  return describe(command, {
    details:
      `Generates a key pair for CURVE. With --out, the pair is written to a file that
only you can read (on Windows the folder decides who can), and the public key to
a second file that ends in .pub, and to stdout. Files that exist are not
overwritten. Without --out, the pair is printed, unless stdout is a terminal.

With --format zpl the files are certificates as CZMQ, pyzmq and rsyslog keep
them: --out feed.cert writes the public key to feed.cert, and the pair, which
only you can read, to feed.cert_secret.`,
    examples: [
      "keygen --out pipeline.key",
      "keygen --format zpl --out feed.cert",
      "keygen | vault kv put secret/pipeline -",
    ],
  })
    .option("--out <file>", "write the pair to this file")
    .addOption(
      new Option("--format <format>", "the format of the files")
        .choices(["json", "zpl"]).default("json"),
    )
    .option(
      "--show-secret",
      "print the secret key even if stdout is a terminal",
    )
    .action((flags: Flags) => generate(shell, flags));
}

async function generate(
  shell: Shell,
  { out, format, showSecret }: Flags,
): Promise<void> {
  const { publicKey, secretKey } = curveKeyPair();
  const pair = { publicKey, secretKey };
  if (out !== undefined) {
    if (showSecret === true) {
      throw usageError(
        "--out and --show-secret exclude each other: the secret key goes to the file only",
      );
    }
    return await writePair(shell, pair, filesOf(pair, out, format));
  }
  if (shell.isTerminal && showSecret !== true) {
    throw usageError(
      "The secret key would be shown on the terminal: use --out <file>, or --show-secret",
    );
  }
  const text = format === "zpl"
    ? formatCertificate(pair).trimEnd()
    : jsonOf(pair);
  await shell.print(text, pair);
}

/** A file to be written: its path and its text. */
interface KeyFile {
  readonly path: string;
  readonly text: string;
}

/** The file that has both keys, and the one for others. */
interface KeyFiles {
  readonly secret: KeyFile;
  readonly public: KeyFile;
}

function filesOf(pair: CurveKeyPair, out: string, format: Format): KeyFiles {
  const { publicKey } = pair;
  if (format === "zpl") {
    return {
      secret: { path: `${out}_secret`, text: formatCertificate(pair) },
      public: { path: out, text: formatCertificate({ publicKey }) },
    };
  }
  return {
    secret: { path: out, text: `${jsonOf(pair)}\n` },
    public: { path: `${out}.pub`, text: `${publicKey}\n` },
  };
}

function jsonOf(pair: CurveKeyPair): string {
  return JSON.stringify(pair, null, 2);
}

async function writePair(
  shell: Shell,
  { publicKey }: CurveKeyPair,
  files: KeyFiles,
): Promise<void> {
  const file = files.secret.path;
  const publicFile = files.public.path;
  await writeNew(file, files.secret.text, 0o600);
  try {
    await writeNew(publicFile, files.public.text, 0o644);
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
