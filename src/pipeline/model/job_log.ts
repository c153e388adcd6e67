/**
 * Layer: pipeline/model. What a job has logged, as a store keeps it: a log record
 * a line, as JSON text, and of each job the last lines only.
 *
 * @module
 */

/** How much of the log of a job is kept, in characters: some hundred lines. */
export const MAX_LOG_LENGTH = 32 * 1024;

/** The longest text in a line, in characters. */
const MAX_TEXT = 4000;
/** The longest fields of a line, as JSON, in characters. */
const MAX_FIELDS = 4000;

/** A log record that is kept with its job. */
export interface JobLogLine {
  /** The formatted message; at most 4,000 characters of it. */
  readonly msg: string;
  /** Python's level number: 10 debug, 20 info, 30 warning, 40 error, 50 critical. */
  readonly level: number;
  /** Time in UTC, ISO 8601, such as `2024-11-24T20:29:30.123Z`. */
  readonly time: string;
  /** The name of the logger: the job type. */
  readonly name: string;
  /** The worker that logged it. */
  readonly worker: string;
  /** The logged exception; absent if there is none. */
  readonly exception?: { readonly name: string; readonly message: string };
  /** Structured fields; absent if there are none, or more than 4,000 characters of JSON. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The text that {@link readJobLog} reads; `undefined` for what is no log record of a worker. */
export function jobLogText(record: unknown): string | undefined {
  const { msg, level, time, name, worker, exception, extra } = Object(
    record,
  ) as Record<string, unknown>;
  if (typeof msg !== "string" || typeof level !== "number") return undefined;
  if (typeof worker !== "string") return undefined;
  const error = Object(exception) as Record<string, unknown>;
  const line: JobLogLine = {
    msg: cut(msg),
    level,
    time: cut(time),
    name: cut(name),
    worker: cut(worker),
    exception: exception === undefined
      ? undefined
      : { name: cut(error.name), message: cut(error.message) },
    extra: JSON.stringify(extra ?? null).length > MAX_FIELDS
      ? undefined
      : extra as JobLogLine["extra"] ?? undefined,
  };
  return `${ascii(JSON.stringify(line))}\n`;
}

/** JSON text of ASCII only, which every store cuts at the same place, and anywhere. */
function ascii(json: string): string {
  return json.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The lines of a log, oldest first. */
export function readJobLog(text: string): JobLogLine[] {
  const lines = text.split("\n");
  lines.pop(); // what follows the last line
  // The first one may have lost its beginning.
  if (text.length >= MAX_LOG_LENGTH) lines.shift();
  return lines.map((line) => JSON.parse(line));
}

/** The end of a log that is kept. */
export function endOfLog(text: string): string {
  return text.length > MAX_LOG_LENGTH ? text.slice(-MAX_LOG_LENGTH) : text;
}

function cut(text: unknown): string {
  return String(text).slice(0, MAX_TEXT);
}
