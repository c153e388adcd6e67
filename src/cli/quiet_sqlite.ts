/**
 * Layer: cli. Node 22 and 24 warn of `node:sqlite` each time it is loaded. Whoever
 * asks for `--store` has chosen it: that one warning is left out, and no other.
 *
 * @module
 */
import process from "node:process";

/** Leaves the warning out while something runs. */
export async function withoutSqliteWarning<T>(
  run: () => Promise<T>,
): Promise<T> {
  const { emitWarning } = process;
  const filtered = function (this: unknown, ...args: unknown[]): void {
    const [warning, options] = args;
    const { name, type } = Object(
      typeof options === "string" ? { type: options } : options ?? warning,
    ) as { name?: unknown; type?: unknown };
    const isExperimental = (type ?? name) === "ExperimentalWarning";
    if (isExperimental && /\bSQLite\b/.test(String(warning))) return;
    Reflect.apply(emitWarning, process, args);
  };
  process.emitWarning = filtered as typeof emitWarning;
  try {
    return await run();
  } finally {
    process.emitWarning = emitWarning;
  }
}
