/**
 * Example: the file pipeline. Its steps in their order: each gets what the one
 * before it gives, and TypeScript holds them to it.
 *
 * @module
 */
import { calculateHash } from "./calculate_hash.ts";
import { measureFile } from "./measure_file.ts";
import { writeResult } from "./write_result.ts";

/** The steps. */
export const steps = [measureFile, calculateHash, writeResult] as const;
