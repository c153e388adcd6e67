/**
 * Layer: pipeline/http. The JSON interface of the page: one function for each
 * route. Who may call them is decided elsewhere.
 *
 * @module
 */
import type { Operations } from "../coordinator/operations.ts";
import { PipelineError, type PipelineErrorCode } from "../model/errors.ts";
import { FLOW_STATES, JOB_STATES } from "../model/records.ts";
import type { ListQuery } from "../store/job_store.ts";
import { eventView, flowView, jobView, type View } from "../server/views.ts";
import { machine } from "../worker/machine.ts";
import type { Activity } from "./activity.ts";
import { json, refusal } from "./answers.ts";
import {
  flowViews,
  jobRow,
  scheduleViews,
  stepViews,
  workerViews,
} from "./api_views.ts";
import type { Observed } from "./dashboard_options.ts";
import { healthOf } from "./health.ts";
import { VERSION } from "./page/assets.ts";

/** The most that one list has, and what it has unless told. */
const MAX_LIMIT = 500;
const LIMIT = 50;
/** The most jobs and events that are shown of one flow or job. */
const MAX_DETAILS = 1000;

/** What a route is given. */
interface Call {
  readonly pipeline: Observed;
  readonly operations: Operations;
  readonly activity: Activity;
  /** The part of the path that names something. */
  readonly id: string;
  readonly query: URLSearchParams;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly path: RegExp;
  readonly run: (call: Call) => View | Promise<View>;
}

const ROUTES: readonly Route[] = [
  { method: "GET", path: /^overview$/, run: overview },
  { method: "GET", path: /^flows$/, run: listFlows },
  { method: "GET", path: /^flows\/([^/]+)$/, run: oneFlow },
  { method: "GET", path: /^jobs$/, run: listJobs },
  { method: "GET", path: /^jobs\/([^/]+)$/, run: oneJob },
  {
    method: "POST",
    path: /^jobs\/([^/]+)\/retry$/,
    run: async ({ operations, id }) => ({ count: await operations.retry(id) }),
  },
  {
    method: "POST",
    path: /^jobs\/([^/]+)\/cancel$/,
    run: async ({ operations, id }) => {
      await operations.cancel(id);
      return {};
    },
  },
  {
    method: "POST",
    path: /^(pause|resume)$/,
    run: async ({ operations, id, query }) => {
      const jobType = query.get("job_type") ?? undefined;
      await operations[id as "pause" | "resume"](jobType);
      return {};
    },
  },
  { method: "POST", path: /^workers\/([^/]+)\/drain$/, run: drain },
  {
    method: "POST",
    path: /^schedules\/([^/]+)\/remove$/,
    run: async ({ operations, id }) => {
      await operations.unschedule(id);
      return {};
    },
  },
];

/** The status for each error that a caller can cause, or bear. */
const STATUSES: Partial<Record<PipelineErrorCode, number>> = {
  ERR_PIPELINE_INVALID: 400,
  ERR_PIPELINE_UNKNOWN: 404,
  ERR_PIPELINE_STATE: 409,
  ERR_PIPELINE_FULL: 429,
  ERR_PIPELINE_CLOSED: 503,
  ERR_STORE_FAILED: 503,
  ERR_STORE_DAMAGED: 503,
};

/** What the routes work on. */
export interface ApiSubject {
  readonly pipeline: Observed;
  readonly activity: Activity;
  /** Told of what should not have happened. */
  readonly onError: (error: Error) => void;
}

/**
 * Answers a call.
 *
 * @param path Behind `api/`.
 */
