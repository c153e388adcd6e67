/**
 * Layer: pipeline/store/postgres. Queries the tables. Each query reads an index
 * and the rows that it returns, however many others there are.
 *
 * @module
 */
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobFailure,
  JobRecord,
  JobState,
} from "../../model/records.ts";
import { TextMatcher } from "../../model/text_matcher.ts";
import { ofText, toText } from "../columns.ts";
import {
  type FlowSearchQuery,
  type JobCount,
  type ListQuery,
  type Page,
  type SearchPart,
  type SearchQuery,
  UNFINISHED_PART,
  type UnfinishedFlow,
} from "../job_store.ts";
import { ConnectError, type Connection, isAnswer } from "./connection.ts";
import type { ResultRow, Statement } from "./driver.ts";
import { FlowLookup } from "./flow_lookup.ts";
import {
  type ListStatements,
  type ReadStatements,
  readStatements,
} from "./read_statements.ts";
import {
  type SearchStatements,
  searchStatements,
} from "./search_statements.ts";
import { type JobKey, keyOf, toEvent, toFlow, toJob } from "./rows.ts";
import { FLOW_STATES, JOB_STATES } from "../../model/records.ts";

/** How many rows one query of a search looks at. */
const LOOKED = 200;

/** How many unfinished flows are read at a time. */
const FLOWS_AT_ONCE = 200;

/** Reads the rows of a pipeline. */
export class Reader {
  readonly #connection: Connection;
  readonly #statements: ReadStatements;
  readonly #searches: SearchStatements;
  readonly #pipeline: number;
  readonly #lookup: FlowLookup = new FlowLookup((ids) => this.#flows(ids));

  constructor(connection: Connection, schema: string, pipeline: number) {
    this.#connection = connection;
    this.#statements = readStatements(schema);
    this.#searches = searchStatements(schema);
    this.#pipeline = pipeline;
  }

  /** All settings. */
  async settings(): Promise<Map<string, string>> {
    const rows = await this.#rows(this.#statements.settings);
    return new Map(
      rows.map(({ name, value }) => [ofText(String(name)), String(value)]),
    );
  }

  /** The flow with this id. */
  async flow(id: string): Promise<FlowRecord | undefined> {
    // No text of PostgreSQL has a NUL: nothing is stored under such an id.
    return id.includes("\0") ? undefined : await this.#lookup.find(id);
  }

