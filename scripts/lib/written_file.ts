/**
 * Scripts. A file of the repository that a script writes: written, or with
 * `--check` compared with what it would be now.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

/** Whether files are only compared. */
export const isCheck: boolean = process.argv.includes("--check");

/**
 * Writes a file, or compares it, and says what it came to. The process ends with
 * 1 if the file is not up to date.
 *
 * @param file where it is
 * @param text what it is to contain
 * @param command what writes it, for who has to
 */
export function writeOrCheck(
  file: string,
  text: string,
  command: string,
): void {
  if (!isCheck) {
    writeFileSync(file, text);
    return console.log(`${file} is written.`);
  }
  if (readFileSync(file, "utf8") === text) {
    return console.log(`${file} is up to date.`);
  }
  console.error(`${file} is out of date: run ${command}.`);
  process.exitCode = 1;
}
