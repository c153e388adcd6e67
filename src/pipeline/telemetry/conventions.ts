/**
 * Layer: pipeline/telemetry. How spans, metrics and attributes are called: as
 * OpenTelemetry's semantic conventions for messaging have it, and below
 * `agentzero.` where those have nothing.
 *
 * @module
 */
import type { Attributes, SpanKind } from "@opentelemetry/api";

/** Who tells: the instrumentation scope. */
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
  /** What that is in the conventions; absent for what only a pipeline does. */
  readonly type?: "send" | "receive" | "process";
  readonly kind: keyof typeof SpanKind;
}

/** A flow is submitted. Its span is the parent of all that becomes of the flow. */
export const SUBMIT: Operation = {
  name: "submit",
  type: "send",
  kind: "PRODUCER",
};

/** A pipeline takes a submission, until it is kept. */
export const RECEIVE: Operation = {
  name: "receive",
  type: "receive",
  kind: "SERVER", // the client waits for the answer
};

/** A job waits in the pipeline, until a worker is found. */
export const DISPATCH: Operation = { name: "dispatch", kind: "INTERNAL" };

/** A worker had a job and was lost: from when it got the job until it was given up. */
export const LOSE: Operation = { name: "lose", kind: "INTERNAL" };

/** A worker works on a job. */
export const PROCESS: Operation = {
  name: "process",
  type: "process",
  kind: "CONSUMER",
};

/** The attributes that every span, and every metric of messaging, has. */
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
 * The borders of histograms, in seconds: those that the conventions give for
 * messaging, and some beyond, since jobs may take minutes.
 */
export const BORDERS: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75],
  ...[1, 2.5, 5, 7.5, 10, 30, 60, 300, 900],
];
