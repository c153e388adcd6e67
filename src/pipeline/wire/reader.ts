/**
 * Layer: pipeline/wire. Reads what others sent, and trusts none of it: whatever
 * is not as it should be is an error that says what was expected.
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import { decodeJson } from "./json.ts";
import type { Available, Claim, Down, FailureMessage, Up } from "./messages.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an object.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function readObject(bytes: Uint8Array): Fields {
  let value: unknown;
  try {
    value = decodeJson(bytes);
  } catch (cause) {
    throw new PipelineError("ERR_PIPELINE_INVALID", "That is no JSON", {
      cause,
    });
  }
  return asObject(value, "a message");
}

/**
 * Reads what a step sends.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function readUp(bytes: Uint8Array): Up {
  const m = readObject(bytes);
  const type = text(m, "type");
  if (type === "available") return { type, ...readAvailable(m) };
  const worker = text(m, "worker");
  switch (type) {
    case "leave":
      return { type, worker };
    case "success":
      return {
        type,
        worker,
        ...readClaim(m),
        result: m.result,
        traceparent: optional(m, "traceparent", text),
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
  throw invalid(`A step cannot say "${type}"`);
}

/**
 * Reads what a pipeline sends.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function readDown(bytes: Uint8Array): Down {
  const m = readObject(bytes);
  const type = text(m, "type");
  switch (type) {
    case "hello":
      return {
        type,
        v: number(m, "v"),
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
        ...readClaim(m),
        flow_id: text(m, "flow_id"),
        job_type: text(m, "job_type"),
        instructions: m.instructions,
        timeout_ms: optional(m, "timeout_ms", natural),
        traceparent: optional(m, "traceparent", text),
        links: optional(m, "links", texts),
      };
  }
  throw invalid(`A pipeline cannot say "${type}"`);
}

function readAvailable(m: Fields): Available {
  return {
    v: number(m, "v"),
    id: text(m, "id"),
    address: text(m, "address"),
    jobType: text(m, "job_type"),
    stepName: text(m, "step_name"),
    host: text(m, "host"),
    pid: number(m, "pid"),
    runtime: text(m, "runtime"),
    concurrency: natural(m, "concurrency"),
    credit: natural(m, "credit"),
    running: readClaims(m, "running"),
    draining: m.draining === true,
    publicKey: optional(m, "public_key", text),
  };
}

function readClaims(m: Fields, name: string): Claim[] {
  const claims = m[name];
  if (!Array.isArray(claims)) throw expected(name, "a list");
  return claims.map((claim) => readClaim(asObject(claim, name)));
}

function readClaim(m: Fields): Claim {
  return { id: text(m, "id"), attempt: natural(m, "attempt") };
}

function readFailure(value: unknown): FailureMessage {
  const m = asObject(value, "error");
  return {
    module: optional(m, "module", text),
    name: text(m, "name"),
    message: text(m, "message"),
    code: typeof m.code === "string" ? m.code : undefined,
    traceback: optional(m, "traceback", text),
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

/** A member that is text. */
export function text(m: Fields, name: string): string {
  const value = m[name];
  if (typeof value === "string") return value;
  throw expected(name, "text");
}

/** A member that is a list of texts. */
function texts(m: Fields, name: string): string[] {
  const value = m[name];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return value;
  }
  throw expected(name, "a list of texts");
}

/** A member that is a finite number. */
export function number(m: Fields, name: string): number {
  const value = m[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw expected(name, "a number");
}

/** A member that is a whole number from 0. */
export function natural(m: Fields, name: string): number {
  const value = m[name];
  if (Number.isSafeInteger(value) && value as number >= 0) {
    return value as number;
  }
  throw expected(name, "a whole number from 0");
}

/** A member that may be absent, or `null`. */
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
