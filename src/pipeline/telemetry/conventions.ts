/**
 * Layer: pipeline/telemetry. The names of spans, metrics and attributes: those of
 * OpenTelemetry's semantic conventions for messaging, and names below
 * `agentzero.` for what the conventions lack.
 *
 * @module
 */
import type { Attributes, SpanKind } from "@opentelemetry/api";

/** The instrumentation scope. */
export const SCOPE = "agentzero";

/** The names of attributes. */
export const ATTR = {
  SYSTEM: "messaging.system",
  OPERATION: "messaging.operation.name",
  OPERATION_TYPE: "messaging.operation.type",
  /** The job type; of a submission, the name of the flow. */
  DESTINATION: "messaging.destination.name",
  /** The id of the job; of a submission, that of the flow. */
  MESSAGE: "messaging.message.id",
  /** The id of the flow: all its jobs have it. */
  CONVERSATION: "messaging.message.conversation_id",
  /** Of many submissions in one request: how many there are. */
  COUNT: "messaging.batch.message_count",
  ERROR: "error.type",
  SERVER: "server.address",
  PORT: "server.port",
  ATTEMPT: "agentzero.job.attempt",
  WORKER: "agentzero.worker.id",
  PIPELINE: "agentzero.pipeline.name",
  SCHEDULE: "agentzero.schedule.id",
  REASON: "agentzero.requeue.reason",
} as const;

/** What is done to a message. */
export interface Operation {
  readonly name: string;
  /** The operation type in the conventions; absent for operations that they do not have. */
  readonly type?: "send" | "receive" | "process";
  readonly kind: keyof typeof SpanKind;
}

/** A flow is submitted. Its span is the parent of all spans of the flow. */
export const SUBMIT: Operation = {
  name: "submit",
  type: "send",
  kind: "PRODUCER",
};

/** A pipeline accepts a submission; ends when that is committed. */
export const RECEIVE: Operation = {
  name: "receive",
  type: "receive",
  kind: "SERVER", // the client waits for the answer
};

/** A job waits in the pipeline; ends when a worker gets it. */
export const DISPATCH: Operation = { name: "dispatch", kind: "INTERNAL" };

/** A worker was lost with a job: from when it got the job until the pipeline gave up on it. */
export const LOSE: Operation = { name: "lose", kind: "INTERNAL" };

/** A worker works on a job. */
export const PROCESS: Operation = {
  name: "process",
  type: "process",
  kind: "CONSUMER",
};

/** The attributes of every span and every messaging metric. */
export function attributesOf(
  { name, type }: Operation,
  destination: string,
): Attributes {
  const attributes: Attributes = {
    [ATTR.SYSTEM]: "agentzero",
    [ATTR.OPERATION]: name,
    [ATTR.DESTINATION]: destination,
  };
  if (type !== undefined) attributes[ATTR.OPERATION_TYPE] = type;
  return attributes;
}

/**
 * The bucket boundaries of histograms, in seconds: those of the conventions for
 * messaging, and some beyond, since jobs may take minutes.
 */
export const BUCKET_BOUNDARIES: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75],
  ...[1, 2.5, 5, 7.5, 10, 30, 60, 300, 900],
];
