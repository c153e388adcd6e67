/**
 * Layer: pipeline/protocol. Parses and validates what peers sent. Anything invalid
 * is an error that names the member and what was expected.
 *
 * @module
 */
import { finish, inTurns, STEP_LENGTH, type Steps } from "../../async/steps.ts";
import { isIntegerIn } from "../../zmq/integers.ts";
import { MAX_CLAIMS, MAX_TEXT } from "../model/bounds.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { readTraceparent } from "../model/traceparent.ts";
import { headOf } from "./head.ts";
import { decodeInSteps, decodeJson } from "./json.ts";
import { payloadIn } from "./payload_name.ts";
import { isLarge, parseHead, payloadText } from "./payload_text.ts";
import {
  ANNOUNCED_VERSION,
  type Available,
  type Claim,
  type FailureMessage,
  type FromWorker,
  type ToWorker,
} from "./messages.ts";

/** The longest secret of a worker, in characters. */
const MAX_SECRET = 256;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an object.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
export function readObject(bytes: Uint8Array): Fields {
  try {
    return asObject(decodeJson(bytes), "a message");
  } catch (error) {
    throw notRead(error);
  }
}

/**
 * Reads an object whose payloads are only passed on: in a large one they are
 * {@link JsonText}. A very large one is read in turns.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
export function readHead(bytes: Uint8Array): Fields | Promise<Fields> {
  if (!isLarge(bytes)) return readObject(bytes);
  const steps = readLarge(bytes);
  return bytes.byteLength <= STEP_LENGTH ? finish(steps) : inTurns(steps);
}

function* readLarge(bytes: Uint8Array): Steps<Fields> {
  const json = yield* decodeInSteps(bytes);
  try {
    return yield* parseHead(json);
  } catch (error) {
    throw notRead(error);
  }
}

/** The error for what cannot be parsed. */
function notRead(cause: unknown): PipelineError {
  if (cause instanceof PipelineError) return cause;
  return new PipelineError("ERR_PIPELINE_INVALID", "The message is not JSON", {
    cause,
  });
}

/** A message as far as it can be parsed. */
export interface Parsed {
  /** Its members; of a message that cannot be parsed, some of the simple ones. */
  readonly fields: Fields;
  /** Why it cannot be parsed. */
  readonly error?: PipelineError;
}

/** The members that are of use in a message that cannot be parsed: whose it is, and what it answers. */
const HEAD = ["type", "worker", "secret", "id", "attempt", "request_id"];

/** Parses a message whose kind is not known yet; a very large one in turns. */
export function parseMessage(bytes: Uint8Array): Parsed | Promise<Parsed> {
  try {
    const fields = readHead(bytes);
    if (!(fields instanceof Promise)) return { fields };
    return fields.then(
      (fields) => ({ fields }),
      (error) => inTurns(unparsed(bytes, error)),
    );
  } catch (error) {
    return finish(unparsed(bytes, error as PipelineError));
  }
}

function* unparsed(bytes: Uint8Array, error: PipelineError): Steps<Parsed> {
  const json = yield* decodeInSteps(bytes);
  return { fields: yield* headOf(json, HEAD), error };
}

/** The types of the messages of workers. No request has one of these names. */
const FROM_WORKERS: ReadonlySet<unknown> = new Set<FromWorker["type"]>([
  "available",
  "success",
  "failed",
  "progress",
  "release",
  "leave",
  "heartbeat",
]);

/** Whether a message is from a worker, by its type. */
export function isFromWorker({ fields }: Parsed): boolean {
  return FROM_WORKERS.has(fields.type);
}

/**
 * Checks a message of a worker. A result that cannot be read becomes a failure:
 * otherwise the worker would send it again for ever, and its job never end.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
export function workerMessageOf({ fields, error }: Parsed): FromWorker {
  try {
    if (error !== undefined) throw error;
    return withSecret(readWorkerMessage(fields), fields);
  } catch (error) {
    const failure = unreadable(fields, error as PipelineError);
    if (failure === undefined) throw error;
    return failure;
  }
}

/** The failure in place of a result that cannot be read; `undefined` if it is not a result. */
function unreadable(
  head: Fields,
  error: PipelineError,
): FromWorker | undefined {
  const isFailure = head.type === "failed";
  if (!isFailure && head.type !== "success") return undefined;
  try {
    return withSecret<FromWorker>({
      type: "failed",
      worker: text(head, "worker"),
      ...readClaim(head),
      error: {
        name: "PipelineError",
        code: error.code,
        message: `The result of the job cannot be read: ${error.message}`,
        // Another attempt would give the same result; a failure may differ.
        retryable: isFailure,
      },
    }, head);
  } catch {
    return undefined;
  }
}

function readWorkerMessage(m: Fields): FromWorker {
  const type = text(m, "type");
  if (type === "available") return { type, ...readAvailable(m) };
  const worker = text(m, "worker");
  switch (type) {
    case "leave":
      return { type, worker };
    case "heartbeat":
      return { type, worker, silence_ms: natural(m, "silence_ms") };
    case "success":
      return {
        type,
        worker,
        id: text(m, "id"), // written out, since every job has one
        attempt: natural(m, "attempt"),
        result: payloadText(m.result, "The result"),
        traceparent: traceparentOf(m.traceparent),
      };
    case "release":
      return { type, worker, ...readClaim(m) };
    case "progress":
      return {
        type,
        worker,
        ...readClaim(m),
        progress: number(m, "progress"),
      };
    case "failed":
      return {
        type,
        worker,
        ...readClaim(m),
        error: readFailure(m.error),
        retry_after_ms: optional(m, "retry_after_ms", natural),
      };
  }
  throw invalid(`Unknown message type "${type}" from a worker`);
}

