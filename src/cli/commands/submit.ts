/**
 * Layer: cli. `agentzero submit`: submits a flow or many, and can wait for results.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { type Backoff, BACKOFFS } from "../../pipeline/model/records.ts";
import type { SubmitOptions } from "../../pipeline/mod.ts";
import { describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { usageError } from "../cli_error.ts";
import { jsonText } from "../escape.ts";
import { chunksOf, readJson } from "../files.ts";
import type { Shell } from "../shell.ts";
import { LineSubmitter } from "../submit_lines.ts";
import { duration, integer, PATIENCE_MS, positive } from "../values.ts";

interface Flags extends ConnectionFlags {
  readonly wait?: boolean;
  readonly lines?: boolean;
  readonly file?: string;
  readonly concurrency?: number;
  readonly id?: string;
  readonly key?: string;
  readonly delay?: number;
  readonly priority?: number;
  readonly jobTimeout?: number;
  readonly attempts?: number;
  readonly retryDelay?: number;
  readonly backoff?: Backoff;
}

/** How many lines are submitted at a time: a few requests of many. */
const CONCURRENCY = 2000;
/** How many with `--wait`. */
const WAITING = 64;

/** The command. */
export function submitCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Submits a flow. Prints its id once the pipeline has stored it; with --wait, its
result, as JSON.

The payload is JSON, @file for a file with JSON, or - for stdin; without one it
is null. Shells treat quotes differently: in cmd and PowerShell use
@file.

With --lines or --file, each line is JSON and is submitted as a flow of its own;
ids or results are printed in the order of the lines. A line that fails is
reported with its number, the others are submitted all the same, and the exit
code is 1. While the pipeline is full it waits.

If there is no reply in time, the flow may have been accepted anyway: the
error has the id with which to submit it again, so that it counts once.`,
    examples: [
      `submit greet '"Ada"' --wait`,
      "submit resize @image.json --key cat.png --delay 10m",
      "submit resize --file images.ndjson --id 2030-01-01",
      `seq 1000 | agentzero submit count --lines`,
    ],
  });
  addSubmitFlags(command);
  return addConnection(
    command,
    "how long to wait for an answer (default: 5s), and for the result (default: as long as it takes)",
  ).action((flow: string, payload: string | undefined, flags: Flags) =>
    flags.lines === true || flags.file !== undefined
      ? submitLines(shell, flow, payload, flags)
      : submit(shell, flow, payload, flags)
  );
}

function addSubmitFlags(command: Command): void {
  command
    .option("--wait", "wait for the result")
    .option("--lines", "submit each line of stdin, or of @file, as a flow")
    .option("--file <file>", "submit each line of this file as a flow")
    .option(
      "--concurrency <n>",
      `of lines, how many to submit at a time (default: ${CONCURRENCY}; with --wait ${WAITING})`,
      positive,
    )
    .option(
      "--id <id>",
      "an id of your own: submitting it again does nothing; of lines, the prefix of -1, -2, …",
    )
    .option("--key <key>", "submit nothing while a flow with this key runs")
    .option("--delay <time>", "begin after this time", duration)
    .option("--priority <n>", "higher runs first (default: 0)", integer)
    .option("--job-timeout <time>", "how long each attempt may take", duration)
    .option("--attempts <n>", "try each job this often at most", positive)
    .option("--retry-delay <time>", "wait before the second attempt", duration)
    .addOption(
      new Option(
        "--backoff <how>",
        "whether the wait doubles with each attempt and is chosen by chance up to that (exponential), or stays the same (fixed)",
      ).choices(BACKOFFS),
    );
}

async function submit(
  shell: Shell,
  flow: string,
  given: string | undefined,
  flags: Flags,
): Promise<void> {
  if (flags.concurrency !== undefined) {
    throw usageError("--concurrency is for --lines and --file");
  }
  const payload = await readJson(given);
  await withClient(flags, async (client, call) => {
    const stored = await client.submit(flow, payload, {
      ...optionsOf(flags),
      ...call,
    });
    if (flags.wait !== true) return await shell.print(stored, { id: stored });
    const result = await client.result(stored, { timeoutMs: flags.timeout });
    const view = { id: stored, state: "completed", result };
    await shell.print(jsonText(result), view);
  });
}

async function submitLines(
  shell: Shell,
  flow: string,
  given: string | undefined,
  flags: Flags,
): Promise<void> {
  const chunks = chunksOf(sourceOf(given, flags));
  const { wait, timeout = Infinity } = flags;
  const { concurrency = wait === true ? WAITING : CONCURRENCY } = flags;
  await withClient(
    flags,
    (client, { timeoutMs = PATIENCE_MS }) =>
      new LineSubmitter(shell, client, {
        flow,
        submit: optionsOf(flags),
        timeoutMs,
        fullMs: timeout,
        resultMs: wait === true ? timeout : undefined,
        concurrency,
      }).run(chunks),
  );
}

/** The file with the lines; `undefined` for stdin. */
function sourceOf(
  given: string | undefined,
  { file, key }: Flags,
): string | undefined {
  if (key !== undefined) {
    throw usageError(
      "--key is for one flow: of many with one key all but the first would be left out",
    );
  }
  if (file !== undefined) {
    if (given === undefined) return file === "-" ? undefined : file;
    throw usageError(
      "With --file, give no payload: each line of the file is one",
    );
  }
  if (given === undefined || given === "-") return undefined;
  if (given.startsWith("@")) return given.slice(1);
  throw usageError("With --lines, payloads are read from stdin or from @file");
}

function optionsOf(flags: Flags): SubmitOptions {
  const { id, key, delay: delayMs, priority, jobTimeout: jobTimeoutMs } = flags;
  return { id, key, delayMs, priority, jobTimeoutMs, retry: retryOf(flags) };
}

/** What the steps say applies if none of these is given; what is not given then is the default. */
function retryOf(flags: Flags): SubmitOptions["retry"] {
  const { attempts, retryDelay: delayMs, backoff } = flags;
  const given = Object.entries({ attempts, delayMs, backoff })
    .filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
