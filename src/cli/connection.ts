/**
 * Layer: cli. The connection of a command to a pipeline: address, credentials and
 * timeout.
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
import { codeOf } from "./cli_error.ts";
import { durationText } from "./table.ts";
import { SocketProblem } from "./socket_problem.ts";
import { duration } from "./values.ts";

/** The options of a connection to a pipeline. */
export interface ConnectionFlags extends AccessFlags {
  readonly pipeline: string;
  /** In milliseconds. */
  readonly timeout?: number;
}

/** How long a pipeline may take to answer, in milliseconds. */
export const PATIENCE_MS = 5000;
/** How long to wait for the reason why there is no reply, in milliseconds. */
const DIAGNOSIS_MS = 1000;

/** Adds the option for the address of the pipeline. */
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

/** Connects to a pipeline, and closes the connection afterwards. */
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
      : `; it may have been accepted: submit it again with --id ${id}`;
    throw new PipelineError(
      "ERR_PIPELINE_TIMEOUT",
      `No pipeline answers at "${pipeline}" within ${within}${why}${again}`,
      { id, cause: error },
    );
  } finally {
    await client.close();
  }
}

/** Whether the pipeline did not reply; otherwise a flow did not finish in time. */
function isUnanswered(error: unknown): boolean {
  const { id, cause } = Object(error) as { id?: string; cause?: unknown };
  // The error of a submission has its id, and as cause one without an id.
  return codeOf(error) === "ERR_PIPELINE_TIMEOUT" &&
    (id === undefined || codeOf(cause) === "ERR_PIPELINE_TIMEOUT");
}

/**
 * Why there is no connection to a pipeline: `: connection refused`; empty if
 * there is one, or if the reason is not known within a second.
 */
export async function reasonAt(
  address: string,
  access: Access,
): Promise<string> {
  const socket = new Dealer({ linger: 0, ...socketOptions(access) });
  const problem = new SocketProblem(socket);
  try {
    const known = new AbortController();
    for (const type of ["handshake", "connect:retry", "end"] as const) {
      socket.events.once(type, () => known.abort());
    }
    socket.connect(address);
    await sleep(DIAGNOSIS_MS, known.signal);
    return problem.text;
  } finally {
    await socket.close();
  }
}