/**
 * Reads a message of a pipeline to a worker.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function readToWorker(bytes: Uint8Array): ToWorker {
  const m = readObject(bytes);
  return withSecret(readPipelineMessage(m), m);
}

function readPipelineMessage(m: Fields): ToWorker {
  const type = text(m, "type");
  switch (type) {
    case "hello":
      return {
        type,
        v: number(m, "v"),
        minor: optional(m, "minor", natural),
        epoch: text(m, "epoch"),
        max_payload_bytes: optional(m, "max_payload_bytes", natural),
      };
    case "settled":
      return { type, jobs: readClaims(m, "jobs") };
    case "cancel":
      return { type, ...readClaim(m) };
    case "drain":
      return { type };
    case "job":
      return {
        type,
        id: text(m, "id"), // written out, since every job has one
        attempt: natural(m, "attempt"),
        flow_id: text(m, "flow_id"),
        job_type: text(m, "job_type"),
        payload: payloadIn(m),
        timeout_ms: optional(m, "timeout_ms", natural),
        traceparent: optional(m, "traceparent", text),
        links: optional(m, "links", texts),
      };
  }
  throw invalid(`Unknown message type "${type}" from a pipeline`);
}

/** Adds the secret to a message that has just been created: it is not copied for that. */
function withSecret<T extends { secret?: string }>(message: T, m: Fields): T {
  const secret = readSecret(m);
  if (secret !== undefined) message.secret = secret;
  return message;
}

function readSecret(m: Fields): string | undefined {
  const secret = optional(m, "secret", text);
  if (secret === undefined || secret.length <= MAX_SECRET) return secret;
  throw expected("secret", `at most ${MAX_SECRET} characters`);
}

function readAvailable(m: Fields): Available {
  const v = number(m, "v");
  return {
    v,
    minor: optional(m, "minor", natural),
    id: text(m, "id"),
    address: v > ANNOUNCED_VERSION ? undefined : text(m, "address"),
    jobType: text(m, "job_type"),
    stepName: text(m, "step_name"),
    host: text(m, "host"),
    pid: number(m, "pid"),
    runtime: text(m, "runtime"),
    concurrency: natural(m, "concurrency"),
    credit: natural(m, "credit"),
    running: readClaims(m, "running", MAX_CLAIMS),
    draining: m.draining === true,
    publicKey: optional(m, "public_key", text),
  };
}

function readClaims(m: Fields, name: string, most = Infinity): Claim[] {
  const claims = m[name];
  if (!Array.isArray(claims)) throw expected(name, "a list");
  if (claims.length > most) {
    throw expected(name, `a list of ${most} at most, not of ${claims.length}`);
  }
  return claims.map((claim) => readClaim(asObject(claim, name)));
}

function readClaim(m: Fields): Claim {
  return { id: text(m, "id"), attempt: natural(m, "attempt") };
}

function readFailure(value: unknown): FailureMessage {
  const m = asObject(value, "error");
  return {
    // Of any length: `failureOf` cuts them.
    module: optional(m, "module", anyText),
    name: anyText(m, "name"),
    message: anyText(m, "message"),
    code: typeof m.code === "string" ? m.code : undefined,
    traceback: optional(m, "traceback", anyText),
    retryable: m.retryable !== false,
  };
}

/** The value as an object. */
export function asObject(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Fields;
  }
  throw expected(name, "an object");
}

/** An invalid trace is no reason to refuse a result. */
function traceparentOf(value: unknown): string | undefined {
  const isOne = typeof value === "string" &&
    readTraceparent(value) !== undefined;
  return isOne ? value : undefined;
}

/** A member that is a string of 1,024 characters at most: a name, an id, an address. */
export function text(m: Fields, name: string): string {
  const value = anyText(m, name);
  if (value.length <= MAX_TEXT) return value;
  throw expected(
    name,
    `text of ${MAX_TEXT} characters at most, not of ${value.length}`,
  );
}

/** A member that is a string of any length. */
function anyText(m: Fields, name: string): string {
  const value = m[name];
  if (typeof value === "string") return value;
  throw expected(name, "text");
}

/** A member that is an array of strings. */
function texts(m: Fields, name: string): string[] {
  const value = m[name];
  const isText = (one: unknown) =>
    typeof one === "string" && one.length <= MAX_TEXT;
  if (Array.isArray(value) && value.every(isText)) return value;
  throw expected(name, "a list of texts");
}

/** A member that is a finite number. */
export function number(m: Fields, name: string): number {
  const value = m[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw expected(name, "a number");
}

/** A member that is an integer from 0. */
export function natural(m: Fields, name: string): number {
  const value = m[name];
  if (isIntegerIn(value, 0)) return value;
  throw expected(name, "a whole number from 0");
}

/** A member that may be absent or `null`. */
export function optional<T>(
  m: Fields,
  name: string,
  read: (m: Fields, name: string) => T,
): T | undefined {
  return m[name] === undefined || m[name] === null ? undefined : read(m, name);
}

function expected(name: string, what: string): PipelineError {
  return invalid(`"${name}" must be ${what}`);
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
