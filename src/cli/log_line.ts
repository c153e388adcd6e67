/**
 * Layer: cli. What steps log, as lines for people. Whoever reaches the port of
 * events can send anything; all of it must come out as one line.
 *
 * @module
 */
import { levelNumber, type LogRecord, readLog } from "../manager/mod.ts";
import { escaped, jsonText } from "./escape.ts";

/** A record as it arrives. */
interface Line extends LogRecord {
  readonly worker?: string;
  readonly jobId?: string;
}

/** The levels, from the least important to the most. */
export const LEVELS = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "critical",
] as const;

/** One of them. */
export type Level = typeof LEVELS[number];

/** Which records are printed. */
export interface LogFilter {
  /** This level, and those above it. */
  readonly level: Level;
  /** Only of this job, or of the jobs of this flow. */
  readonly job?: string;
}

/** Whether a record is to be printed. What is no record has no level and no job: it is, unless these are asked for. */
export function isWanted(data: unknown, { level, job }: LogFilter): boolean {
  if (!isLine(data)) return level === "trace" && job === undefined;
  if (data.level < levelNumber(level)) return false;
  const { jobId: id } = data;
  return job === undefined || id === job ||
    (typeof id === "string" && id.startsWith(`${job}.`));
}

function isLine(data: unknown): data is Line {
  const { level, msg, args } = Object(data) as Partial<Line>;
  return typeof level === "number" && typeof msg === "string" &&
    (args === undefined || Array.isArray(args));
}

/** A record as one line of text. */
export function logText(data: unknown): string {
  try {
    if (isLine(data)) return recordText(data);
  } catch {
    // A format that cannot be filled in: the record is shown as it is.
  }
  return `not a log record: ${jsonText(data)}`;
}

function recordText(line: Line): string {
  const { time, level, name, jobId: id, exception, extra } = line;
  const { text } = readLog(line);
  const about = exception && !text.includes(exception.message)
    ? ` (${exception.name}: ${exception.message})`
    : "";
  const fields = extra === undefined ? "" : ` ${JSON.stringify(extra)}`;
  return escaped(
    `${time} ${levelName(level)} ${name} ${id ?? "-"} ${text}${about}${fields}`,
  );
}

function levelName(number: number): string {
  const name = LEVELS.find((one) => levelNumber(one) === number);
  return (name?.toUpperCase() ?? String(number)).padEnd(8);
}
