/**
 * Layer: cli. `agentzero step`: runs jobs for a pipeline.
 *
 * @module
 */
import { timerMs } from "../../async/timers.ts";
import type { Command } from "commander";
import type { AnyStep, RunOptions, StepRun } from "../../pipeline/mod.ts";
import {
  type Access,
  type AccessFlags,
  accessOf,
  addAccess,
} from "../access.ts";
import { describe } from "../command.ts";
import { addPipeline, addressesIn, diagnose } from "../connection.ts";
import { stepsOf } from "../definition.ts";
import { CliError, codeOf, usageError } from "../cli_error.ts";
import { hinted } from "../flag_errors.ts";
import { loadModule, moduleUrl, unusable } from "../load_module.ts";
import { ConnectionReporter } from "../connection_reporter.ts";
import type { Shell } from "../shell.ts";
import { durationText } from "../table.ts";
import { onTermination } from "../../util/termination.ts";
import {
  duration,
  durationOption,
  list,
  natural,
  positive,
} from "../values.ts";

interface Flags extends AccessFlags {
  readonly pipeline: string;
  readonly step?: readonly string[];
  readonly threads?: number;
  readonly concurrency?: number;
  readonly prefetch?: number;
  readonly drain: number;
  readonly timeout?: number;
  readonly bind?: string;
  readonly address?: string;
  readonly name?: string;
  readonly insecure?: boolean;
  readonly heartbeatThread?: boolean;
}

/** The command. */
export function stepCommand(command: Command, shell: Shell): Command {
  addPipeline(describe(command, {
    details:
      `Runs jobs for a pipeline. It waits for a pipeline that does not run yet, and
connects again to one that was restarted.

Ctrl-C, SIGTERM or closing the terminal lets the running jobs finish, as long as
--drain says; a second signal gives them back to the pipeline at once.

The steps are what defineStep() returns: exported by name, in a list, in a flow,
or in the module's default export, which describes the pipeline.`,
    examples: [
      "step flow.ts --concurrency 4",
      "step flow.ts --threads 2",
      "step flow.ts --step resize --pipeline tcp://pipeline.example:7450 --keys worker.key --server-key pipeline.key.pub",
    ],
  }));
  addWorkerFlags(command);
  addConnectionFlags(command);
  return addAccess(command).action((module: string, flags: Flags) =>
    runSteps(shell, module, flags)
  );
}

function addWorkerFlags(command: Command): void {
  command
    .option(
      "--step <type>",
      "only the step of this job type; can be repeated (default: all)",
      list,
    )
    .option(
      "--threads <n>",
      "run handlers in n threads for each step: for handlers that compute",
      positive,
    )
    .option(
      "--concurrency <n>",
      "jobs at a time; with --threads, in each thread (default: 1)",
      positive,
    )
    .option(
      "--prefetch <n>",
      "further jobs to fetch in advance (default: 0)",
      natural,
    )
    .addOption(durationOption(
      "--drain <time>",
      "how long running jobs may take to finish after a signal",
      "25s",
    ));
}

function addConnectionFlags(command: Command): void {
  command
    .option(
      "--timeout <time>",
      "give up if the pipeline does not answer (default: wait for it)",
      duration,
    )
    .option(
      "--heartbeat-thread",
      "send heartbeats from a thread of their own, so that a handler that blocks is not taken for a machine that is gone (default: if the pipeline is on another machine)",
    )
    .option("--no-heartbeat-thread", "send none")
    .option("--bind <address>", "listen for jobs here (default: no need)")
    .option(
      "--address <address>",
      "the address at which the pipeline reaches --bind (default: this machine's)",
    )
    .option("--name <name>", "a display name (default: the job type)")
    .option(
      "--insecure",
      "accept connections from other machines without keys",
    );
}

async function runSteps(
  shell: Shell,
  path: string,
  flags: Flags,
): Promise<void> {
  const steps = chosen(stepsOf(await loadModule(path), path), path, flags);
  shell.stopWaiting(); // a step does not depend on readers of its output
  const { pipeline, drain: drainMs } = flags;
  const access = await accessOf(flags);
  const end = new AbortController();
  const runs: StepRun[] = [];
  const connections = new ConnectionReporter(shell, pipeline);
  const forget = onTermination((count) => {
    connections.stop();
    if (count > 1) return void runs.forEach((run) => void run.close());
    noteDraining(shell, runs, drainMs);
    end.abort(STOPPED);
  });
  const stopSearching = limitSearch(shell, flags, access, end);
  const options = {
    ...runOptions(flags, access, end.signal),
    module: await moduleUrl(path),
  };
  try {
    await shell.note(`looking for the pipeline at ${pipeline}`, {
      event: "looking",
      pipeline,
    });
    const joined = await joinAll(steps, options, connections, runs);
    stopSearching();
    await reportAll(shell, joined);
  } catch (error) {
    if (codeOf(error) === "ERR_CLI_TIMEOUT") {
      const { text, refused } = await diagnose(pipeline, access);
      throw refused ?? hinted(error, text);
    }
    if (error !== STOPPED) throw error;
  } finally {
    stopSearching();
    connections.stop();
    forget();
  }
}