export async function callApi(
  request: Request,
  path: string,
  { pipeline, activity, onError }: ApiSubject,
): Promise<Response> {
  const { operations } = pipeline;
  const fitting = ROUTES.filter((route) => route.path.test(path));
  if (fitting.length === 0) {
    return refusal(404, "unknown_path", `There is no "api/${path}"`);
  }
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = fitting.find((one) => one.method === method);
  if (route === undefined) {
    const allow = fitting.map((one) => one.method).join(", ");
    return refusal(405, "wrong_method", `"api/${path}" takes ${allow}`, {
      allow,
    });
  }
  try {
    if (operations.trouble?.code === "ERR_PIPELINE_CLOSED") {
      throw operations.trouble;
    }
    const id = decode(route.path.exec(path)![1] ?? "");
    const query = new URL(request.url).searchParams;
    const call = { pipeline, operations, activity, id, query };
    return json(await route.run(call));
  } catch (error) {
    const status = error instanceof PipelineError
      ? STATUSES[error.code]
      : undefined;
    if (status !== undefined) {
      const { code, message } = error as PipelineError;
      return refusal(status, code, message);
    }
    onError(error as Error);
    return refusal(500, "internal", "The pipeline has a fault; its log tells");
  }
}

function overview({ pipeline, operations, activity }: Call): View {
  const stats = operations.stats();
  const schedules = operations.schedules();
  const { status, reasons, warnings } = healthOf(operations.trouble, stats);
  const { since, endsAt, completed, failed } = activity.throughput();
  return {
    name: pipeline.name,
    version: VERSION,
    ...machine(),
    addresses: pipeline.addresses,
    now: Date.now(),
    started_at: performance.timeOrigin,
    health: { status, reasons, warnings },
    flows: flowViews(pipeline.flows.values()),
    steps: stepViews(stats, activity),
    workers: workerViews(stats.workers),
    worker_count: stats.workers.length,
    schedules: scheduleViews(schedules),
    schedule_count: schedules.length,
    throughput: { since, ends_at: endsAt, completed, failed },
  };
}

function listFlows({ operations, query }: Call): View {
  const flows = operations.flows(listQuery(query, FLOW_STATES));
  return {
    flows: flows.map((flow) => {
      const { result: _, ...row } = flowView(flow);
      return row;
    }),
  };
}

function oneFlow({ operations, id }: Call): View {
  const { flow, jobs, jobCount } = operations.status(id, {
    limit: MAX_DETAILS,
  });
  return {
    ...flowView(flow),
    jobs: jobs.map(jobRow),
    job_count: jobCount,
  };
}

function listJobs({ operations, query }: Call): View {
  return { jobs: operations.jobs(listQuery(query, JOB_STATES)).map(jobRow) };
}

function oneJob({ operations, id }: Call): View {
  const job = operations.job(id);
  const { flow, jobs, jobCount } = operations.status(id, {
    limit: MAX_DETAILS,
  });
  const { id: flowId, name, state, key, created_at, finished_at } = flowView(
    flow,
  );
  return {
    ...jobView(job),
    retry: {
      attempts: job.retry.attempts,
      delay_ms: job.retry.delayMs,
      max_delay_ms: job.retry.maxDelayMs,
    },
    timeout_ms: job.timeoutMs,
    flow: { id: flowId, name, state, key, created_at, finished_at },
    flow_jobs: jobs.map(jobRow),
    flow_job_count: jobCount,
    timeline: operations.timeline(id).slice(-MAX_DETAILS).map(eventView),
  };
}

function drain({ operations, id }: Call): View {
  const isKnown = operations.stats().workers.some((worker) => worker.id === id);
  if (!isKnown) {
    throw new PipelineError(
      "ERR_PIPELINE_UNKNOWN",
      `There is no worker "${id}"`,
    );
  }
  return { count: operations.drain(id) };
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
function listQuery<S extends string>(
  query: URLSearchParams,
  known: readonly S[],
): ListQuery<S> {
  const states = query.getAll("state") as S[];
  for (const state of states) {
    if (known.includes(state)) continue;
    throw invalid(`There is no state "${state}"; there is ${known.join(", ")}`);
  }
  const limit = query.get("limit") ?? String(LIMIT);
  if (!/^[1-9]\d{0,5}$/.test(limit)) {
    throw invalid(`"limit" must be a whole number from 1, not "${limit}"`);
  }
  return {
    states: states.length === 0 ? undefined : states,
    name: query.get("name") ?? undefined,
    limit: Math.min(Number(limit), MAX_LIMIT),
    before: query.get("before") ?? undefined,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(`"${part}" is not an id as a URL writes it`);
  }
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
