/**
 * Layer: pipeline/protocol. The first requests to a pipeline: where its other
 * sockets are, and whether it accepts a worker.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { REQ } from "../../zmq/mod.ts";
import { MESSAGE_ROOM_BYTES } from "../model/bounds.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { encodeJson } from "./json.ts";
import { ANNOUNCED_VERSION, WIRE_MINOR, WIRE_VERSION } from "./messages.ts";
import { natural, number, optional, readObject, text } from "./reader.ts";
import { connectTo } from "./connect_to.ts";
import { ConnectionProblem } from "./connection_problem.ts";

/** How long to wait for an answer before the request is sent again, in milliseconds. */
const PATIENCE_MS = 1000;

/** How a pipeline describes itself. */
export interface Description {
  /** The version of the protocol that both sides speak. */
  readonly version: number;
  readonly epoch: string;
  readonly name: string;
  /** Where workers publish events; absent in version 2. */
  readonly events?: string;
  /** Where workers push results; absent in version 2. */
  readonly results?: string;
  /** Where watchers subscribe. */
  readonly feed: string;
  /** How large a payload or a result may be, in bytes of JSON; absent from older pipelines. */
  readonly maxPayloadBytes: number | undefined;
  /** Of several processes with the same pipeline, the one with the highest term leads; 0 where there is only one. */
  readonly term: number;
  /** How many shards it has, if this is where a process says which of them it leads. */
  readonly shards: number | undefined;
  /** Whether its messages to a worker carry the secret of that worker. */
  readonly workerSecrets: boolean;
}

/** What a peer asks first. @param v The latest version that it wants to speak. */
export function describeRequest(v: number = WIRE_VERSION): {
  readonly type: "describe";
  readonly v: number;
  readonly minor: number;
} {
  return { type: "describe", v, minor: WIRE_MINOR };
}

/**
 * Asks a pipeline for its description, again and again until it answers.
 *
 * @param pipeline Its endpoint for requests.
 * @param options The options of the socket: the keys of CURVE.
 * @param version The latest version to speak.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` if it speaks another version,
 *   `ERR_PIPELINE_REFUSED` if it refuses the connection.
 */
export async function describePipeline(
  sockets: SocketManager,
  pipeline: string,
  options: object,
  { version, signal }: {
    readonly version?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Description> {
  const request = describeRequest(version);
  const answer = await ask(sockets, pipeline, options, request, signal);
  return readDescription(answer, pipeline);
}

/**
 * Asks a pipeline whether it accepts a worker.
 *
 * @param worker The endpoint at which the worker receives jobs, if it has one, and its key.
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`, `ERR_PIPELINE_REFUSED` if it
 *   does not.
 */
export async function requireAccepted(
  sockets: SocketManager,
  pipeline: string,
  options: object,
  worker: { readonly address?: string; readonly publicKey?: string },
  signal?: AbortSignal,
): Promise<void> {
  const request = {
    type: "check_worker",
    address: worker.address,
    public_key: worker.publicKey,
  };
  const answer = await ask(sockets, pipeline, options, request, signal);
  if (answer.status === 200) return;
  const { code, message } = answer;
  if (code === "ERR_PIPELINE_FORBIDDEN") {
    throw new PipelineError(
      code,
      `The pipeline at "${pipeline}" refused this worker: ${message}`,
    );
  }
  throw new PipelineError(
    code === "ERR_PIPELINE_INSECURE" ? code : "ERR_PIPELINE_REFUSED",
    `The pipeline at "${pipeline}" does not connect to "${worker.address}": ${message}`,
  );
}

async function ask(
  sockets: SocketManager,
  pipeline: string,
  options: object,
  request: object,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const name = `describe:${crypto.randomUUID()}`; // one may still be closing
  const socket = sockets.create(name, REQ, {
    ...options,
    linger: 0,
    maxMessageSize: MESSAGE_ROOM_BYTES,
  });
  const refused = new AbortController();
  new ConnectionProblem(socket, pipeline, (error) => refused.abort(error));
  try {
    await connectTo(sockets, name, pipeline);
    const bytes = await sockets.request(
      name,
      encodeJson(request),
      {
        timeout: PATIENCE_MS,
        retries: Number.MAX_SAFE_INTEGER - 1,
        signal: AbortSignal.any([refused.signal, ...signal ? [signal] : []]),
      },
    );
    return readObject(bytes as Uint8Array);
  } finally {
    await sockets.close(name);
  }
}

/**
 * Reads the answer to `describe`.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function readDescription(
  m: Readonly<Record<string, unknown>>,
  pipeline: string,
): Description {
  const version = number(m, "v");
  if (version !== WIRE_VERSION && version !== ANNOUNCED_VERSION) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `The pipeline at "${pipeline}" speaks protocol version ${m.v}; this program speaks versions ${ANNOUNCED_VERSION} and ${WIRE_VERSION}`,
    );
  }
  return {
    version,
    epoch: text(m, "epoch"),
    name: text(m, "name"),
    ...version === ANNOUNCED_VERSION && {
      events: text(m, "events"),
      results: text(m, "results"),
    },
    feed: text(m, "feed"),
    maxPayloadBytes: optional(m, "max_payload_bytes", natural),
    term: optional(m, "term", natural) ?? 0,
    shards: optional(m, "shards", natural),
    workerSecrets: m.worker_secrets === true,
  };
}
