/**
 * Test support. What handlers did, written by themselves, outside of the system
 * that is tested: a file for each process, a line for each beginning and end,
 * each appended with one call. What is written survives `kill -9`.
 *
 * @module
 */
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { JobContext } from "@agentzero/agentzero/pipeline";
import type { Execution } from "./evidence.ts";
import type { Recorder } from "./flows.ts";

interface Line {
  readonly what: "begin" | "end";
  readonly job: string;
  readonly attempt: number;
  readonly step: string;
  readonly at: number;
  readonly hasFailed?: boolean;
}

/** An execution that may still come to its end. */
type Open = { -readonly [K in keyof Execution]: Execution[K] };

const ENDING = ".activity";

/** Writes the activity log of a process. */
export class ActivityWriter implements Recorder, Disposable {
  readonly process: string;
  readonly #file: number;

  /** @param dir Where all activity logs of a run are. */
  constructor(dir: string, process: string) {
    this.process = process;
    this.#file = openSync(join(dir, process + ENDING), "a");
  }

  /** A handler begins. */
  begin(step: string, { id: job, attempt }: JobContext): void {
    this.#write({ what: "begin", job, attempt, step, at: Date.now() });
  }

  /** A handler comes to its end. */
  end(
    step: string,
    { id: job, attempt }: JobContext,
    hasFailed: boolean,
  ): void {
    this.#write({ what: "end", job, attempt, step, at: Date.now(), hasFailed });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

/** Everything that handlers did in a run. */
export function readActivities(dir: string): Execution[] {
  return readdirSync(dir).filter((name) => name.endsWith(ENDING)).flatMap(
    (name) =>
      readActivity(
        readFileSync(join(dir, name), "utf8"),
        name.slice(0, -ENDING.length),
      ),
  );
}

/** What the handlers of one process did. */
export function readActivity(text: string, process: string): Execution[] {
  const all: Execution[] = [];
  const open = new Map<string, Open[]>();
  // A process that was killed may have left half a line, its last.
  const lines = text.split("\n").slice(0, -1).map((line) =>
    JSON.parse(line) as Line
  );
  for (const { what, job, attempt, step, at, hasFailed } of lines) {
    const key = `${job} ${attempt}`;
    if (what === "begin") {
      const execution: Open = { job, attempt, step, process, begin: at };
      all.push(execution);
      open.set(key, [...open.get(key) ?? [], execution]);
      continue;
    }
    const one = open.get(key)?.shift();
    if (one === undefined) {
      throw new Error(`${process} ended ${key}, which it had not begun`);
    }
    one.end = at;
    one.hasFailed = hasFailed;
  }
  return all;
}

/** Notes a line for the analysis of a failed run. */
export function note(dir: string, data: object): void {
  appendFileSync(join(dir, "driver.ndjson"), `${JSON.stringify(data)}\n`);
}
