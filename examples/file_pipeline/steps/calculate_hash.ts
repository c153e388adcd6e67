/**
 * Example: the file pipeline. Its second step calculates the SHA-256 of a file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { runStep } from "../step.ts";
import type { FileToHash } from "./read_file.ts";

/** What the step gives to the next one. */
export interface HashToWrite {
  readonly path: string;
  /** In hexadecimal. */
  readonly hash: string;
}

await runStep<FileToHash, HashToWrite>(
  "calculate-hash",
  async ({ path, content }) => {
    const hash = createHash("sha256");
    for await (const chunk of content ? [content] : createReadStream(path)) {
      hash.update(chunk);
    }
    return { path, hash: hash.digest("hex") };
  },
);
