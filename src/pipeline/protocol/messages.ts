/**
 * Layer: pipeline/protocol. The messages between a pipeline and its workers: JSON
 * in snake_case, as in AgentZero. The versions differ in the connections over
 * which they travel. The requests of clients are in `server/request_table.ts`.
 * `docs/pipeline/wire.md` describes both for clients in other languages.
 *
 * `reader.ts` checks what arrives.
 *
 * @module
 */
import type { JobFailure } from "../model/records.ts";

/**
 * The version of the protocol. A worker of version 2 makes every connection
 * itself, to the ROUTER of the pipeline, and gets its jobs there. One of version
 * 1 announces the address of a PULL, to which the pipeline connects.
 */
export const WIRE_VERSION = 2;
/** The version whose workers announce an address. */
export const ANNOUNCED_VERSION = 1;

/**
 * Which additions a peer knows; it announces that as `minor`. From
 * 1 on the input of a job is called `payload`; before, it was `instructions`.
 * From 2 on a pipeline takes many submissions in one request, `submit_many`.
 * From 3 on it takes heartbeats of a worker over a second connection.
 * From 4 on a peer finds the shards of a pipeline.
 * Workers of version 2 know the first two.
 */
export const WIRE_MINOR = 4;
/** The minor version from which on a pipeline takes heartbeats. */
export const HEARTBEAT_MINOR = 3;

/** A job that a worker has, or has finished without a `settled` from the pipeline. */
export interface Claim {
  /** The job. */
  readonly id: string;
  /** Which attempt at it. */
  readonly attempt: number;
}

/** `available`, from a worker: on connecting, and every second. */
export interface Available {
  /** The version of the protocol. */
  readonly v: number;
  /** Which additions to that version the worker knows; absent for none. */
  readonly minor?: number;
  /** The worker: one run of one step in one process. */
  readonly id: string;
  /** The endpoint at which it receives jobs; absent in version 2, where they come over its own connection. */
  readonly address?: string;
  /** The type of its jobs. */
  readonly jobType: string;
  /** A display name. */
  readonly stepName: string;
  /** The machine. */
  readonly host: string;
  /** The process. */
  readonly pid: number;
  /** Such as `"deno 2.9.6"`. */
  readonly runtime: string;
  /** How many jobs it works on at a time. */
  readonly concurrency: number;
  /** How many it accepts, working or waiting; slots of handlers that ignore their signal do not count. */
  readonly credit: number;
  /** Its jobs, and those whose results are not settled. */
  readonly running: readonly Claim[];
  /** Whether it accepts no new jobs. */
  readonly draining: boolean;
  /** The public key of its PULL, if that is a CURVE server. */
  readonly publicKey?: string;
}

/** What authenticates a worker to the pipeline, and the pipeline to the worker. */
interface Proof {
  /** The secret of the worker; absent if it has none. */
  readonly secret?: string;
}

/** From the pipeline to a worker. In version 2 it needs no secret: it comes over the worker's own connection. */
export type ToWorker = Proof & PipelineMessage;

/** What the pipeline says. */
export type PipelineMessage =
  | {
    readonly type: "hello";
    readonly v: number;
    /** Which additions to that version the pipeline knows; absent before it had to say so here. */
    readonly minor?: number;
    /** Changes whenever the pipeline is restarted. */
    readonly epoch: string;
    /** How large a result may be, in bytes of JSON. */
    readonly max_payload_bytes?: number;
  }
  | JobMessage
  | {
    readonly type: "settled";
    /** The results of these are committed. */
    readonly jobs: readonly Claim[];
  }
  | ({ readonly type: "cancel" } & Claim)
  | { readonly type: "drain" };

/** A job to do. */
export interface JobMessage extends Claim {
  readonly type: "job";
  readonly flow_id: string;
  readonly job_type: string;
  readonly payload: unknown;
  /** How long the attempt may take, in milliseconds on the clock of the worker. */
  readonly timeout_ms?: number;
  /** The trace of the flow (W3C Trace Context). */
  readonly traceparent?: string;
  /** The attempts whose results are the input of this job, if they were traced. */
  readonly links?: readonly string[];
}

/** A failure on the wire, as in AgentZero's `serialized_exception`. */
export interface FailureMessage {
  readonly module?: string;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly traceback?: string;
  readonly retryable: boolean;
}

/** From a worker to its pipeline. */
export type FromWorker = Proof & WorkerMessage;

type WorkerMessage =
  | ({ readonly type: "available" } & Available)
  | ({
    readonly type: "success";
    readonly result: unknown;
    /** The attempt, if it is traced (W3C Trace Context). */
    readonly traceparent?: string;
  } & Sender)
  | ({
    readonly type: "failed";
    readonly error: FailureMessage;
    readonly retry_after_ms?: number;
  } & Sender)
  | ({ readonly type: "progress"; readonly progress: number } & Sender)
  | ({ readonly type: "release" } & Sender)
  | { readonly type: "leave"; readonly worker: string }
  | {
    /** A sign of life that does not depend on the event loop of the worker. */
    readonly type: "heartbeat";
    readonly worker: string;
    /** After how long without any message its jobs go to others, in milliseconds; 0 for its lease. */
    readonly silence_ms: number;
  };

interface Sender extends Claim {
  readonly worker: string;
}

/** How much of an error's message and stack is sent and stored, in characters. */
const MAX_MESSAGE = 10_000;
/** How much of the name of its class and of its code is. */
const MAX_NAME = 128;

/** The failure, cut to the lengths that are stored. */
export function cutFailure(failure: FailureMessage): FailureMessage {
  const { module, name, message, code, traceback } = failure;
  return {
    ...failure,
    module: module?.slice(0, MAX_NAME),
    name: name.slice(0, MAX_NAME),
    message: message.slice(0, MAX_MESSAGE),
    ...code !== undefined && { code: code.slice(0, MAX_NAME) },
    traceback: traceback?.slice(0, MAX_MESSAGE),
  };
}

/** The failure as it is stored. */
export function failureOf(failure: FailureMessage): JobFailure {
  const { module: _, ...kept } = cutFailure(failure);
  return kept;
}
