/**
 * Example: the file pipeline. Its last step writes the hash of a file, in the
 * format of `sha256sum`, into a file of its own. So writing
 * one twice does no harm, and workers need not wait for each other.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineStep } from "@agentzero/agentzero/pipeline";
import { checksumLine, partName } from "../checksums.ts";
import type { HashedFile } from "./calculate_hash.ts";

/** The step. */
export const writeResult = defineStep(
  "write-result",
  async ({ path, into, hash }: HashedFile): Promise<void> => {
    await writeFile(join(into, partName(path)), checksumLine(path, hash));
  },
);
