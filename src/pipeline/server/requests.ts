/**
 * Layer: pipeline/server. The requests that a pipeline answers, version 1: one
 * function for each. They know no sockets.
 *
 * @module
 */
import type { Operations } from "../coordinator/operations.ts";
import { DEFAULT_RETRY } from "../board/retry.ts";
import { PipelineError } from "../model/errors.ts";
import type { FlowState, JobState, RetryPolicy } from "../model/records.ts";
import { toJson } from "../wire/json.ts";
import { asObject, natural, number, optional, text } from "../wire/reader.ts";
import { eventView, flowView, jobView, statsView, type View } from "./views.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The longest that an answer is held back for a result, in milliseconds. */
const MAX_WAIT_MS = 60_000;
/** The most that one list has. */
const MAX_LIMIT = 1000;

/**
 * Answers a request.
 *
 * @param describe What the pipeline says of itself.
 * @throws {PipelineError} See {@link Operations}.
 */
export async function answer(
  request: Fields,
  operations: Operations,
  describe: () => View,
): Promise<View> {
  const type = optional(request, "type", text) ?? "submit";
  switch (type) {
    case "describe":
      return describe();
    case "submit":
      return await submit(request, operations);
    case "status": {
      const { flow, jobs } = operations.status(text(request, "id"));
      return { ...flowView(flow), jobs: jobs.map(jobView) };
    }
    case "result": {
      const waitMs = optional(request, "wait_ms", number) ?? 0;
      const id = text(request, "id");
      return flowView(
        await operations.wait(id, Math.min(waitMs, MAX_WAIT_MS)),
      );
    }
    case "timeline":
      return {
        events: operations.timeline(text(request, "id")).map(eventView),
      };
    case "cancel":
      await operations.cancel(text(request, "id"));
      return {};
    case "retry":
      return { count: await operations.retry(text(request, "id")) };
    case "list":
      return list(request, operations);
    case "stats":
      return statsView(operations.stats());
    case "pause":
    case "resume":
      await operations.pause(
        type === "pause",
        optional(request, "job_type", text),
      );
      return {};
    case "drain":
      return { count: operations.drain(optional(request, "of", text)) };
  }
  throw new PipelineError(
    "ERR_PIPELINE_INVALID",
    `There is no request "${type}"`,
  );
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
    limit: Math.min(optional(m, "limit", natural) ?? 100, MAX_LIMIT),
    before: optional(m, "before", text),
  };
  const states = optional(m, "states", textList);
  return m.of === "flows"
    ? {
      flows: operations.flows({ ...query, states: states as FlowState[] })
        .map(flowView),
    }
    : {
      jobs: operations.jobs({ ...query, states: states as JobState[] })
        .map(jobView),
    };
}

function textList(m: Fields, name: string): string[] {
  const value = m[name];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return value;
  }
  throw new PipelineError(
    "ERR_PIPELINE_INVALID",
    `"${name}" must be a list of texts`,
  );
}
