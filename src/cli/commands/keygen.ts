/**
 * Layer: cli. `agentzero keygen`: makes keys for CURVE.
 *
 * @module
 */
import type { Command } from "commander";
import { curveKeyPair } from "../../zmq/mod.ts";
import { makeCommand } from "../command.ts";
import { usageError } from "../errors.ts";
import { writeNew } from "../files.ts";
import type { Shell } from "../shell.ts";

interface Flags {
  readonly out?: string;
  readonly showSecret?: boolean;
}

/** The command. */
export function keygenCommand(shell: Shell): Command {
  return makeCommand({
    usage: "keygen",
    summary: "make a pair of keys for CURVE",
    details:
      `Makes a pair of keys for CURVE. With --out, the pair is written to a file that
only you can read, the public key to another beside it that ends in .pub, and
is printed; files that are there stay as they are. Without --out, the pair goes
to stdout, unless that is a terminal.`,
    examples: [
      "keygen --out pipeline.key",
      "keygen | vault kv put secret/pipeline -",
    ],
  })
    .option("--out <file>", "write the pair to this file")
    .option("--show-secret", "print the secret key to a terminal, too")
    .action(async ({ out, showSecret }: Flags) => {
      const { publicKey, secretKey } = curveKeyPair();
      const pair = { publicKey, secretKey };
      if (out === undefined) {
        if (shell.isTerminal && showSecret !== true) {
          throw usageError(
            "The secret key is not for a terminal: use --out <file>, or --show-secret",
          );
        }
        return await shell.print(JSON.stringify(pair, null, 2), pair);
      }
      if (showSecret === true) {
        throw usageError("With --out the secret key is in the file alone");
      }
      await writeNew(out, `${JSON.stringify(pair, null, 2)}\n`, 0o600);
      await writeNew(`${out}.pub`, `${publicKey}\n`, 0o644);
      await shell.print(publicKey, {
        publicKey,
        file: out,
        publicFile: `${out}.pub`,
      });
    });
}
