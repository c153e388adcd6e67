/**
 * Layer: cli. The list of commands: what the help of the program says of each, and
 * its module, which is loaded when the command runs.
 *
 * @module
 */
import type { Command } from "commander";
import type { Summary } from "./command.ts";
import type { Shell } from "./shell.ts";

/** Adds to a command its options, its help and what it does. */
type Definition = (command: Command, shell: Shell) => Command;

/** A command whose module is not loaded yet. */
interface ListedCommand extends Summary {
  readonly load: () => Promise<Definition>;
}

/** All commands, by the title of their group. */
export const COMMANDS: Readonly<Record<string, readonly ListedCommand[]>> = {
  "Run a pipeline:": [
    {
      usage: "pipeline <module>",
      summary: "run a pipeline: accept submissions, give jobs to steps",
      load: async () =>
        (await import("./commands/pipeline.ts")).pipelineCommand,
    },
    {
      usage: "step <module>",
      summary: "run the steps that a module exports",
      load: async () => (await import("./commands/step.ts")).stepCommand,
    },
  ],
  "Use it:": [
    {
      usage: "submit <flow> [payload]",
      summary: "submit a flow, or many, and print the id or the result",
      load: async () => (await import("./commands/submit.ts")).submitCommand,
    },
    {
      usage: "status [id]",
      summary: "show the pipeline, or a flow with its jobs and its history",
      load: async () => (await import("./commands/status.ts")).statusCommand,
    },
    {
      usage: "flows",
      summary: "list flows, newest first, or search them",
      load: async () => (await import("./commands/flows.ts")).flowsCommand,
    },
    {
      usage: "jobs",
      summary: "list jobs, newest first, or search them",
      load: async () => (await import("./commands/jobs.ts")).jobsCommand,
    },
    {
      usage: "logs",
      summary: "print what steps log, as it happens",
      load: async () => (await import("./commands/logs.ts")).logsCommand,
    },
    {
      usage: "top",
      summary: "watch queues, rates and workers",
      load: async () => (await import("./commands/top.ts")).topCommand,
    },
  ],
  "Steer it:": [
    {
      usage: "retry [id]",
      summary: "retry dead jobs, as if they had never failed",
      load: async () => (await import("./commands/retry.ts")).retryCommand,
    },
    {
      usage: "cancel <id>",
      summary: "cancel a flow and abort its jobs",
      load: async () => (await import("./commands/cancel.ts")).cancelCommand,
    },
    {
      usage: "remove <id...>",
      summary: "remove flows with their jobs",
      load: async () => (await import("./commands/remove.ts")).removeCommand,
    },
    {
      usage: "promote <id>",
      summary: "let delayed jobs start now",
      load: async () => (await import("./commands/promote.ts")).promoteCommand,
    },
    {
      usage: "priority <id> <n>",
      summary: "change the priority of a flow, or of one job",
      load: async () =>
        (await import("./commands/priority.ts")).priorityCommand,
    },
    {
      usage: "pause [type]",
      summary: "stop starting jobs, of one type or of all",
      load: async () => (await import("./commands/pause.ts")).pauseCommand,
    },
    {
      usage: "resume [type]",
      summary: "start jobs again",
      load: async () => (await import("./commands/pause.ts")).resumeCommand,
    },
    {
      usage: "drain [of]",
      summary: "ask workers to finish their jobs and stop",
      load: async () => (await import("./commands/drain.ts")).drainCommand,
    },
    {
      usage: "schedule",
      summary: "submit flows at set times",
      load: async () =>
        (await import("./commands/schedule.ts")).scheduleCommand,
    },
  ],
  "ZeroMQ:": [
    {
      usage: "send <type> [frames...]",
      summary: "send messages from a ZeroMQ socket",
      load: async () => (await import("./commands/send.ts")).sendCommand,
    },
    {
      usage: "recv <type>",
      summary: "print what a ZeroMQ socket receives",
      load: async () => (await import("./commands/recv.ts")).recvCommand,
    },
    {
      usage: "proxy <device>",
      summary: "forward messages: a queue, a forwarder or a streamer",
      load: async () => (await import("./commands/proxy.ts")).proxyCommand,
    },
    {
      usage: "keygen",
      summary: "generate a key pair for CURVE",
      load: async () => (await import("./commands/keygen.ts")).keygenCommand,
    },
  ],
};
