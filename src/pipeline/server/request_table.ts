/**
 * Layer: pipeline/server. Every request that a pipeline answers, one row each:
 * its name, who may send it, its input, how long its lists are, its paths over
 * HTTP, and its operation. `requests.ts` answers the rows
 * over ZeroMQ, `http/routes.ts` over HTTP; neither lists them again.
 *
 * @module
 */
import type { WorkerPlace } from "../coordinator/coordinator_options.ts";
import type { Operations } from "../coordinator/operations.ts";
import type { FlowStatus } from "../coordinator/overviews.ts";
import type { Search, SearchResult } from "../coordinator/searches.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { Role } from "../model/roles.ts";
import { FLOW_STATES, JOB_STATES } from "../model/records.ts";
import type { ListQuery, Page } from "../store/job_store.ts";
import { ANNOUNCED_VERSION } from "../protocol/messages.ts";
import { natural, number, optional, text } from "../protocol/reader.ts";
import {
  readSchedule,
  readSubmission,
  readSubmissions,
} from "./read_submission.ts";
import {
  eventView,
  flowView,
  jobHeadView,
  jobView,
  scheduleView,
  statsView,
  type View,
  wholeJobView,
} from "./views.ts";

/** A request as it arrived: plain data, nothing checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** How long a list is by default, and at most. */
export interface ListLimit {
  readonly default: number;
  readonly most: number;
}

/** What a pipeline answers besides its operations. */
export interface Host {
  /**
   * The pipeline's description of itself.
   *
   * @param version The latest version of the protocol that the peer speaks.
   */
  describe(version: number): View | Promise<View>;
  /**
   * Refuses a worker of version 1 to which the pipeline must not connect.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
   */
  requireWorker(worker: WorkerPlace): void;
  /**
   * Refuses a request if the client has none of these roles; absent without roles.
   *
   * @param type The type of the request.
   * @throws {PipelineError} `ERR_PIPELINE_FORBIDDEN`.
   */
  requireRole?(roles: readonly Role[], type: string): void;
}

/** Reads lists. */
type Lists = Pick<
  Operations,
  "status" | "flows" | "jobs" | "searchFlows" | "searchJobs"
>;

/** What the operation of a request works with. */
export interface RequestContext {
  readonly operations: Operations;
  /** Reads lists: `operations`, or `operations.bounded` where answers have a maximum size. */
  readonly lists: Lists;
  /** Answers `describe` and `check_worker`, and knows roles; absent over HTTP, which has none of these. */
  readonly host?: Host;
  /** Ends a wait, since the client is gone. */
  readonly signal?: AbortSignal;
}

/** Where a request is found over HTTP. */
export interface HttpRoute {
  readonly method: "GET" | "POST";
  /** Behind `api/`; `:name` stands for a member of the request. */
  readonly path: string;
  /** Parameters of the query that are members of the request. */
  readonly query?: Readonly<Record<string, QueryMember>>;
  /** Members that the path implies. */
  readonly implied?: Fields;
  /** What the body of a POST is: the other members in JSON, or the `submissions`, one on each line. */
  readonly body?: "json" | "lines";
  /** Whether `:of` has to be the id of a known worker. */
  readonly isOfWorker?: boolean;
  /** How long its list is over HTTP. */
  readonly limit?: ListLimit;
}

/** The member that a parameter of the query stands for, and its type. */
export interface QueryMember {
  readonly member: string;
  readonly type: "text" | "list" | "positive" | "integer";
}

/** A request. */
export interface RequestRow<I = unknown, R = unknown> {
  /** Its `type` on the wire. */
  readonly type: string;
  /** The roles that may send it over ZeroMQ, if keys have roles. */
  readonly roles: readonly Role[];
  /** How long its list is on the wire. */
  readonly limit?: ListLimit;
  /** Whether its answer may be long, so that a server takes few of them in a turn. */
  readonly isLong?: true;
  /**
   * Reads and checks its members.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
   */
  readonly input: (request: Fields, limit: ListLimit) => I;
  /**
   * Runs its operation.
   *
   * @throws {PipelineError} See {@link Operations}.
   */
  readonly run: (input: I, context: RequestContext) => R | Promise<R>;
  /** The answer on the wire, without its status. */
  readonly view: (result: R, input: I) => View;
  /** Its paths over HTTP, if it has any. */
  readonly http?: readonly HttpRoute[];
}

