/**
 * One page of the list of jobs, by state and step, or of a search. The first page
 * of a list is updated; older ones, and what was searched for, stay as they are.
 *
 * @module
 */
import { call } from "./api.js";
import { byId, h, keyedList, labelled, setAttribute, setText } from "./dom.js";
import { ago, date, duration, jobHref } from "./format.js";
import { JobFilter } from "./job_filter.js";
import { badge } from "./states.js";

/** How many jobs a page has. */
const PAGE = 25;

/** @typedef {any} Job */

/** The list of jobs, with its filter and the buttons between pages. */
export class JobsView {
  #filter = new JobFilter(() => this.#showFirst());
  /** Where this page and those before it begin; nothing for the first one.
   * @type {string[]} */
  #places = [];
  /** Where the next page begins.
   * @type {string | undefined} */
  #next;
  /** @type {Job[]} */
  #jobs = [];
  /** The number of requests so far: only the reply to the last one is shown. */
  #turn = 0;
  #now = Date.now();
  #rows = keyedList(
    byId("jobs"),
    (/** @type {Job} */ job) => job.id,
    (job) => jobRow(job, () => this.#now),
  );

  constructor() {
    byId("older").addEventListener("click", () => {
      if (this.#next === undefined) return;
      this.#places.push(this.#next);
      void this.#refresh(true);
    });
    byId("newer").addEventListener("click", () => {
      this.#places.pop();
      void this.#refresh(true);
    });
  }

  /**
   * Shows the jobs of a group of states and a step.
   *
   * @param {{ group: string, jobType: string }} choice
   */
  show(choice) {
    this.#filter.set(choice);
    this.#showFirst();
  }

  /** @param {any} overview */
  update(overview) {
    this.#now = overview.now;
    this.#filter.offer(overview.steps);
    return this.#refresh();
  }

  #showFirst() {
    this.#places = [];
    void this.#refresh(true);
  }

  get #isSearch() {
    return this.#filter.key !== "" || this.#filter.text !== "";
  }

  /** @param {boolean} [isAsked] Whether a person did, rather than the clock. */
  async #refresh(isAsked = false) {
    if (!isAsked && (this.#places.length > 0 || this.#isSearch)) return;
    const mine = ++this.#turn;
    if (this.#isSearch) return await this.#search(mine);
    const answer = await this.#call({
      limit: String(PAGE + 1),
      before: this.#places.at(-1),
    }).catch(() => undefined); // the request for the overview reports it
    if (answer === undefined || mine !== this.#turn) return;
    this.#jobs = answer.jobs.slice(0, PAGE);
    this.#next = answer.jobs.length > PAGE ? this.#jobs.at(-1).id : undefined;
    this.#draw();
  }

  /**
   * Searches until a page is full: an answer may have a part of it only.
   *
   * @param {number} mine
   */
  async #search(mine) {
    this.#jobs = [];
    this.#next = this.#places.at(-1);
    this.#draw("Searching …");
    do {
      /** @type {any} */
      let answer;
      try {
        answer = await this.#call({
          key: this.#filter.key || undefined,
          search: this.#filter.text || undefined,
          limit: String(PAGE - this.#jobs.length),
          cursor: this.#next,
        });
      } catch (error) {
        if (mine !== this.#turn) return;
        this.#next = undefined;
        return this.#draw(String(/** @type {Error} */ (error).message));
      }
      if (mine !== this.#turn) return;
      this.#jobs.push(...answer.jobs);
      this.#next = answer.cursor;
      const isOver = this.#next === undefined || this.#jobs.length >= PAGE;
      this.#draw(isOver ? undefined : "Searching …");
    } while (this.#next !== undefined && this.#jobs.length < PAGE);
  }

  /** @param {Record<string, string | undefined>} part */
  #call(part) {
    return call("jobs", {
      query: {
        state: this.#filter.states,
        name: this.#filter.jobType || undefined,
        ...part,
      },
    });
  }

  /** @param {string} [state] Of a search that is not over. */
  #draw(state) {
    this.#rows(this.#jobs);
    setText(byId("no-jobs"), state ?? "No matching jobs.");
    byId("no-jobs").hidden = this.#jobs.length > 0 && state === undefined;
    const isMore = this.#next !== undefined && state === undefined;
    setAttribute(byId("older"), "disabled", !isMore);
    setAttribute(byId("newer"), "disabled", this.#places.length === 0);
    setText(byId("page"), `Page ${this.#places.length + 1}`);
  }
}

/**
 * @param {Job} first
 * @param {() => number} now
 */
function jobRow(first, now) {
  const state = h("td", {});
  let shown = "";
  const error = h("span", { class: "sub error-text" });
  const attempts = h("td", { class: "number" });
  const created = h("td", {
    class: "number",
    attributes: { title: date(first.created_at) },
  });
  const took = h("td", { class: "number" });
  const link = h("a", {
    class: "id",
    attributes: { href: jobHref(first.id) },
  }, first.id);
  return {
    element: h(
      "tr",
      {},
      labelled(state, "State"),
      labelled(h("td", { class: "wide" }, link, error), "Job"),
      labelled(h("td", {}, first.job_type), "Step"),
      labelled(attempts, "Attempts"),
      labelled(created, "Created"),
      labelled(took, "Took"),
    ),
    /** @param {Job} job */
    update(job) {
      if (job.state !== shown) state.replaceChildren(badge(job.state));
      shown = job.state;
      setText(
        error,
        job.error === undefined
          ? ""
          : `${job.error.name}: ${job.error.message}`,
      );
      setText(attempts, String(job.attempt));
      setText(created, ago(job.created_at, now()));
      setText(took, tookText(job, now()));
    },
  };
}

/**
 * How long the last attempt took, or has been running.
 *
 * @param {Job} job
 * @param {number} now
 */
export function tookText(job, now) {
  const { state, started_at: startedAt, progress } = job;
  if (startedAt === undefined) return "–";
  if (state === "active") {
    const part = progress === undefined
      ? ""
      : ` · ${Math.round(progress * 100)} %`;
    return `${duration(Math.max(0, now - startedAt))}${part}`;
  }
  return job.finished_at === undefined
    ? "–"
    : duration(Math.max(0, job.finished_at - startedAt));
}
