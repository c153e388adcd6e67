/**
 * Layer: pipeline/http. The options of a dashboard, and their validation.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { ErrorLog } from "../../zmq/error_log.ts";
import { callSafely } from "../../async/call_safely.ts";
import {
  checkOptionalText,
  invalid,
  requireFunction,
  requireOptions,
  requireText,
  requireWhole,
  shown,
} from "../model/check.ts";
/** The options of a dashboard. */
export interface DashboardOptions {
  /** The secret for access, of 16 characters at least; with `false` no authentication is needed. Default: a random one. */
  readonly token?: string | false;
  /** Host names under which it may be opened, besides those of loopback, such as `"jobs.example.com"`, optionally with a port. */
  readonly allowedHosts?: readonly string[];
  /** The path at which it is mounted, such as `"/jobs/"`. Default `"/"`. */
  readonly path?: string;
  /** The interval of keep-alive comments in `/events`, in milliseconds. Default 5,000: Bun closes connections that are silent for 10 seconds. */
  readonly keepAliveMs?: number;
  /** Called with internal errors. Default: writes them to stderr, each kind once a second with its count. */
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
 * Validates the options, and fills in defaults.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function settingsOf(options: DashboardOptions): Settings {
  requireOptions(options, OPTIONS, "dashboard()");
  checkOptionalText("path", options.path, 1);
  requireFunction("onError", options.onError);
  const { token: given, allowedHosts: hosts = [] } = options;
  if (given !== undefined && given !== false && typeof given !== "string") {
    throw invalid("token must be a string, or false"); // it may be a secret
  }
  if (!Array.isArray(hosts)) {
    throw invalid(`allowedHosts must be a list, not ${shown(hosts)}`);
  }
  for (const host of hosts) requireText("allowedHosts", host);
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

/** 192 random bits, in base64url. */
function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_");
}
