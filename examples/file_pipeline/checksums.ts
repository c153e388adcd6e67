/**
 * Example: the file pipeline. The format of `sha256sum`, which `sha256sum -c`
 * reads: one line for each file. Names with a backslash or a line break are
 * escaped, and the line then begins with a backslash.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The line of a file, its end included. */
export function checksumLine(path: string, hash: string): string {
  const name = path
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `${name === path ? "" : "\\"}${hash}  ${name}\n`;
}

/** The name of the file that holds the line of one file, whatever the path looks like. */
export function partName(path: string): string {
  return `${createHash("sha256").update(path).digest("hex")}.sha256`;
}
