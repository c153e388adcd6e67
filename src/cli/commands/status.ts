/**
 * Layer: cli. `agentzero status`: the overview of a pipeline, or one flow.
 *
 * @module
 */
import type { Command } from "commander";
import type {
  CallOptions,
  EventInfo,
  FlowInfo,
  JobInfo,
  PipelineClient,
} from "../../pipeline/mod.ts";
import { describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { escaped, jsonText } from "../escape.ts";
import { overview } from "../overview.ts";
import type { Shell } from "../shell.ts";
import { durationText, table, timeText } from "../table.ts";
import { positive } from "../values.ts";

interface Flags extends ConnectionFlags {
  readonly limit: number;
}

/** The command. */
export function statusCommand(command: Command, shell: Shell): Command {
  describe(command, {
    examples: ["status", "status 0191c8a2-5c1e-7d4a-9a53-1c2f0f5b7e11 --json"],
  }).option(
    "--limit <n>",
    "of a flow, show at most this many jobs",
    positive,
    50,
  );
  return addConnection(command).action((id: string | undefined, flags: Flags) =>
    withClient(
      flags,
      (client, call) =>
        id === undefined
          ? showPipeline(shell, client, call, flags.pipeline)
          : showFlow(shell, client, call, id, flags.limit),
    )
  );
}

async function showPipeline(
  shell: Shell,
  client: PipelineClient,
  call: CallOptions,
  address: string,
): Promise<void> {
  const [{ name, flows }, stats, schedules] = await Promise.all([
    client.request({ type: "describe", v: 2 }, call),
    client.stats(call),
    client.schedules(call),
  ]);
  const lines = [
    `pipeline "${escaped(String(name))}" at ${address}`,
    `flows: ${
      (flows as string[]).map(escaped).join(", ")
    }; schedules: ${schedules.length}`,
    "",
    ...overview(stats),
  ];
  await shell.print(lines.join("\n"), { name, flows, ...stats, schedules });
}

async function showFlow(
  shell: Shell,
  client: PipelineClient,
  call: CallOptions,
  id: string,
  limit: number,
): Promise<void> {
  const { jobs, jobCount: count, ...flow } = await client.status(id, {
    ...call,
    limit,
  });
  const timelines = await Promise.all(
    jobs.map((job) => client.timeline(job.id, call)),
  );
  // The sort is stable: simultaneous events keep their order.
  const events = timelines.flat().sort((a, b) => a.at - b.at);
  const leftOut = count - jobs.length;
  await shell.print(
    [
      ...headOf(flow),
      "",
      ...jobLines(jobs),
      ...leftOut === 0 ? [] : [`… and ${leftOut} jobs more (--limit)`],
      "",
      ...eventLines(events),
    ].join("\n"),
    { ...flow, jobs, events, leftOut },
  );
}

function headOf(flow: FlowInfo): string[] {
  const { id, name, state, error, result } = flow;
  const ms = (flow.finishedAt ?? Date.now()) - flow.createdAt;
  const lines = [
    `flow ${escaped(id)} (${escaped(name)}): ${escaped(state)} ${
      flow.finishedAt === undefined ? "for" : "after"
    } ${durationText(Math.max(0, ms))}`,
  ];
  if (error) lines.push(`error: ${escaped(`${error.name}: ${error.message}`)}`);
  if (result !== undefined) lines.push(`result: ${jsonText(result)}`);
  return lines;
}

function jobLines(jobs: readonly JobInfo[]): string[] {
  return table(
    ["JOB", "STEP", "STATE", "ATTEMPT", "PROGRESS", "WORKER", "ERROR"],
    jobs.map((job) => [
      job.id,
      job.jobType,
      job.state,
      job.attempt,
      job.progress === undefined ? "" : `${Math.round(job.progress * 100)} %`,
      job.worker,
      job.error && `${job.error.name}: ${job.error.message}`,
    ]),
  );
}

function eventLines(events: readonly EventInfo[]): string[] {
  return table(
    ["TIME", "JOB", "EVENT", "ATTEMPT", "DETAIL"],
    events.map(({ at, id, type, attempt, detail }) => [
      timeText(at),
      id,
      type,
      attempt,
      detail,
    ]),
  );
}
