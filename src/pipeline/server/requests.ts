/**
 * Layer: pipeline/server. The requests that a pipeline answers, version 1: one
 * function for each. They know no sockets.
 *
 * @module
 */
import type { Operations } from "../coordinator/operations.ts";
import type { WorkerPlace } from "../coordinator/coordinator_options.ts";
import { DEFAULT_RETRY } from "../model/retry.ts";
import { PipelineError } from "../model/errors.ts";
import type { Schedule } from "../coordinator/schedules.ts";
import { FLOW_STATES, JOB_STATES, type RetryPolicy } from "../model/records.ts";
import { toJson } from "../protocol/json.ts";
import {
  asObject,
  natural,
  number,
  optional,
  text,
} from "../protocol/reader.ts";
import {
  eventView,
  flowView,
  jobView,
  scheduleView,
  statsView,
  type View,
} from "./views.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The longest that an answer is held back for a result, in milliseconds. */
const MAX_WAIT_MS = 60_000;
/** The most that one list has, and what it has unless told. */
const MAX_LIMIT = 1000;
const LIMIT = 100;

/** What a pipeline answers beside its operations. */
export interface Host {
  /** What the pipeline says of itself. */
  describe(): View;
  /**
   * Refuses a worker that the pipeline cannot use.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
   */
  requireWorker(worker: WorkerPlace): void;
}

/**
 * Answers a request.
 *
 * @returns The answer, or a promise of it where it has to wait.
 * @throws {PipelineError} See {@link Operations}.
 */
export function answer(
  request: Fields,
  operations: Operations,
  host: Host,
): View | Promise<View> {
  const type = optional(request, "type", text) ?? "submit";
  switch (type) {
    case "describe":
      return host.describe();
    case "check_worker":
      host.requireWorker({
        address: text(request, "address"),
        publicKey: optional(request, "public_key", text),
      });
      return {};
    case "submit":
      return submit(request, operations);
    case "status": {
      const id = text(request, "id");
      const { flow, jobs, jobCount } = operations.bounded.status(
        id,
        pageIn(request),
      );
      return {
        ...flowView(flow),
        job_count: jobCount,
        jobs: jobs.map(jobView),
      };
    }
    case "result": {
      const waitMs = optional(request, "wait_ms", number) ?? 0;
      const id = text(request, "id");
      const mostMs = Math.min(waitMs, MAX_WAIT_MS);
      return operations.wait(id, mostMs, undefined, true).then(flowView);
    }
    case "timeline":
      return {
        events: operations.timeline(text(request, "id"), pageIn(request))
          .map(eventView),
      };
    case "cancel":
      return operations.cancel(text(request, "id")).then(nothing);
    case "retry":
      return operations.retry(text(request, "id"))
        .then((count) => ({ count }));
    case "retry_all":
      return operations.retryAll({
        type: optional(request, "job_type", text),
        limit: optional(request, "limit", natural),
      }).then((count) => ({ count }));
    case "list":
      return list(request, operations);
    case "stats":
      return statsView(operations.stats());
    case "pause":
    case "resume":
      return operations[type](optional(request, "job_type", text))
        .then(nothing);
    case "schedule":
      return operations.schedule(readSchedule(request))
        .then((at) => ({ next_at: at }));
    case "unschedule":
      return operations.unschedule(text(request, "id")).then(nothing);
    case "schedules":
      return { schedules: operations.schedules().map(scheduleView) };
    case "drain":
      return { count: operations.drain(optional(request, "of", text)) };
  }
  throw invalid(`There is no request "${type}"`);
}

async function submit(m: Fields, operations: Operations): Promise<View> {
  const { id, isNew } = await operations.submit({
    // The guide's name for it, and ours.
    name: optional(m, "flow", text) ?? text(m, "job_type"),
    instructions: toJson(m.instructions),
    id: optional(m, "id", text),
    key: optional(m, "key", text),
    delayMs: optional(m, "delay_ms", natural),
    priority: optional(m, "priority", number),
    retry: optional(m, "retry", readRetry),
    timeoutMs: optional(m, "timeout_ms", natural),
    traceparent: optional(m, "traceparent", text),
  });
  return { id, new: isNew };
}

/** Which part of a list. */
function pageIn(m: Fields): { limit: number; offset: number } {
  return {
    limit: Math.min(optional(m, "limit", natural) ?? LIMIT, MAX_LIMIT),
    offset: optional(m, "offset", natural) ?? 0,
  };
}

function nothing(): View {
  return {};
}

function readSchedule(m: Fields): Schedule {
  const missed = optional(m, "missed", text);
  if (missed !== undefined && missed !== "once" && missed !== "skip") {
    throw invalid(`"missed" must be "once" or "skip", not "${missed}"`);
  }
  return {
    id: text(m, "id"),
    flow: optional(m, "flow", text) ?? text(m, "job_type"),
    cron: text(m, "cron"),
    timezone: optional(m, "timezone", text),
    instructions: toJson(m.instructions),
    missed,
    priority: optional(m, "priority", number),
  };
}

function readRetry(m: Fields, name: string): RetryPolicy {
  const retry = asObject(m[name], name);
  return {
    attempts: optional(retry, "attempts", natural) ?? DEFAULT_RETRY.attempts,
    delayMs: optional(retry, "delay_ms", natural) ?? DEFAULT_RETRY.delayMs,
    maxDelayMs: optional(retry, "max_delay_ms", natural) ??
      DEFAULT_RETRY.maxDelayMs,
  };
}

function list(m: Fields, operations: Operations): View {
  const query = {
    name: optional(m, "name", text),
    limit: pageIn(m).limit,
    before: optional(m, "before", text),
    payloads: m.payloads === true,
  };
  const of = optional(m, "of", text) ?? "jobs";
  switch (of) {
    case "flows": {
      const states = readStates(m, FLOW_STATES);
      return {
        flows: operations.bounded.flows({ ...query, states }).map(flowView),
      };
    }
    case "jobs": {
      const states = readStates(m, JOB_STATES);
      const jobs = operations.bounded.jobs({ ...query, states }).map(jobView);
      if (query.payloads) return { jobs };
      return { jobs: jobs.map(({ instructions: _, ...job }) => job) };
    }
  }
  throw invalid(`"of" must be "flows" or "jobs", not "${of}"`);
}

function readStates<S extends string>(
  m: Fields,
  known: readonly S[],
): S[] | undefined {
  const { states } = m;
  if (states === undefined || states === null) return undefined;
  if (Array.isArray(states) && states.every((one) => known.includes(one))) {
    return states;
  }
  throw invalid(`"states" must be a list of ${known.join(", ")}`);
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
