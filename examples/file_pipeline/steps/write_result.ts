/**
 * Example: the file pipeline. Its last step writes the hash of a file, in the
 * format of `sha256sum`, into a file of its own. So it does no harm to write
 * one twice, and no worker has to wait for another.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checksumLine, partName } from "../checksums.ts";
import { runStep } from "../step.ts";
import type { HashToWrite } from "./calculate_hash.ts";

await runStep<HashToWrite, { path: string }>(
  "write-result",
  async ({ path, hash }, { args: [folder = "."] }) => {
    await writeFile(join(folder, partName(path)), checksumLine(path, hash));
    return { path };
  },
);
