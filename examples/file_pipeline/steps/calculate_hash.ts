/**
 * Example: the file pipeline. Its second step calculates the SHA-256 of a file.
 * Jobs carry the path of the file, not its content.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { defineStep } from "@agentzero/agentzero/pipeline";
import type { FileToHash, MeasuredFile } from "./measure_file.ts";

/** What the next step gets. */
export interface HashedFile extends FileToHash {
  /** In hexadecimal. */
  readonly hash: string;
}

/** The step. */
export const calculateHash = defineStep(
  "calculate-hash",
  async (
    { path, into, sizeBytes }: MeasuredFile,
    { progress, signal },
  ): Promise<HashedFile> => {
    const hash = createHash("sha256");
    let doneBytes = 0;
    // The signal stops it at once, however large the file is.
    for await (const chunk of createReadStream(path, { signal })) {
      hash.update(chunk);
      doneBytes += chunk.length;
      if (doneBytes < sizeBytes) progress(doneBytes / sizeBytes);
    }
    return { path, into, hash: hash.digest("hex") };
  },
);
