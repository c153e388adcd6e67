/**
 * Layer: cli. Serves the dashboard of a pipeline.
 *
 * @module
 */
import type { Command } from "commander";
import type { Pipeline } from "../pipeline/mod.ts";
import { variableOption } from "./environment.ts";
import { codeOf, messageOf, usageError } from "./cli_error.ts";
import { hinted } from "./flag_errors.ts";
import { list, port } from "./values.ts";

/** The options of a dashboard. */
export interface DashboardFlags {
  /** A port, or `true` for the default. */
  readonly dashboard?: number | true;
  readonly dashboardHost?: string;
  readonly dashboardName?: readonly string[];
  readonly dashboardToken?: string;
  readonly insecure?: boolean;
}

/** A running dashboard. */
export interface ServedDashboard {
  /** The address to open in a browser; it includes the token only if that was generated here. */
  readonly url: string;
  /** Stops serving it. */
  close(): Promise<void>;
}

const PORT = 7080;

/** Adds the options of a dashboard. */
export function addDashboard(command: Command): Command {
  return command
    .option(
      "--dashboard [port]",
      `serve a page for browsers, Prometheus and health checks (default port: ${PORT})`,
      dashboardPort,
    )
    .option(
      "--dashboard-host <host>",
      "serve it at this host (default: 127.0.0.1); others need --insecure, since HTTP is not encrypted",
    )
    .option(
      "--dashboard-name <host>",
      "a host name at which it may be opened, such as that of a proxy; can be repeated (default: those of loopback)",
      list,
    )
    .addOption(variableOption(
      "--dashboard-token <token>",
      "the secret to open it with, of 16 characters or more (default: a new one at each start, which is printed); other users see what is on a command line, so better use the variable",
      "DASHBOARD_TOKEN",
    ));
}

/**
 * Serves the dashboard of a pipeline, if `--dashboard` was given.
 *
 * @throws {CliError} `ERR_CLI_USAGE`.
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`, `ERR_PIPELINE_INVALID`.
 * @throws {Error} With a `code` such as `EADDRINUSE`.
 */
export async function serveDashboard(
  pipeline: Pipeline,
  flags: DashboardFlags,
  onError: (error: unknown) => void,
): Promise<ServedDashboard | undefined> {
  const { dashboard: given, dashboardHost: host = "127.0.0.1" } = flags;
  if (given === undefined) {
    if (flags.dashboardHost ?? flags.dashboardName) {
      throw usageError(
        "--dashboard-host and --dashboard-name are for --dashboard",
      );
    }
    return undefined;
  }
  // Loaded when it is used: it takes a fifth of the time that --help takes.
  const { dashboard, serveHttp } = await import("../pipeline/http/mod.ts");
  const handler = dashboard(pipeline, {
    token: flags.dashboardToken,
    allowedHosts: flags.dashboardName,
    onError,
  });
  const port = given === true ? PORT : given;
  try {
    const { insecure } = flags;
    const server = await serveHttp(handler, { port, host, insecure });
    return {
      url: flags.dashboardToken === undefined
        ? handler.link(server.url)
        : `${server.url}/`,
      close: async () => {
        await handler.close();
        await server.close();
      },
    };
  } catch (error) {
    await handler.close();
    throw serveError(error, `${host}:${port}`);
  }
}

/** The runtimes have different messages for a port that is in use. */
function serveError(error: unknown, address: string): unknown {
  if (codeOf(error).startsWith("ERR_PIPELINE")) return error;
  const isTaken = codeOf(error) === "EADDRINUSE";
  const reason = isTaken
    ? "the address is in use; choose another port with --dashboard <port>"
    : messageOf(error);
  return Object.assign(
    new Error(`Cannot serve the dashboard at "${address}": ${reason}`, {
      cause: error,
    }),
    { code: codeOf(error) },
  );
}

/** The argument after `--dashboard` is its port, even if the module was meant. */
function dashboardPort(text: string): number {
  try {
    return port(text);
  } catch (error) {
    throw hinted(error, " Write the module before --dashboard.");
  }
}
