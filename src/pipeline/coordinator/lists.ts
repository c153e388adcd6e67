/**
 * Layer: pipeline/coordinator. Lists and searches of flows and jobs in the store,
 * newest first.
 *
 * @module
 */
import { invalid } from "../model/check.ts";
import { checkList, checkSearch } from "../model/check_list.ts";
import { withInstructions } from "../model/former_names.ts";
import {
  FLOW_STATES,
  type FlowRecord,
  type FlowState,
  JOB_STATES,
  type JobRecord,
  type JobState,
} from "../model/records.ts";
import type { JobStore, ListQuery } from "../store/job_store.ts";
import { type Search, Searches, type SearchResult } from "./searches.ts";
import { unknown } from "./unknown.ts";

/** Lists and searches. */
export class Lists {
  readonly #store: JobStore;
  readonly #searches: Searches;

  constructor(store: JobStore) {
    this.#store = store;
    this.#searches = new Searches(store);
  }

  /** See {@link Operations.flows}. */
  async flows(query: ListQuery<FlowState>): Promise<FlowRecord[]> {
    checkList(query, FLOW_STATES);
    await this.#requireFlow(query.before);
    return await this.#store.flows(query);
  }

  /** See {@link Operations.jobs}. */
  async jobs(query: ListQuery<JobState>): Promise<JobRecord[]> {
    checkList(query, JOB_STATES);
    await this.#requireJob(query.before);
    return (await this.#store.jobs(query)).map(withInstructions);
  }

  /** See {@link Operations.searchFlows}. */
  async searchFlows(
    query: Search<FlowState>,
  ): Promise<SearchResult<FlowRecord>> {
    checkSearch(query, FLOW_STATES);
    await this.#requireFlow(query.before);
    const { records, ...more } = await this.#searches.flows(query);
    if (query.payloads !== true) return { records, ...more };
    const whole = records.map(({ id }) => this.#store.flow(id));
    return { records: present(await Promise.all(whole)), ...more };
  }

  /** See {@link Operations.searchJobs}. */
  async searchJobs(query: Search<JobState>): Promise<SearchResult<JobRecord>> {
    checkSearch(query, JOB_STATES);
    const { before, key } = query;
    if (before !== undefined && key !== undefined) {
      throw invalid("before is not for the jobs of a key: use cursor");
    }
    await this.#requireJob(before);
    const { records, ...more } = await this.#searches.jobs(query);
    const whole = query.payloads === true
      ? present(
        await Promise.all(records.map(({ id }) => this.#store.job(id))),
      )
      : records;
    return { records: whole.map(withInstructions), ...more };
  }

  async #requireFlow(id: string | undefined): Promise<void> {
    if (id === undefined || await this.#store.flow(id) !== undefined) return;
    throw unknown("flow", id);
  }

  async #requireJob(id: string | undefined): Promise<void> {
    if (id === undefined || await this.#store.job(id) !== undefined) return;
    throw unknown("job", id);
  }
}

/** Those that were not deleted meanwhile. */
function present<T>(records: readonly (T | undefined)[]): T[] {
  return records.filter((record) => record !== undefined) as T[];
}
