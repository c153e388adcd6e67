/**
 * Layer: cli. Serves the dashboard of a pipeline, and the health of a standby.
 *
 * @module
 */
import type { Command } from "commander";
import type { Dashboard, HttpServer } from "../pipeline/http/mod.ts";
import type { Pipeline, ShardMember } from "../pipeline/mod.ts";
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
 * The dashboard of a process, if `--dashboard` was given: that of its pipeline
 * while it leads, and its health while it stands by; of a pipeline with shards that
 * of all shards, always.
 */
export class ServedDashboard {
  readonly #flags: DashboardFlags;
  readonly #onError: (error: unknown) => void;
  #server: Promise<HttpServer> | undefined;
  #handler: Dashboard | undefined;

  /** @throws {CliError} `ERR_CLI_USAGE`. */
  constructor(flags: DashboardFlags, onError: (error: unknown) => void) {
    if (
      flags.dashboard === undefined &&
      (flags.dashboardHost ?? flags.dashboardName)
    ) {
      throw usageError(
        "--dashboard-host and --dashboard-name are for --dashboard",
      );
    }
    this.#flags = flags;
    this.#onError = onError;
  }

  /**
   * Shows a pipeline, or all shards of one.
   *
   * @returns The address to open in a browser; it includes the token only if that
   *   was generated here.
   * @throws {PipelineError} `ERR_PIPELINE_INSECURE`, `ERR_PIPELINE_INVALID`.
   * @throws {Error} With a `code` such as `EADDRINUSE`.
   */
  async show(pipeline: Pipeline | ShardMember): Promise<string | undefined> {
    const { dashboard: given, dashboardToken, dashboardName } = this.#flags;
    if (given === undefined) return undefined;
    // Loaded when it is used: it takes a fifth of the time that --help takes.
    const { dashboard } = await import("../pipeline/http/mod.ts");
    const handler = dashboard(pipeline, {
      token: dashboardToken,
      allowedHosts: dashboardName,
      onError: this.#onError,
    });
    this.#handler = handler;
    const { url } = await this.serve();
    return dashboardToken === undefined ? handler.link(url) : `${url}/`;
  }

  /** Shows the pipeline no more. */
  async hide(): Promise<void> {
    const handler = this.#handler;
    this.#handler = undefined;
    await handler?.close();
  }

  /** Whether there is anything to serve. */
  get isWanted(): boolean {
    return this.#flags.dashboard !== undefined;
  }

  /**
   * Listens, also without a pipeline to show. Safe to call again.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
   * @throws {Error} With a `code` such as `EADDRINUSE`.
   */
  serve(): Promise<HttpServer> {
    this.#server ??= this.#serve().catch((error) => {
      this.#server = undefined; // it is tried again
      throw error;
    });
    return this.#server;
  }

  /** Stops serving. */
  async close(): Promise<void> {
    await this.hide();
    await (await this.#server?.catch(() => undefined))?.close();
  }

  async #serve(): Promise<HttpServer> {
    const { serveHttp, standby } = await import("../pipeline/http/mod.ts");
    const { dashboard: given, dashboardHost: host = "127.0.0.1", insecure } =
      this.#flags;
    const port = typeof given === "number" ? given : PORT;
    try {
      return await serveHttp(
        (request) => this.#handler?.(request) ?? standby(request),
        { port, host, insecure },
      );
    } catch (error) {
      throw serveError(error, `${host}:${port}`);
    }
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