/** May ask how to reach the pipeline. */
const ANYBODY: readonly Role[] = ["client", "worker", "operator"];
/** May read flows, jobs and workers. */
const READERS: readonly Role[] = ["client", "operator"];
/** The longest that an answer is held back for a result, in milliseconds. */
const MAX_WAIT_MS = 60_000;
/** How long a list is on the wire. */
const WIRE_LIMIT: ListLimit = { default: 100, most: 1000 };
/** How long a list is over HTTP. */
const HTTP_LIMIT: ListLimit = { default: 50, most: 500 };
/** How many jobs of a flow HTTP shows. */
const HTTP_DETAILS: ListLimit = { default: 1000, most: 1000 };

const LIST_QUERY: Readonly<Record<string, QueryMember>> = {
  state: { member: "states", type: "list" },
  name: { member: "name", type: "text" },
  limit: { member: "limit", type: "positive" },
  before: { member: "before", type: "text" },
  key: { member: "key", type: "text" },
  search: { member: "search", type: "text" },
  cursor: { member: "cursor", type: "text" },
};
const JOB_TYPE_QUERY: Readonly<Record<string, QueryMember>> = {
  job_type: { member: "job_type", type: "text" },
};

/** Checks the types within a row; the table itself mixes rows of different types. */
function row<I, R>(request: RequestRow<I, R>): RequestRow {
  return request as unknown as RequestRow;
}

