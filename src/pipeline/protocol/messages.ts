/**
 * Layer: pipeline/protocol. What pipelines, steps and clients say to each other,
 * version 1: JSON in snake_case, as AgentZero has it. `docs/pipeline/wire.md`
 * tells it to those who write a client in another language.
 *
 * Types only; `reader.ts` checks what arrives.
 *
 * @module
 */
import type { JobFailure } from "../model/records.ts";

/** The version of everything here. */
export const WIRE_VERSION = 1;

/**
 * Which additions to the version a peer knows; it says so as `minor`. From 1 on
 * what a job gets is called `payload`, before it was called `instructions`.
 */
export const WIRE_MINOR = 1;

/** A job that a step has, or has done without having been told that it is settled. */
export interface Claim {
  /** The job. */
  readonly id: string;
  /** Which attempt at it. */
  readonly attempt: number;
}

/** `available`, from a step to the results PULL of the pipeline: when it is connected, and every second. */
export interface Available {
  /** The version of the wire. */
  readonly v: number;
  /** Which additions to that version the worker knows; absent for none. */
  readonly minor?: number;
  /** The worker: one run of one step in one process. */
  readonly id: string;
  /** Where it pulls jobs. */
  readonly address: string;
  /** The type of the jobs that it does. */
  readonly jobType: string;
  /** A name for people. */
  readonly stepName: string;
  /** The machine. */
  readonly host: string;
  /** The process. */
  readonly pid: number;
  /** Such as `"deno 2.9.6"`. */
  readonly runtime: string;
  /** How many jobs it works on at a time. */
  readonly concurrency: number;
  /** How many it wants to have, working or waiting; a place that a stuck handler keeps is none. */
  readonly credit: number;
  /** The jobs that it has, and those whose results are not settled. */
  readonly running: readonly Claim[];
  /** Whether it takes no new work. */
  readonly draining: boolean;
  /** The key of its PULL, if that is a server of CURVE. */
  readonly publicKey?: string;
}

/** What a worker proves itself with, and the pipeline to the worker. */
interface Proof {
  /** The worker's secret; absent from those who have none. */
  readonly secret?: string;
}

/** From the pipeline to the PULL of a step. */
export type ToWorker = Proof & PipelineMessage;

/** What the pipeline says. */
export type PipelineMessage =
  | {
    readonly type: "hello";
    readonly v: number;
    /** Another one says that the pipeline was started again. */
    readonly epoch: string;
    /** How large a result may be, in bytes of JSON. */
    readonly max_payload_bytes?: number;
  }
  | JobMessage
  | {
    readonly type: "settled";
    /** What the step said of these is kept. */
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
  /** How long the attempt may take, in milliseconds; the step's clock counts. */
  readonly timeout_ms?: number;
  /** The trace of the flow (W3C Trace Context). */
  readonly traceparent?: string;
  /** The attempts whose results this runs on, if they were traced. */
  readonly links?: readonly string[];
}

/** A failure on the wire, as AgentZero's `serialized_exception` has it. */
export interface FailureMessage {
  readonly module?: string;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly traceback?: string;
  readonly retryable: boolean;
}

/** From a step to the results PULL of the pipeline. */
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
  | { readonly type: "leave"; readonly worker: string };

interface Sender extends Claim {
  readonly worker: string;
}

/** So much of an error's message, and of its stack, is sent and kept, in characters. */
const MAX_MESSAGE = 10_000;
/** So much of the name of its class, and of its code. */
const MAX_NAME = 128;

/** The failure without what nobody keeps of it. */
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

/** The failure as a store keeps it. */
export function failureOf(failure: FailureMessage): JobFailure {
  const { module: _, ...kept } = cutFailure(failure);
  return kept;
}