  async #flows(ids: readonly string[]): Promise<Map<string, () => FlowRecord>> {
    const rows = await this.#rows(this.#statements.flowsById, ids);
    return new Map(rows.map((row) => [String(row["id"]), () => toFlow(row)]));
  }

  /** The job with this id. */
  async job(id: string): Promise<JobRecord | undefined> {
    const key = placeIn(id);
    if (key === undefined) return undefined;
    const { flow, node, item } = key;
    const [row] = await this.#rows(this.#statements.job, flow, node, item);
    return row && toJob(row);
  }

  /** The jobs of a flow, by node and item. */
  async jobsOf(flowId: string, page?: Page): Promise<JobRecord[]> {
    const bounds = boundsOf(page);
    return (await this.#rows(this.#statements.jobsOf, flowId, ...bounds))
      .map(toJob);
  }

  /** How many jobs a flow has. */
  async jobCountOf(flowId: string): Promise<number> {
    const [row] = await this.#rows(this.#statements.jobCountOf, flowId);
    return Number(row?.["count"] ?? 0);
  }

  /** The events of a job, oldest first. */
  async events(jobId: string, page?: Page): Promise<JobEvent[]> {
    const key = placeIn(jobId);
    if (key === undefined) return [];
    const rows = await this.#rows(
      this.#statements.events,
      key.flow,
      key.node,
      key.item,
      ...boundsOf(page),
    );
    return rows.map((row) => toEvent(jobId, row));
  }

  /** The log of a job. */
  async log(jobId: string): Promise<string> {
    const key = placeIn(jobId);
    if (key === undefined) return "";
    const { flow, node, item } = key;
    const [row] = await this.#rows(this.#statements.log, flow, node, item);
    return String(row?.["text"] ?? "");
  }

  /** Flows, newest first. */
  async flows(query: ListQuery<FlowState>): Promise<FlowRecord[]> {
    const { flows, flowHeads } = this.#statements;
    const end = await this.#endOfFlows(query.before);
    if (end === undefined) return [];
    const lists = query.payloads === false ? flowHeads : flows;
    return (await this.#list(lists, query, FLOW_STATES, [end, query.limit]))
      .map(toFlow);
  }

  /** Jobs, newest first. */
  async jobs(query: ListQuery<JobState>): Promise<JobRecord[]> {
    const { jobs, jobHeads } = this.#statements;
    const end = await this.#endOfJobs(query.before);
    if (end === undefined) return [];
    const lists = query.payloads === false ? jobHeads : jobs;
    return (await this.#list(lists, query, JOB_STATES, [end, query.limit]))
      .map(toJob);
  }

  /** Looks for flows in a part of their list. */
  async searchFlows(query: FlowSearchQuery): Promise<SearchPart<FlowRecord>> {
    const { key, states, name } = query;
    const end = await this.#endOfFlows(query.before);
    if (end === undefined) return { records: [] };
    if (key === undefined) {
      const rows = await this.#search("flows", query, FLOW_STATES, end);
      return partOf(rows, query, toFlow);
    }
    const { flowsByKey } = this.#searches;
    const values = [end, LOOKED, toText(key), ...wanted(query)];
    const rows = await this.#rows(flowsByKey, ...values);
    const { records, next } = partOf(rows, query, toFlow);
    const isWanted = (flow: FlowRecord) =>
      (states === undefined || states.includes(flow.state)) &&
      (name === undefined || flow.name === name);
    return { records: records.filter(isWanted), next };
  }

  /** Looks for jobs in a part of their list. */
  async searchJobs(
    query: SearchQuery<JobState>,
  ): Promise<SearchPart<JobRecord>> {
    const end = await this.#endOfJobs(query.before);
    if (end === undefined) return { records: [] };
    const rows = await this.#search("jobs", query, JOB_STATES, end);
    return partOf(rows, query, toJob);
  }

  /** How many jobs of each type are in each state. */
  async counts(): Promise<JobCount[]> {
    const rows = await this.#rows(this.#statements.counts);
    return rows.map(({ job_type: type, state, count }) => ({
      jobType: ofText(String(type)),
      state: state as JobState,
      count: Number(count),
    }));
  }

  /** All unfinished flows with their jobs, oldest first; of many jobs, a part at a time. */
  async *unfinished(): AsyncIterable<UnfinishedFlow> {
    const rows = await this.#rows(this.#statements.unfinished);
    const ids = rows.map(({ id }) => String(id));
    for (let i = 0; i < ids.length; i += FLOWS_AT_ONCE) {
      yield* this.#inParts(ids.slice(i, i + FLOWS_AT_ONCE));
    }
  }

  async *#inParts(ids: readonly string[]): AsyncIterable<UnfinishedFlow> {
    const sizes = await this.#rows(
      this.#statements.sizes,
      ids,
      UNFINISHED_PART + 1,
    );
    const few = sizes.filter(({ size }) => Number(size) <= UNFINISHED_PART)
      .map(({ id }) => String(id));
    const jobs = await this.#jobsOfFew(sizes, few);
    for (const row of sizes) {
      const flow = toFlow(row);
      const own = jobs.get(flow.id);
      if (own !== undefined) yield { flow, jobs: await own() };
      else yield* this.#ofMany(flow);
    }
  }

  /**
   * Reads the jobs of flows that have few, as many flows at a time as have one
   * part together.
   *
   * @returns By flow, what gives its jobs.
   */
  // deno-lint-ignore require-await -- reads when a flow is asked for
  async #jobsOfFew(
    sizes: readonly ResultRow[],
    few: readonly string[],
  ): Promise<Map<string, () => Promise<JobRecord[]>>> {
    const size = new Map(sizes.map((row) => [row["id"], Number(row["size"])]));
    const result = new Map<string, () => Promise<JobRecord[]>>();
    let group: string[] = [];
    let jobs = 0;
    const close = () => {
      const ids = group;
      let read: Promise<Map<string, JobRecord[]>> | undefined;
      const take = async (id: string) => {
        read ??= this.#jobsByFlow(ids);
        return (await read).get(id) ?? [];
      };
      for (const id of ids) result.set(id, () => take(id));
      group = [];
      jobs = 0;
    };
    for (const id of few) {
      group.push(id);
      jobs += size.get(id)!;
      if (jobs >= UNFINISHED_PART) close();
    }
    close();
    return result;
  }

  async #jobsByFlow(
    ids: readonly string[],
  ): Promise<Map<string, JobRecord[]>> {
    const byFlow = new Map<string, JobRecord[]>();
    for (const row of await this.#rows(this.#statements.jobsOfAll, ids)) {
      const job = toJob(row);
      const jobs = byFlow.get(job.flowId);
      if (jobs === undefined) byFlow.set(job.flowId, [job]);
      else jobs.push(job);
    }
    return byFlow;
  }

  async *#ofMany(flow: FlowRecord): AsyncIterable<UnfinishedFlow> {
    let [node, item] = [-1, -1];
    for (;;) {
      const rows = await this.#rows(
        this.#statements.jobsAfter,
        flow.id,
        node,
        item,
        UNFINISHED_PART,
      );
      yield { flow: { ...flow }, jobs: rows.map(toJob) };
      if (rows.length < UNFINISHED_PART) return;
      ({ node, item } = rows.at(-1) as unknown as JobKey);
    }
  }

  /** Where a list of flows ends; `undefined` if there is no such flow. */
  async #endOfFlows(
    before: string | number | undefined,
  ): Promise<number | undefined> {
    if (typeof before !== "string") return before ?? Number.MAX_SAFE_INTEGER;
    return seqIn(await this.#rows(this.#statements.flowSeq, before));
  }

  /** Where a list of jobs ends; `undefined` if there is no such job. */
  async #endOfJobs(
    before: string | number | undefined,
  ): Promise<number | undefined> {
    if (typeof before !== "string") return before ?? Number.MAX_SAFE_INTEGER;
    const key = placeIn(before);
    if (key === undefined) return undefined;
    const { flow, node, item } = key;
    return seqIn(await this.#rows(this.#statements.jobSeq, flow, node, item));
  }

  #search(
    of: "flows" | "jobs",
    query: SearchQuery<string>,
    all: readonly string[],
    end: number,
  ): Promise<ResultRow[]> {
    const lists = this.#searches[of];
    return this.#list(lists, query, all, [end, LOOKED], wanted(query));
  }

  /**
   * @param bounds Where the list ends, and how long it is.
   * @param more Values that follow those of the list.
   */
  #list(
    lists: ListStatements,
    { states, name }: Pick<ListQuery<string>, "states" | "name">,
    all: readonly string[],
    bounds: readonly [number, number],
    more: readonly unknown[] = [],
  ): Promise<ResultRow[]> {
    if (states === undefined && name === undefined) {
      return this.#rows(lists.all, ...bounds, ...more);
    }
    const known = [...new Set(states ?? all)];
    const text = name === undefined ? null : toText(name);
    return this.#rows(lists.some, ...bounds, known, text, ...more);
  }

  /** Runs a query; once more if the connection was lost meanwhile. */
  async #rows(
    statement: Statement,
    ...values: readonly unknown[]
  ): Promise<ResultRow[]> {
    // No text of PostgreSQL has a NUL: nothing is stored under such an id.
    if (values.some((value) => String(value).includes("\0"))) return [];
    const query = () =>
      this.#connection.query(statement, [this.#pipeline, ...values]);
    try {
      return (await query()).rows;
    } catch (error) {
      if (error instanceof ConnectError || isAnswer(error)) throw error;
      return (await query()).rows;
    }
  }
}

