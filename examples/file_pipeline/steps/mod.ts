/**
 * Example: the file pipeline. Its steps, in order: each gets the result of the
 * previous one, which TypeScript checks.
 *
 * @module
 */
import { calculateHash } from "./calculate_hash.ts";
import { measureFile } from "./measure_file.ts";
import { writeResult } from "./write_result.ts";

/** The steps. */
export const steps = [measureFile, calculateHash, writeResult] as const;
