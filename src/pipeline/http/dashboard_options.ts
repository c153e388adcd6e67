/**
 * Layer: pipeline/http. What a dashboard is told, and whether that can be.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { ErrorLog } from "../../zmq/error_log.ts";
import { callSafely } from "../../async/call_safely.ts";
import {
  demandText,
  invalid,
  requireFunction,
  requireOptions,
  requireText,
  requireWhole,
  shown,
} from "../model/check.ts";
import type { Pipeline } from "../pipeline.ts";

/** What a dashboard needs of a pipeline. */
export type Observed = Pick<
  Pipeline,
  "name" | "flows" | "operations" | "addresses" | "watch"
>;

/** How a dashboard is. */
export interface DashboardOptions {
  /** The secret that lets in, of 16 characters at least; `false` lets everybody in who can reach it. Default: a random one. */
  readonly token?: string | false;
  /** Names under which it may be opened, beside those of loopback, such as `"jobs.example.com"`; a port may follow. */
  readonly allowedHosts?: readonly string[];
  /** Where it is mounted, such as `"/jobs/"`. Default `"/"`. */
  readonly path?: string;
  /** How often `/events` shows that it lives, in milliseconds. Default 5,000: Bun closes what is silent for 10 seconds. */
  readonly keepAliveMs?: number;
  /** Told of what should not have happened. Default: it is written to stderr, each kind once a second, with how many there were. */
  readonly onError?: (error: Error) => void;
}

const OPTIONS = optionNames<DashboardOptions>({
  token: true,
  allowedHosts: true,
  path: true,
  keepAliveMs: true,
  onError: true,
});

/** The options, all of them. */
export type Settings = Required<DashboardOptions>;

/**
 * Fills in what was not told.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function settingsOf(options: DashboardOptions): Settings {
  requireOptions(options, OPTIONS, "dashboard()");
  requireText("path", options.path, 1);
  requireFunction("onError", options.onError);
  const { token: given, allowedHosts: hosts = [] } = options;
  if (given !== undefined && given !== false && typeof given !== "string") {
    throw invalid("token must be text, or false"); // it may be a secret
  }
  if (!Array.isArray(hosts)) {
    throw invalid(`allowedHosts must be a list, not ${shown(hosts)}`);
  }
  for (const host of hosts) demandText("allowedHosts", host);
  const {
    token = randomToken(),
    allowedHosts = [],
    keepAliveMs = 5000,
  } = options;
  const log = new ErrorLog();
  const path = (options.path ?? "/").replace(/\/?$/, "/");
  if (!/^\/([\w.~-]+\/)*$/.test(path)) {
    throw invalid(
      `path must be like "/" or "/jobs/", not "${options.path}"`,
    );
  }
  requireWhole("keepAliveMs", keepAliveMs, 1);
  return {
    token,
    allowedHosts: allowedHosts.map((host) => host.toLowerCase()),
    path,
    keepAliveMs,
    onError: (error) =>
      callSafely(() => (options.onError ?? log.add)(error), log.add),
  };
}

/** 192 random bits, as a URL can carry them. */
function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_");
}