/** All requests. */
export const REQUESTS: readonly RequestRow[] = [
  row({
    type: "describe",
    roles: ANYBODY,
    // Peers of version 1 do not say which they speak.
    input: (m) => optional(m, "v", natural) ?? ANNOUNCED_VERSION,
    run: (version, { host }) => host!.describe(version),
    view: (description) => description,
  }),
  row({
    type: "check_worker",
    roles: ["worker"],
    input: (m) => ({
      address: optional(m, "address", text),
      publicKey: optional(m, "public_key", text),
    }),
    run: ({ address, publicKey }, { host }) => {
      // In version 2 the role is all that is checked.
      if (address !== undefined) host!.requireWorker({ address, publicKey });
    },
    view: nothing,
  }),
  row({
    type: "submit",
    roles: ["client"],
    input: readSubmission,
    run: (submission, { operations }) => operations.submit(submission),
    view: ({ id, isNew }) => ({ id, new: isNew }),
    http: [{ method: "POST", path: "flows", body: "json" }],
  }),
  row({
    type: "submit_many",
    roles: ["client"],
    input: readSubmissions,
    run: (submissions, { operations }) => operations.submitMany(submissions),
    view: (submitted) => ({
      ids: submitted.map(({ id }) => id),
      new: submitted.map(({ isNew }) => isNew),
    }),
    http: [{
      method: "POST",
      path: "flows/many",
      query: { flow: { member: "flow", type: "text" } },
      body: "lines",
    }],
  }),
  row({
    type: "status",
    roles: READERS,
    limit: WIRE_LIMIT,
    isLong: true,
    input: (m, limit) => ({
      ...idAndPage(m, limit),
      payloads: m.payloads !== false,
    }),
    run: ({ id, page, payloads }, { lists, operations }) =>
      (payloads ? lists : operations).status(id, page),
    view: statusView,
    http: [{
      method: "GET",
      path: "flows/:id",
      implied: { payloads: false },
      limit: HTTP_DETAILS,
    }],
  }),
  row({
    type: "job",
    roles: READERS,
    isLong: true,
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.job(id),
    view: wholeJobView,
  }),
  row({
    type: "result",
    roles: READERS,
    input: (m) => ({
      id: text(m, "id"),
      waitMs: Math.min(optional(m, "wait_ms", number) ?? 0, MAX_WAIT_MS),
    }),
    run: ({ id, waitMs }, { operations, signal }) =>
      operations.wait(id, waitMs, signal, true),
    view: flowView,
    http: [{
      method: "GET",
      path: "flows/:id/result",
      query: { wait_ms: { member: "wait_ms", type: "positive" } },
    }],
  }),
  row({
    type: "timeline",
    roles: READERS,
    limit: WIRE_LIMIT,
    isLong: true,
    input: idAndPage,
    run: ({ id, page }, { operations }) => operations.timeline(id, page),
    view: (events) => ({ events: events.map(eventView) }),
  }),
  row({
    type: "logs",
    roles: READERS,
    isLong: true,
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.logs(id),
    view: (lines) => ({ lines }),
    http: [{ method: "GET", path: "jobs/:id/logs" }],
  }),
  row({
    type: "list",
    roles: READERS,
    limit: WIRE_LIMIT,
    isLong: true,
    input: readList,
    run: runList,
    view: listView,
    http: [
      {
        method: "GET",
        path: "flows",
        query: LIST_QUERY,
        implied: { of: "flows" },
        limit: HTTP_LIMIT,
      },
      {
        method: "GET",
        path: "jobs",
        query: LIST_QUERY,
        implied: { of: "jobs" },
        limit: HTTP_LIMIT,
      },
    ],
  }),
  row({
    // As `list`, which does not know `key` and `search` in older pipelines and
    // would give everything.
    type: "search",
    roles: READERS,
    limit: WIRE_LIMIT,
    isLong: true,
    input: readList,
    run: runList,
    view: listView,
  }),
  row({
    type: "stats",
    roles: READERS,
    isLong: true,
    input: none,
    run: (_, { operations }) => operations.stats(),
    view: statsView,
  }),
  row({
    type: "schedules",
    roles: READERS,
    isLong: true,
    input: none,
    run: (_, { operations }) => operations.schedules(),
    view: (schedules) => ({ schedules: schedules.map(scheduleView) }),
  }),
  row({
    type: "cancel",
    roles: ["operator"],
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.cancel(id),
    view: nothing,
    http: [{ method: "POST", path: "jobs/:id/cancel" }],
  }),
  row({
    type: "retry",
    roles: ["operator"],
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.retry(id),
    view: countView,
    http: [{ method: "POST", path: "jobs/:id/retry" }],
  }),
  row({
    type: "retry_all",
    roles: ["operator"],
    input: (m) => ({
      type: optional(m, "job_type", text),
      limit: optional(m, "limit", natural),
    }),
    run: (which, { operations }) => operations.retryAll(which),
    view: countView,
  }),
  row({
    type: "promote",
    roles: ["operator"],
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.promote(id),
    view: countView,
    http: [{ method: "POST", path: "jobs/:id/promote" }],
  }),
  row({
    type: "set_priority",
    roles: ["operator"],
    input: (m) => ({ id: text(m, "id"), priority: number(m, "priority") }),
    run: ({ id, priority }, { operations }) =>
      operations.setPriority(id, priority),
    view: countView,
    http: [{
      method: "POST",
      path: "jobs/:id/priority",
      query: { priority: { member: "priority", type: "integer" } },
    }],
  }),
  row({
    type: "remove",
    roles: ["operator"],
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.remove(id),
    view: nothing,
    http: [{ method: "POST", path: "jobs/:id/remove" }],
  }),
  row({
    type: "pause",
    roles: ["operator"],
    input: jobType,
    run: (jobType, { operations }) => operations.pause(jobType),
    view: nothing,
    http: [{ method: "POST", path: "pause", query: JOB_TYPE_QUERY }],
  }),
  row({
    type: "resume",
    roles: ["operator"],
    input: jobType,
    run: (jobType, { operations }) => operations.resume(jobType),
    view: nothing,
    http: [{ method: "POST", path: "resume", query: JOB_TYPE_QUERY }],
  }),
  row({
    type: "drain",
    roles: ["operator"],
    input: (m) => ({ of: optional(m, "of", text) }),
    run: ({ of }, { operations }) => operations.drain(of),
    view: countView,
    http: [{
      method: "POST",
      path: "workers/:of/drain",
      isOfWorker: true,
    }],
  }),
  row({
    type: "schedule",
    roles: ["operator"],
    input: readSchedule,
    run: (schedule, { operations }) => operations.schedule(schedule),
    view: (nextAt) => ({ next_at: nextAt }),
  }),
  row({
    type: "unschedule",
    roles: ["operator"],
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.unschedule(id),
    view: nothing,
    http: [{ method: "POST", path: "schedules/:id/remove" }],
  }),
  row({
    type: "pause_schedule",
    roles: ["operator"],
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.pauseSchedule(id),
    view: nothing,
    http: [{ method: "POST", path: "schedules/:id/pause" }],
  }),
  row({
    type: "resume_schedule",
    roles: ["operator"],
    input: (m) => text(m, "id"),
    run: (id, { operations }) => operations.resumeSchedule(id),
    view: nothing,
    http: [{ method: "POST", path: "schedules/:id/resume" }],
  }),
];

