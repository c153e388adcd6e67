/**
 * Layer: cli. Formats the logs of steps as lines. Any program that reaches the
 * event port can send arbitrary data; each message must be printed as one line.
 *
 * @module
 */
import { levelNumber, type LogRecord, readLog } from "../manager/mod.ts";
import { escaped, jsonText } from "./escape.ts";

/** A received record. */
interface ReceivedRecord extends LogRecord {
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
  /** This level and higher ones. */
  readonly level: Level;
  /** Only this job, or the jobs of this flow. */
  readonly job?: string;
}

/** Whether to print a record. Other data has no level and no job: it is printed unless the filter has one of these. */
export function isWanted(data: unknown, { level, job }: LogFilter): boolean {
  if (!isRecord(data)) return level === "trace" && job === undefined;
  if (data.level < levelNumber(level)) return false;
  const { jobId: id } = data;
  return job === undefined || id === job ||
    (typeof id === "string" && id.startsWith(`${job}.`));
}

function isRecord(data: unknown): data is ReceivedRecord {
  const { level, msg, args } = Object(data) as Partial<ReceivedRecord>;
  return typeof level === "number" && typeof msg === "string" &&
    (args === undefined || Array.isArray(args));
}

/** A record as one line of text. */
export function logText(data: unknown): string {
  try {
    if (isRecord(data)) return recordText(data);
  } catch {
    // The format is invalid: the record is printed as JSON.
  }
  return `not a log record: ${jsonText(data)}`;
}

function recordText(line: ReceivedRecord): string {
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
