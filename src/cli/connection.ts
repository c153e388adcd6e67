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
import { ConnectionProblem } from "../pipeline/protocol/connection_problem.ts";
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
import { duration, PATIENCE_MS } from "./values.ts";

/** The options of a connection to a pipeline. */
export interface ConnectionFlags extends AccessFlags {
  readonly pipeline: string;
  /** In milliseconds. */
  readonly timeout?: number;
}

/** How long to wait for the reason why there is no reply, in milliseconds. */
const DIAGNOSIS_MS = 1000;

/** Adds the option for the address of the pipeline. */
export function addPipeline(command: Command): Command {
  return command.addOption(
    variableOption(
      "--pipeline <address>",
      "where the pipeline takes requests; where several processes share it, the addresses of all, separated by commas",
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

/** The addresses that `--pipeline` lists: all processes of which one leads. */
export function addressesIn(pipeline: string): readonly string[] {
  return pipeline.split(",").map((address) => address.trim());
}

/** Connects to a pipeline, and closes the connection afterwards. */
export async function withClient<T>(
  flags: ConnectionFlags,
  use: (client: PipelineClient, call: CallOptions) => Promise<T>,
): Promise<T> {
  const { pipeline, timeout: timeoutMs = PATIENCE_MS } = flags;
  const access = await accessOf(flags);
  const client = new PipelineClient({
    pipeline: addressesIn(pipeline),
    ...access,
  });
  try {
    return await use(client, { timeoutMs });
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    const { id } = Object(error) as { id?: string };
    const within = durationText(timeoutMs);
    const { text: why, refused } = await diagnose(pipeline, access);
    const again = id === undefined
      ? ""
      : `; it may have been accepted: submit it again with --id ${id}`;
    if (refused !== undefined) throw refused;
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

/** Why there is no connection to a pipeline. */
export interface Diagnosis {
  /** The end of a sentence: `: connection refused`; empty if there is a connection, or the reason is not known. */
  readonly text: string;
  /** `ERR_PIPELINE_REFUSED`, if the pipeline refuses the connection. */
  readonly refused: PipelineError | undefined;
}

/**
 * Finds out why there is no connection to a pipeline; of several addresses, to the
 * first one.
 *
 * @param pipeline As `--pipeline` has it.
 * @param limitMs How long that may take.
 */
export async function diagnose(
  pipeline: string,
  access: Access,
  limitMs = DIAGNOSIS_MS,
): Promise<Diagnosis> {
  const socket = new Dealer({ linger: 0, ...socketOptions(access) });
  const known = new AbortController();
  const address = addressesIn(pipeline)[0]!;
  let refused: PipelineError | undefined;
  const problem = new ConnectionProblem(socket, address, (error) => {
    refused = error;
    known.abort();
  });
  try {
    for (const type of ["handshake", "connect:retry", "end"] as const) {
      socket.events.once(type, () => known.abort());
    }
    socket.connect(address);
    await sleep(limitMs, known.signal);
    return { text: problem.text, refused };
  } finally {
    await socket.close();
  }
}
