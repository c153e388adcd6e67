/**
 * Layer: pipeline/http. Answers the requests of `server/request_table.ts` over
 * HTTP, in JSON, and two that only the page needs. Authentication is done
 * before, in `guard.ts`.
 *
 * @module
 */
import {
  PipelineError,
  type PipelineErrorCode,
} from "../model/pipeline_error.ts";
import { readTraceparent } from "../model/traceparent.ts";
import {
  type Fields,
  type HttpRoute,
  type QueryMember,
  type RequestRow,
  REQUESTS,
} from "../server/request_table.ts";
import { answerFor } from "../protocol/payload_name.ts";
import { readHead } from "../protocol/reader.ts";
import type { View } from "../server/views.ts";
import { machine } from "../worker/machine.ts";
import type { Activity } from "./activity.ts";
import { json, refusal } from "./answers.ts";
import type { RequestBodies } from "./request_bodies.ts";
import { submittedLines } from "./submitted_lines.ts";
import {
  flowViews,
  jobRow,
  type Row,
  scheduleViews,
  stepViews,
  workerViews,
} from "./page_views.ts";
import { healthOf } from "./health.ts";
import type { Subject } from "./subject.ts";
import { VERSION } from "./page/assets.ts";

/** A path, and what answers it. */
interface Route {
  readonly method: "GET" | "POST";
  readonly pattern: RegExp;
  readonly run: (call: Call) => View | Promise<View>;
}

