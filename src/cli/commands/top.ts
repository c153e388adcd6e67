/**
 * Layer: cli. `agentzero top`: the overview of a pipeline, updated periodically.
 *
 * @module
 */
import { sleep } from "../../async/pending_call.ts";
import type { Command } from "commander";
import type { StatsInfo } from "../../pipeline/mod.ts";
import { describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { countOf, overview, type Rates } from "../overview.ts";
import type { Shell } from "../shell.ts";
import { untilReaderGone } from "../signals.ts";
import { timeText } from "../table.ts";
import { durationOption, positive } from "../values.ts";

interface Flags extends ConnectionFlags {
  readonly interval: number;
  readonly count?: number;
}

/** A snapshot of the pipeline. */
interface Look {
  readonly stats: StatsInfo;
  readonly at: number;
}

const CLEAR = "\x1b[H\x1b[J";

/** The command. */
export function topCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Shows how many jobs wait and run, how many are completed per second, and the
workers: in a terminal the screen is drawn again and again, elsewhere a line is
printed for each step. Ctrl-C ends it.`,
    examples: ["top", "top --interval 10s --json >> stats.jsonl"],
  })
    .addOption(
      durationOption("--interval <time>", "time between updates", "1s"),
    )
    .option(
      "--count <n>",
      "end after this many updates (default: no end)",
      positive,
    );
  return addConnection(command).action((flags: Flags) =>
    withClient(flags, (client, call) =>
      untilReaderGone(async (signal) => {
        try {
          let before: Look | undefined;
          for (let n = 1;; n++) {
            const stats = await client.stats({ ...call, signal });
            const look = { stats, at: performance.now() };
            await show(shell, look, before, flags.pipeline);
            before = look;
            if (n === flags.count) return;
            await sleep(flags.interval, signal);
            if (signal.aborted) return;
          }
        } catch (error) {
          if (!signal.aborted) throw error;
        }
      }, shell))
  );
}

async function show(
  shell: Shell,
  look: Look,
  before: Look | undefined,
  address: string,
): Promise<void> {
  const { stats } = look;
  const rates = ratesOf(look, before);
  const now = timeText(Date.now());
  if (shell.isTerminal && !shell.isJson) {
    const { columns, rows } = shell.size;
    const lines = [`${address}  ${now}`, "", ...overview(stats, rates)]
      .slice(0, rows - 1)
      .map((line) => line.slice(0, columns));
    return await shell.write(`${CLEAR}${lines.join("\n")}\n`);
  }
  const lines = stats.jobTypes.map(({ jobType: type, waiting, running }) =>
    `${now} ${type}: ${waiting} waiting, ${running} running, ${
      rates.get(type)!.toFixed(1)
    } per second, ${
      stats.workers.filter((worker) => worker.jobType === type).length
    } workers`.replace(/\b1 workers$/, "1 worker")
  );
  await shell.print(lines.join("\n"), {
    at: now,
    ...stats,
    perSecond: Object.fromEntries(rates),
  });
}

/** Completed jobs per second, without those that the pipeline has removed meanwhile. */
function ratesOf({ stats, at }: Look, before: Look | undefined): Rates {
  return new Map(stats.jobTypes.map(({ jobType: type }) => {
    if (before === undefined) return [type, 0];
    const done = countOf(stats, type, "completed") -
      countOf(before.stats, type, "completed");
    return [type, Math.max(0, done) / ((at - before.at) / 1000)];
  }));
}
