/**
 * Layer: cli. The commands that talk to a pipeline: where it is, with which
 * keys, and for how long they wait.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import type { Command } from "commander";
import {
  type CallOptions,
  PipelineClient,
  PipelineError,
} from "../pipeline/mod.ts";
import { Dealer } from "../zmq/mod.ts";
import {
  type Access,
  type AccessFlags,
  accessOf,
  addAccess,
  socketOptions,
} from "./access.ts";
import { variableOption } from "./environment.ts";
import { codeOf } from "./errors.ts";
import { durationText } from "./table.ts";
import { Trouble } from "./trouble.ts";
import { duration } from "./values.ts";

/** Where the pipeline is. */
export interface ConnectionFlags extends AccessFlags {
  readonly pipeline: string;
  /** In milliseconds. */
  readonly timeout?: number;
}

/** How long a pipeline may take to answer, in milliseconds. */
export const PATIENCE_MS = 5000;
/** How long it is looked for the reason why there is no answer, in milliseconds. */
const LOOK_MS = 1000;

/** Adds the option that says where the pipeline is. */
export function addPipeline(command: Command): Command {
  return command.addOption(
    variableOption(
      "--pipeline <address>",
      "where the pipeline takes requests",
      "PIPELINE",
    ).default("tcp://127.0.0.1:7450"),
  );
}

/** Adds the options of a connection to a pipeline. */
export function addConnection(
  command: Command,
  timeout = "how long to wait for an answer (default: 5s)",
): Command {
  addPipeline(command).option("--timeout <time>", timeout, duration);
  return addAccess(command);
}

/** Uses a pipeline, and leaves it. */
export async function withClient<T>(
  flags: ConnectionFlags,
  use: (client: PipelineClient, call: CallOptions) => Promise<T>,
): Promise<T> {
  const { pipeline, timeout: timeoutMs = PATIENCE_MS } = flags;
  const access = await accessOf(flags);
  const client = new PipelineClient({ pipeline, ...access });
  try {
    return await use(client, { timeoutMs });
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    const { id } = Object(error) as { id?: string };
    const within = durationText(timeoutMs);
    const why = await reasonAt(pipeline, access);
    const again = id === undefined
      ? ""
      : `; it may have been taken: submit it again with --id ${id}`;
    throw new PipelineError(
      "ERR_PIPELINE_TIMEOUT",
      `No pipeline answers at "${pipeline}" within ${within}${why}${again}`,
      { id, cause: error },
    );
  } finally {
    await client.close();
  }
}

/** Whether no answer came, rather than that a flow is not done in time. */
function isUnanswered(error: unknown): boolean {
  const { id, cause } = Object(error) as { id?: string; cause?: unknown };
  // That of a submission has the id that it was given, and one without beneath.
  return codeOf(error) === "ERR_PIPELINE_TIMEOUT" &&
    (id === undefined || codeOf(cause) === "ERR_PIPELINE_TIMEOUT");
}

/**
 * Why there is no connection to a pipeline: `: connection refused`; empty if
 * there is one, or nothing is known within a second.
 */
export async function reasonAt(
  address: string,
  access: Access,
): Promise<string> {
  const socket = new Dealer({ linger: 0, ...socketOptions(access) });
  const trouble = new Trouble(socket);
  try {
    const known = new AbortController();
    for (const type of ["handshake", "connect:retry", "end"] as const) {
      socket.events.once(type, () => known.abort());
    }
    socket.connect(address);
    await sleep(LOOK_MS, known.signal);
    return trouble.text;
  } finally {
    await socket.close();
  }
}
