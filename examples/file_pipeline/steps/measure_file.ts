/**
 * Example: the file pipeline. Its first step determines the size of a file.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { defineStep, NonRetryableError } from "@agentzero/agentzero/pipeline";

/** What is submitted for each file. */
export interface FileToHash {
  /** An absolute path. */
  readonly path: string;
  /** The folder in which its checksum is to be written. */
  readonly into: string;
}

/** What the next step gets. */
export interface MeasuredFile extends FileToHash {
  readonly sizeBytes: number;
}

/** The step. */
export const measureFile = defineStep(
  "measure-file",
  async (file: FileToHash): Promise<MeasuredFile> => {
    try {
      const { size: sizeBytes } = await stat(file.path);
      return { ...file, sizeBytes };
    } catch (error) {
      // A missing file will not come back, so there is no point in retrying.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new NonRetryableError("The file no longer exists");
    }
  },
);