/** A step that has joined the pipeline. */
interface Joined {
  readonly jobType: string;
  readonly run: StepRun;
}

/** Starts all steps, and adds their runs to `runs`; if one fails, the others are closed. */
async function joinAll(
  steps: readonly AnyStep[],
  options: RunOptions,
  connections: ConnectionReporter,
  runs: StepRun[],
): Promise<Joined[]> {
  const joins = steps.map(async (step) => {
    const { jobType } = step;
    const run = await step.run({
      ...options,
      onConnection: (isConnected) => connections.note(jobType, isConnected),
    });
    runs.push(run);
    return { jobType, run };
  });
  const ends = await Promise.allSettled(joins);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed === undefined) return await Promise.all(joins);
  await Promise.all(runs.map((run) => run.drain()));
  throw failed.reason;
}

/** Reports that the steps work, and then each one that leaves. */
async function reportAll(
  shell: Shell,
  joined: readonly Joined[],
): Promise<void> {
  for (const { run, jobType } of joined) {
    await report(shell, "working", jobType, run);
  }
  for (const { run, jobType } of joined) {
    await run.closed;
    await report(shell, "left", jobType, run);
  }
}

function runOptions(
  flags: Flags,
  access: Access,
  signal: AbortSignal,
): RunOptions {
  const { pipeline, threads, concurrency, prefetch, drain: drainMs } = flags;
  const { bind, address, name, insecure, heartbeatThread } = flags;
  return {
    pipeline: addressesIn(pipeline),
    threads,
    concurrency,
    prefetch,
    drainMs,
    bind,
    address,
    name,
    ...access,
    insecure,
    heartbeatThread,
    signal,
  };
}

/** Writes how many jobs a terminating process waits for. */
function noteDraining(
  shell: Shell,
  runs: readonly StepRun[],
  drainMs: number,
): void {
  const running = runs.reduce((sum, run) => sum + run.running, 0);
  if (running === 0) return;
  const jobs = running === 1 ? "1 job" : `${running} jobs`;
  void shell.note(
    `${jobs} may take ${
      durationText(drainMs)
    } to finish; another signal returns them to the queue`,
    { event: "draining", running },
  );
}

/**
 * Explains after a while why no pipeline replies, and gives up after
 * `--timeout`. Returns a function that cancels both.
 */
function limitSearch(
  shell: Shell,
  { pipeline, timeout }: Flags,
  access: Access,
  end: AbortController,
): () => void {
  const timer = timeout === undefined ? undefined : setTimeout(
    () => end.abort(notFound(pipeline, timeout)),
    timerMs(timeout),
  );
  const stopExplaining = explainLater(shell, pipeline, access, end.signal);
  return () => {
    clearTimeout(timer);
    stopExplaining();
  };
}

/** Writes why the pipeline does not reply, after a while. Returns a function that cancels it. */
function explainLater(
  shell: Shell,
  pipeline: string,
  access: Access,
  signal: AbortSignal,
): () => void {
  let isCancelled = false;
  const timer = setTimeout(async () => {
    const { text: why } = await diagnose(pipeline, access)
      .catch(() => ({ text: "" }));
    if (isCancelled || signal.aborted) return;
    await shell.note(
      `no pipeline answers at ${pipeline} yet${why}; waiting for it`,
      { event: "waiting", pipeline, reason: why.replace(/^: /, "") },
    );
  }, ASK_WHY_MS);
  return () => {
    isCancelled = true;
    clearTimeout(timer);
  };
}

/** After how long without a reply the reason is printed, in milliseconds. */
const ASK_WHY_MS = 3000;

/** The abort reason that is not a failure. */
const STOPPED = new Error("The step was asked to terminate");

function chosen(
  steps: ReadonlyMap<string, AnyStep>,
  path: string,
  { step: names, bind }: Flags,
): AnyStep[] {
  if (steps.size === 0) throw unusable(`"${path}" exports no step`);
  const found = (names ?? [...steps.keys()]).map((name) => {
    const step = steps.get(name);
    if (step !== undefined) return step;
    const known = [...steps.keys()].join('", "');
    throw unusable(`"${path}" has no step "${name}"; it has "${known}"`);
  });
  if (bind !== undefined && found.length > 1) {
    throw usageError("--bind is for one step: choose it with --step");
  }
  return found;
}

function report(
  shell: Shell,
  event: "working" | "left",
  jobType: string,
  { id, address }: StepRun,
): Promise<void> {
  const where = address === undefined ? "" : ` at ${address}`;
  const text = event === "working"
    ? `step "${jobType}" works${where} as ${id}`
    : `step "${jobType}" has stopped`;
  return shell.print(text, { event, jobType, worker: id, address });
}

function notFound(pipeline: string, ms: number): CliError {
  return new CliError(
    "ERR_CLI_TIMEOUT",
    `No pipeline answers at "${pipeline}" within ${durationText(ms)}`,
  );
}