/** The key of a job; `undefined` for what cannot be the id of one. */
function placeIn(id: string): JobKey | undefined {
  const key = keyOf(id);
  const isKey = [key.node, key.item].every((n) =>
    Number.isInteger(n) && n >= -1 && n < 2 ** 31
  );
  return isKey ? key : undefined;
}

/** The number of the one row; `undefined` without a row. */
function seqIn([row]: readonly ResultRow[]): number | undefined {
  return row && Number(row["seq"]);
}

/** The last values of a search. */
function wanted({ text, limit }: SearchQuery<string>): unknown[] {
  if (text === undefined) return [null, null, limit];
  const { payloadPattern, errorPattern } = new TextMatcher(text);
  return [payloadPattern, errorPattern, limit];
}

/** The part of a list that the rows of a search are. */
function partOf<R extends { readonly error?: JobFailure }>(
  rows: readonly ResultRow[],
  { text, limit }: SearchQuery<string>,
  toRecord: (row: ResultRow) => R,
): SearchPart<R> {
  const matcher = text === undefined ? undefined : new TextMatcher(text);
  const found = rows.filter(({ seq }) => seq !== null);
  const records = found.flatMap((row) => {
    const record = toRecord(row);
    // Else not in the stack, nor in the names of its members.
    const isWanted = row["in_payload"] === true ||
      matcher?.isInError(record.error) !== false;
    return isWanted ? [record] : [];
  });
  const { looked, last_seq } = rows[0]!;
  const next = found.length >= limit
    ? seqIn(found.slice(-1))
    : Number(looked) < LOOKED
    ? undefined
    : Number(last_seq);
  return { records, next };
}

/** The values for LIMIT and OFFSET; `null` is no limit. */
function boundsOf({ limit, offset = 0 }: Page = {}): [number | null, number] {
  const isBounded = limit !== undefined && Number.isFinite(limit);
  return [isBounded ? limit : null, offset];
}
