/**
 * Layer: cli. Suppresses the warning of Node 22 and 24 when `node:sqlite` is
 * loaded: with `--store` it is used on purpose. Other warnings are not affected.
 *
 * @module
 */
import process from "node:process";

/** Suppresses the warning while a function runs. */
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
