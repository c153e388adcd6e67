/**
 * Layer: cli. `agentzero flows`: lists flows, by state and name, and searches them.
 *
 * @module
 */
import type { Command } from "commander";
import { FLOW_STATES, type FlowState } from "../../pipeline/model/records.ts";
import type {
  CallOptions,
  FlowInfo,
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
  readonly state?: readonly FlowState[];
  readonly flow?: string;
  readonly key?: string;
  readonly search?: string;
  readonly limit: number;
  readonly before?: string;
}

/** The command. */
export function flowsCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Lists flows, newest first: each is one submission. The ids can be passed to
status, retry, cancel and remove; with --json each line is one flow.

--search looks at the error of a flow and at what it was submitted with;
${SEARCH_DETAILS}`,
    examples: [
      "flows --key order-1234",
      "flows --state failed --flow thumbnails",
      "flows --state failed --search 'connection refused'",
    ],
  })
    .option(
      "--state <state>",
      `only in this state: ${
        FLOW_STATES.join(", ")
      }; can be repeated (default: any)`,
      someOf(FLOW_STATES),
    )
    .option("--flow <name>", "only of this name")
    .option("--key <key>", "only those that were submitted with this key")
    .option("--search <text>", "only with this text in payload or error")
    .option("--limit <n>", "at most this many", positive, 50)
    .option("--before <id>", "only older ones than this flow: the next page");
  return addConnection(command).action((flags: Flags) =>
    withClient(flags, (client, call) => list(shell, client, call, flags))
  );
}

async function list(
  shell: Shell,
  client: PipelineClient,
  call: CallOptions,
  { state: states, flow: name, key, search, limit, before }: Flags,
): Promise<void> {
  const flows = await listUpTo(
    limit + 1,
    before,
    (page) => client.flows({ states, name, key, search, ...page }, call),
  );
  await printList(shell, flows, limit, { none: "no flows", tableOf });
}

function tableOf(flows: readonly FlowInfo[]): string[] {
  return table(
    ["FLOW", "NAME", "STATE", "KEY", "CREATED", "FINISHED", "ERROR"],
    flows.map((flow) => [
      flow.id,
      flow.name,
      flow.state,
      flow.key,
      timeText(flow.createdAt),
      timeText(flow.finishedAt),
      flow.error && `${flow.error.name}: ${flow.error.message}`,
    ]),
  );
}
