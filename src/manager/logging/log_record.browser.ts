/**
 * Layer: manager, logging. Log records in a browser: what formats them is loaded
 * with the first one.
 *
 * @module
 */
import type {
  LogInput,
  LogRecord,
  toLogRecord as Convert,
} from "./log_record.ts";

export type { LogInput, LogRecord };

let convert: typeof Convert | undefined;
let loading: Promise<void> | undefined;

/** Converts a logged record to a published one; once it is loaded, at once. */
export function toLogRecord(
  ...args: Parameters<typeof Convert>
): LogRecord | Promise<LogRecord> {
  if (convert !== undefined) return convert(...args);
  loading ??= import("./log_record.ts").then((loaded) => {
    convert = loaded.toLogRecord;
  });
  // Each waits for the same promise, so they keep their order.
  return loading.then(() => convert!(...args));
}
