/**
 * Example: the file pipeline. Its first step reads a file. A small one travels
 * on with the job; of a large one only the name, for the next step to stream.
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import { runStep } from "../step.ts";

const MAX_INLINE_BYTES = 1024 * 1024;

/** What the step is told. */
export interface FileToRead {
  /** An absolute path. */
  readonly path: string;
}

/** What it gives to the next one. */
export interface FileToHash {
  readonly path: string;
  /** What is in the file; absent if that is much. */
  readonly content?: Uint8Array;
}

await runStep<FileToRead, FileToHash>("read-file", async ({ path }) => {
  const { size } = await stat(path);
  if (size > MAX_INLINE_BYTES) return { path };
  return { path, content: await readFile(path) };
});
