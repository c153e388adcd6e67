/**
 * Layer: cli. Whether a module is the main module, for Node before 24.2, which
 * does not have `import.meta.main`.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** @param url The module's `import.meta.url`. */
export function isStarted(url: string): boolean {
  const [, started] = process.argv;
  if (started === undefined || !url.startsWith("file:")) return false;
  try {
    // `node cli` means cli.ts or cli.js; a link means the file behind it.
    const file = realpathSync(fileURLToPath(url));
    return [started, `${started}.ts`, `${started}.js`].some((path) =>
      realOf(path) === file
    );
  } catch {
    return false;
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