/** A request that fits a route. */
interface Call extends ApiSubject {
  /** The parts of the path that stand for each `:name`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly request: Request;
}

/** How many jobs of a flow, and lines of a timeline, the page gets with a job. */
const DETAILS = 1000;

/** Every route: those of the table of requests, and two that only the page needs. */
const ROUTES: readonly Route[] = [
  {
    method: "GET",
    pattern: patternOf("overview"),
    run: overview,
  },
  {
    method: "GET",
    pattern: patternOf("jobs/:id"),
    run: oneJob,
  },
  ...REQUESTS.flatMap((row) =>
    (row.http ?? []).map((route): Route => ({
      method: route.method,
      pattern: patternOf(route.path),
      run: (call) => runRow(row, route, call),
    }))
  ),
];

/** The HTTP status for each error that a client can cause or handle. */
const STATUSES: Partial<Record<PipelineErrorCode, number>> = {
  ERR_PIPELINE_INVALID: 400,
  ERR_PIPELINE_FORBIDDEN: 403,
  ERR_PIPELINE_UNKNOWN: 404,
  ERR_PIPELINE_STATE: 409,
  ERR_PIPELINE_TOO_LARGE: 413,
  ERR_PIPELINE_FULL: 429,
  ERR_PIPELINE_CLOSED: 503,
  ERR_PIPELINE_TIMEOUT: 503,
  ERR_STORE_FAILED: 503,
  ERR_STORE_DAMAGED: 503,
  ERR_STORE_FENCED: 503,
};

/** What the routes work with. */
export interface ApiSubject {
  readonly pipeline: Subject;
  readonly activity: Activity;
  readonly bodies: RequestBodies;
  /** Called with internal errors. */
  readonly onError: (error: Error) => void;
}

/**
 * Answers a request.
 *
 * @param path The path after `api/`.
 */
export async function callApi(
  request: Request,
  path: string,
  subject: ApiSubject,
): Promise<Response> {
  const fitting = ROUTES.filter(({ pattern }) => pattern.test(path));
  if (fitting.length === 0) {
    return refusal(404, "unknown_path", `Unknown path "api/${path}"`);
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
    const params = paramsOf(route.pattern, path);
    const query = new URL(request.url).searchParams;
    return json(await route.run({ ...subject, params, query, request }));
  } catch (error) {
    const status = error instanceof PipelineError
      ? STATUSES[error.code]
      : undefined;
    if (status !== undefined) {
      const { code, message } = error as PipelineError;
      return refusal(status, code, message);
    }
    if (request.signal.aborted) {
      return refusal(499, "gone", "The client is gone");
    }
    subject.onError(error as Error);
    return refusal(
      500,
      "internal",
      "Internal error; see the pipeline's log",
    );
  }
}

/** Sends a request of the table. */
async function runRow(
  { type }: RequestRow,
  route: HttpRoute,
  call: Call,
): Promise<View> {
  const { pipeline, params, query, request: { signal } } = call;
  const request = {
    type,
    ...await bodyOf(route, call),
    ...requestOf(route, params, query),
  };
  if (route.isOfWorker) await requireWorker(call);
  const answer = await pipeline.ask(request, signal);
  const { jobs } = answer;
  return Array.isArray(jobs) ? { ...answer, jobs: jobs.map(jobRow) } : answer;
}

/** The members of a request that are in its body. */
async function bodyOf(
  { body }: HttpRoute,
  { bodies, request }: Call,
): Promise<Fields> {
  if (body === undefined) return {};
  const bytes = await bodies.read(request);
  const given = request.headers.get("traceparent") ?? "";
  // W3C Trace Context: one that is malformed is ignored.
  const traceparent = readTraceparent(given) && given;
  return body === "json"
    ? { traceparent, ...await readHead(bytes) }
    : { traceparent, submissions: await submittedLines(bytes) };
}

/**
 * The request that a path and its query stand for.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
function requestOf(
  { query = {}, implied, limit }: HttpRoute,
  params: Call["params"],
  given: URLSearchParams,
): Fields {
  const request: Record<string, unknown> = { ...params, ...implied };
  for (const [name, { member, type }] of Object.entries(query)) {
    const values = given.getAll(name);
    if (values.length > 0) request[member] = valueOf(name, type, values);
  }
  if (limit !== undefined) {
    const { limit: given = limit.default } = request;
    request.limit = Math.min(Number(given), limit.most);
  }
  return request;
}

function valueOf(
  name: string,
  type: QueryMember["type"],
  values: string[],
): unknown {
  const [first] = values;
  if (type === "list") return values;
  if (type === "text") return first;
  if (type === "integer") {
    if (/^-?\d{1,15}$/.test(first!)) return Number(first);
    throw invalid(`"${name}" must be a whole number, not "${first}"`);
  }
  if (/^[1-9]\d{0,5}$/.test(first!)) return Number(first);
  throw invalid(`"${name}" must be a whole number from 1, not "${first}"`);
}

/** A path as a pattern, with a group for each `:name`. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
}

function paramsOf(pattern: RegExp, path: string): Record<string, string> {
  const groups = pattern.exec(path)?.groups ?? {};
  return Object.fromEntries(
    Object.entries(groups).map(([name, part]) => [name, decode(part)]),
  );
}

async function overview(
  { pipeline, activity, request: { signal } }: Call,
): Promise<View> {
  const [stats, { schedules }] = await Promise.all([
    pipeline.ask({ type: "stats" }, signal),
    pipeline.ask({ type: "schedules" }, signal),
  ]);
  const workers = stats.workers as Row[];
  const { status, reasons, warnings } = healthOf(pipeline.here.trouble, stats);
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
    workers: workerViews(workers),
    worker_count: workers.length,
    schedules: scheduleViews(schedules as Row[]),
    schedule_count: (schedules as Row[]).length,
    throughput: { since, ends_at: endsAt, completed, failed },
  };
}

async function oneJob(
  { pipeline, params, query, request: { signal } }: Call,
): Promise<View> {
  const id = params.id!;
  const page = { limit: DETAILS, payloads: false };
  const job = await pipeline.ask({ type: "job", id }, signal);
  const flow = await pipeline.ask({ type: "status", id, ...page }, signal);
  const timeline = await timelineOf(pipeline, id, signal);
  const { lines } = await pipeline.ask({ type: "logs", id }, signal);
  const { id: flowId, name, state, key, created_at, finished_at } = flow;
  const view = {
    ...job,
    flow: { id: flowId, name, state, key, created_at, finished_at },
    flow_jobs: (flow.jobs as Row[]).map(jobRow),
    flow_job_count: flow.job_count,
    timeline,
    logs: lines,
  };
  return answerFor(Number(query.get("minor") ?? 0), view);
}

/** The last lines of a timeline, which is read from its beginning. */
async function timelineOf(
  pipeline: Subject,
  id: string,
  signal: AbortSignal,
): Promise<Row[]> {
  let last: Row[] = [];
  for (let offset = 0;; offset += DETAILS) {
    const request = { type: "timeline", id, offset, limit: DETAILS };
    const events = (await pipeline.ask(request, signal)).events as Row[];
    last = [...last, ...events].slice(-DETAILS);
    if (events.length < DETAILS) return last;
  }
}

/** @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`. */
async function requireWorker(
  { pipeline, params: { of }, request: { signal } }: Call,
): Promise<void> {
  const { workers } = await pipeline.ask({ type: "stats" }, signal);
  if ((workers as Row[]).some(({ id }) => id === of)) return;
  throw new PipelineError("ERR_PIPELINE_UNKNOWN", `Unknown worker "${of}"`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(`"${part}" is not a correctly encoded part of a URL`);
  }
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
