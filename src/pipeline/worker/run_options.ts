/**
 * Layer: pipeline/worker. How a step runs.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import {
  checkOptionalText,
  invalid,
  requireBoolean,
  requireFunction,
  requireOptions,
  requireSignal,
  requireWhole,
  shown,
} from "../model/check.ts";
import {
  type PipelineAddress,
  requireAddress,
} from "../model/pipeline_addresses.ts";
import { type PeerSecurity, requirePeer } from "../model/security.ts";

/** How a step runs; times are in milliseconds. */
export interface RunOptions {
  /**
   * Where the pipeline takes requests, such as `tcp://pipeline.example:7450`; or the
   * addresses of all processes of which one leads it.
   */
  readonly pipeline: PipelineAddress;
  /** How many jobs to work on at a time; with `threads`, in each of them. Default 1. */
  readonly concurrency?: number;
  /**
   * Runs the handlers in so many threads, for handlers that compute: they block
   * nothing, one that ignores its signal is terminated, and one that crashes fails.
   * Needs `module`. Default: in this thread.
   */
  readonly threads?: number;
  /**
   * The module that defines the step: `import.meta.url` there. Each thread loads
   * it, up to its end or its first `run`, which does not return there.
   */
  readonly module?: string | URL;
  /** How long a handler in a thread may go on after its signal was aborted; then its thread is terminated. Default 1,000. */
  readonly killMs?: number;
  /** How many jobs to have ready beyond that, so that none is waited for. Default 0. */
  readonly prefetch?: number;
  /** Where to listen for jobs, instead of getting them over the connection to the pipeline; older pipelines need it. Default for those: any port, on loopback if the pipeline is there, else on all interfaces. */
  readonly bind?: string;
  /** How the pipeline reaches that, if not by the machine's own address. */
  readonly address?: string;
  /** A name for people. Default: the job type. */
  readonly name?: string;
  /** The keys, for a pipeline that is protected by CURVE. */
  readonly security?: PeerSecurity;
  /** The token, for a pipeline on loopback that has one. Not together with `security`. */
  readonly token?: string;
  /** Listens for jobs beyond loopback without CURVE. Default false. */
  readonly insecure?: boolean;
  /** How long `drain` lets jobs finish before it aborts them. Default 25,000. */
  readonly drainMs?: number;
  /** How long the pipeline may be silent before its connections are re-established, as after a loss of power; 0 for no limit. With `threads` or a `heartbeatThread`, how long this machine may be silent before its jobs go to others, too. Default 10,000. */
  readonly silenceMs?: number;
  /**
   * Sends heartbeats from a thread of their own, so that the pipeline can
   * distinguish a handler that blocks the event loop, for as long as `leaseMs` of
   * the pipeline, from a machine that is gone. Not needed with `threads`, and not there with
   * `bind` or `address`. Default: if the pipeline is on another machine.
   */
  readonly heartbeatThread?: boolean;
  /** Drains when aborted; while the pipeline is not found yet, gives up. */
  readonly signal?: AbortSignal;
  /** Called whenever the connection to the pipeline is made (`true`), or is lost (`false`), until the step begins to leave. */
  readonly onConnection?: (isConnected: boolean) => void;
  /** Drains on SIGTERM, SIGINT and SIGHUP, on Windows SIGBREAK, which then do not end the process by themselves. Default false. */
  readonly drainOnSignals?: boolean;
}

const OPTIONS = optionNames<RunOptions>({
  pipeline: true,
  concurrency: true,
  threads: true,
  module: true,
  killMs: true,
  prefetch: true,
  bind: true,
  address: true,
  name: true,
  security: true,
  token: true,
  insecure: true,
  drainMs: true,
  silenceMs: true,
  heartbeatThread: true,
  signal: true,
  onConnection: true,
  drainOnSignals: true,
});

/**
 * Checks the options of a run.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_INSECURE`.
 */
export function checkRunOptions(options: RunOptions): void {
  requireOptions(options, OPTIONS, "run()");
  requireAddress("pipeline of a step", options?.pipeline);
  for (const name of ["bind", "address", "name"] as const) {
    checkOptionalText(`${name} of a step`, options[name], 1, 1024);
  }
  requireWhole("concurrency of a step", options.concurrency, 1);
  checkThreads(options);
  for (const name of ["prefetch", "drainMs", "silenceMs", "killMs"] as const) {
    requireWhole(`${name} of a step`, options[name], 0);
  }
  requireBoolean("insecure of a step", options.insecure);
  requireBoolean("heartbeatThread of a step", options.heartbeatThread);
  requireBoolean("drainOnSignals of a step", options.drainOnSignals);
  requirePeer(options);
  requireSignal(options.signal);
  requireFunction("onConnection of a step", options.onConnection);
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
function checkThreads({ threads, module }: RunOptions): void {
  requireWhole("threads of a step", threads, 1);
  if (module === undefined) {
    if (threads === undefined) return;
    throw invalid(
      "threads of a step needs the URL of the module that defines the step, " +
        "which is import.meta.url there: module",
      "threads",
      "module",
    );
  }
  if (module instanceof URL || URL.canParse(module)) return;
  throw invalid(
    `module of a step must be a URL, such as import.meta.url, not ${
      shown(module)
    }`,
    "module",
  );
}