/** The rows by their names. */
export const REQUESTS_BY_TYPE: ReadonlyMap<string, RequestRow> = new Map(
  REQUESTS.map((request) => [request.type, request]),
);

/** A list, of records in some states. */
interface ListKind<S extends string = string, R = unknown> {
  readonly states: readonly S[];
  readonly read: (lists: Lists, query: ListQuery<S>) => Promise<R[]>;
  readonly find: (lists: Lists, query: Search<S>) => Promise<SearchResult<R>>;
  readonly view: (query: Search<S>) => (record: R) => View;
}

/** Checks the types within a kind of list; see {@link row}. */
function listKind<S extends string, R>(kind: ListKind<S, R>): ListKind {
  return kind as unknown as ListKind;
}

const LISTS = {
  flows: listKind({
    states: FLOW_STATES,
    read: (lists, query) => lists.flows(query),
    find: (lists, query) => lists.searchFlows(query),
    view: () => flowView,
  }),
  jobs: listKind({
    states: JOB_STATES,
    read: (lists, query) => lists.jobs(query),
    find: (lists, query) => lists.searchJobs(query),
    view: ({ payloads }) => payloads ? jobView : jobHeadView,
  }),
};

/** Which list, and which part of it. */
interface List {
  readonly of: keyof typeof LISTS;
  readonly query: Search<string>;
}

function readList(m: Fields, limit: ListLimit): List {
  const of = optional(m, "of", text) ?? "jobs";
  if (of !== "flows" && of !== "jobs") {
    throw invalid(`"of" must be "flows" or "jobs", not "${of}"`);
  }
  return {
    of,
    query: {
      states: readStates(m, LISTS[of].states),
      name: optional(m, "name", text),
      limit: readPage(m, limit).limit,
      before: optional(m, "before", text),
      payloads: m.payloads === true,
      key: optional(m, "key", text),
      search: optional(m, "search", text),
      cursor: optional(m, "cursor", text),
    },
  };
}

async function runList(
  { of, query }: List,
  { lists }: RequestContext,
): Promise<SearchResult<unknown>> {
  const { key, search, cursor, ...part } = query;
  const isSearch = (key ?? search ?? cursor) !== undefined;
  return isSearch
    ? await LISTS[of].find(lists, query)
    : { records: await LISTS[of].read(lists, part) };
}

function readStates(m: Fields, known: readonly string[]): string[] | undefined {
  const { states } = m;
  if (states === undefined || states === null) return undefined;
  if (Array.isArray(states) && states.every((one) => known.includes(one))) {
    return states;
  }
  throw invalid(`"states" must be a list of ${known.join(", ")}`);
}

/** An id, and which part of its list. */
function idAndPage(
  m: Fields,
  limit: ListLimit,
): { id: string; page: Required<Page> } {
  return { id: text(m, "id"), page: readPage(m, limit) };
}

function readPage(m: Fields, limit: ListLimit): Required<Page> {
  return {
    limit: Math.min(optional(m, "limit", natural) ?? limit.default, limit.most),
    offset: optional(m, "offset", natural) ?? 0,
  };
}

function jobType(m: Fields): string | undefined {
  return optional(m, "job_type", text);
}

function none(): undefined {
  return undefined;
}

function nothing(): View {
  return {};
}

function countView(count: number): View {
  return { count };
}

function statusView(
  { flow, jobs, jobCount }: FlowStatus,
  { payloads }: { readonly payloads: boolean },
): View {
  return {
    ...flowView(flow),
    job_count: jobCount,
    jobs: jobs.map(payloads ? jobView : jobHeadView),
  };
}

function listView(
  { records, cursor }: SearchResult<unknown>,
  { of, query }: List,
): View {
  return { [of]: records.map(LISTS[of].view(query)), cursor };
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
