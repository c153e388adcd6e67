/**
 * One page of the list of jobs, by state and step. The first page is updated;
 * older ones stay as they are.
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
  /** Where the pages before this one began.
   * @type {string[]} */
  #before = [];
  /** @type {Job[]} */
  #jobs = [];
  #hasMore = false;
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
      const last = this.#jobs.at(-1);
      if (last === undefined) return;
      this.#before.push(last.id);
      void this.#refresh(true);
    });
    byId("newer").addEventListener("click", () => {
      this.#before.pop();
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
    this.#before = [];
    void this.#refresh(true);
  }

  /** @param {boolean} [isAsked] Whether a person did, rather than the clock. */
  async #refresh(isAsked = false) {
    if (!isAsked && this.#before.length > 0) return;
    const mine = ++this.#turn;
    const answer = await call("jobs", {
      query: {
        state: this.#filter.states,
        name: this.#filter.jobType || undefined,
        limit: String(PAGE + 1),
        before: this.#before.at(-1),
      },
    }).catch(() => undefined); // the request for the overview reports it
    if (answer === undefined || mine !== this.#turn) return;
    this.#hasMore = answer.jobs.length > PAGE;
    this.#jobs = answer.jobs.slice(0, PAGE);
    this.#draw();
  }

  #draw() {
    this.#rows(this.#jobs);
    byId("no-jobs").hidden = this.#jobs.length > 0;
    setAttribute(byId("older"), "disabled", !this.#hasMore);
    setAttribute(byId("newer"), "disabled", this.#before.length === 0);
    setText(byId("page"), `Page ${this.#before.length + 1}`);
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
