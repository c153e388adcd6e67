/**
 * Layer: cli. `agentzero jobs`: lists jobs, by state and step, and searches them.
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
import { describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { listUpTo, printList, SEARCH_DETAILS } from "../lists.ts";
import type { Shell } from "../shell.ts";
import { table, timeText } from "../table.ts";
import { positive, someOf } from "../values.ts";

interface Flags extends ConnectionFlags {
  readonly state?: readonly JobState[];
  readonly step?: string;
  readonly key?: string;
  readonly search?: string;
  readonly limit: number;
  readonly before?: string;
}

/** The command. */
export function jobsCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Lists jobs, newest first. The ids can be passed to status and retry;
with --json each line is one job.

--search looks at one job after the other, and takes longer the more there are;
${SEARCH_DETAILS}`,
    examples: [
      "jobs --state dead",
      "jobs --state waiting --state active --step resize --limit 500",
      "jobs --key order-1234",
      "jobs --state dead --search 'connection refused'",
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
    .option(
      "--key <key>",
      "only of flows that were submitted with this key, the newest flow first",
    )
    .option("--search <text>", "only with this text in payload or error")
    .option("--limit <n>", "at most this many", positive, 50)
    .option(
      "--before <id>",
      "only older ones than this job: the next page; not with --key",
    );
  return addConnection(command).action((flags: Flags) =>
    withClient(flags, (client, call) => list(shell, client, call, flags))
  );
}

async function list(
  shell: Shell,
  client: PipelineClient,
  call: CallOptions,
  { state: states, step: name, key, search, limit, before }: Flags,
): Promise<void> {
  const jobs = await listUpTo(
    // One more than is printed, to know whether there are more.
    limit + 1,
    before,
    (page) => client.jobs({ states, name, key, search, ...page }, call),
    key !== undefined,
  );
  const hasNoNext = key !== undefined;
  await printList(shell, jobs, limit, { none: "no jobs", tableOf, hasNoNext });
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
