/**
 * Layer: cli. `agentzero jobs`: lists jobs, by state and by step.
 *
 * @module
 */
import type { Command } from "commander";
import { JOB_STATES, type JobState } from "../../pipeline/model/records.ts";
import type {
  CallOptions,
  JobInfo,
  PipelineClient,
} from "../../pipeline/mod.ts";
import { makeCommand } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import type { Shell } from "../shell.ts";
import { table, timeText } from "../table.ts";
import { positive, someOf } from "../values.ts";

interface Flags extends ConnectionFlags {
  readonly state?: readonly JobState[];
  readonly step?: string;
  readonly limit: number;
  readonly before?: string;
}

/** The most jobs that a pipeline lists at once. */
const PAGE = 1000;

/** The command. */
export function jobsCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "jobs",
    summary: "list jobs, newest first",
    details:
      `Lists jobs, newest first. The ids can be passed to status and retry;
with --json each line is one job.`,
    examples: [
      "jobs --state dead",
      "jobs --state waiting --state active --step resize --limit 500",
      "jobs --state dead --json | jq -r '[.id, .error.message] | @tsv'",
    ],
  })
    .option(
      "--state <state>",
      `only in this state: ${
        JOB_STATES.join(", ")
      }; can be repeated (default: any)`,
      someOf(JOB_STATES),
    )
    .option("--step <type>", "only of this job type")
    .option("--limit <n>", "at most this many", positive, 50)
    .option("--before <id>", "only older ones than this job: the next page");
  return addConnection(command).action((flags: Flags) =>
    withClient(flags, (client, call) => list(shell, client, call, flags))
  );
}

async function list(
  shell: Shell,
  client: PipelineClient,
  call: CallOptions,
  flags: Flags,
): Promise<void> {
  const { state: states, step: name, limit } = flags;
  const jobs: JobInfo[] = [];
  let before = flags.before;
  // One more than is printed, to know whether there are more.
  while (jobs.length <= limit) {
    const most = Math.min(PAGE, limit + 1 - jobs.length);
    const page = await client.jobs({ states, name, before, limit: most }, call);
    jobs.push(...page);
    if (page.length < most) break;
    before = page.at(-1)!.id;
  }
  const shown = jobs.slice(0, limit);
  if (shell.isJson) {
    for (const job of shown) await shell.print("", job);
  } else if (shown.length === 0) {
    await shell.print("no jobs", undefined);
  } else {
    await shell.print(tableOf(shown).join("\n"), undefined);
  }
  if (jobs.length > limit) {
    const last = shown.at(-1)!.id;
    await shell.note(`there are more: use --limit, or --before ${last}`, {
      event: "more",
      before: last,
    });
  }
}

function tableOf(jobs: readonly JobInfo[]): string[] {
  return table(
    ["JOB", "STEP", "STATE", "ATTEMPT", "CREATED", "NEXT", "ERROR"],
    jobs.map((job) => [
      job.id,
      job.jobType,
      job.state,
      job.attempt,
      timeText(job.createdAt),
      timeText(job.runAt),
      job.error && `${job.error.name}: ${job.error.message}`,
    ]),
  );
}
