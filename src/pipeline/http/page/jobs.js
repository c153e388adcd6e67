/**
 * One page of the list of jobs, by state and step. The first page is updated;
 * older ones stay as they are.
 *
 * @module
 */
import { call } from "./api.js";
import { byId, h, keyedList, setAttribute, setText } from "./dom.js";
import { ago, date, duration, jobHref } from "./format.js";
import { labelled } from "./overview.js";
import { badge, GROUPS } from "./states.js";

/** How many jobs a page has. */
const PAGE = 25;

/** @typedef {any} Job */

export function jobsView() {
  let group = "all";
  let jobType = "";
  /** Where the pages before this one began.
   * @type {string[]} */
  let before = [];
  /** @type {Job[]} */
  let jobs = [];
  let hasMore = false;
  let turn = 0;
  let now = Date.now();

  const rows = keyedList(
    byId("jobs"),
    (/** @type {Job} */ job) => job.id,
    (job) => jobRow(job, () => now),
  );
  const chips = GROUPS.map(({ id, text }) => {
    const input = /** @type {HTMLInputElement} */ (h("input", {
      attributes: { type: "radio", name: "state", value: id },
    }));
    input.checked = id === group;
    input.addEventListener("change", () => show({ group: id }));
    byId("states").append(h("label", { class: "chip" }, input, text));
    return input;
  });
  const types = /** @type {HTMLSelectElement} */ (byId("job-type"));
  types.addEventListener("change", () => show({ jobType: types.value }));
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("older").addEventListener("click", () => {
    const last = jobs.at(-1);
    if (last === undefined) return;
    before.push(last.id);
    void refresh(true);
  });
  byId("newer").addEventListener("click", () => {
    before.pop();
    void refresh(true);
  });

  /** @param {{ group?: string, jobType?: string }} next */
  function show(next) {
    group = next.group ?? group;
    jobType = next.jobType ?? jobType;
    before = [];
    for (const chip of chips) chip.checked = chip.value === group;
    types.value = jobType;
    void refresh(true);
  }

  /** @param {boolean} [isAsked] Whether a person did, rather than the clock. */
  async function refresh(isAsked = false) {
    if (!isAsked && before.length > 0) return;
    const mine = ++turn;
    const states = GROUPS.find(({ id }) => id === group)?.states ?? [];
    const answer = await call("jobs", {
      query: {
        state: states,
        name: jobType || undefined,
        limit: String(PAGE + 1),
        before: before.at(-1),
      },
    }).catch(() => undefined); // the request for the overview reports it
    if (answer === undefined || mine !== turn) return;
    hasMore = answer.jobs.length > PAGE;
    jobs = answer.jobs.slice(0, PAGE);
    draw();
  }

  function draw() {
    rows(jobs);
    byId("no-jobs").hidden = jobs.length > 0;
    setAttribute(byId("older"), "disabled", !hasMore);
    setAttribute(byId("newer"), "disabled", before.length === 0);
    setText(byId("page"), `Page ${before.length + 1}`);
  }

  return {
    show,
    /** @param {any} overview */
    update(overview) {
      now = overview.now;
      fillTypes(types, overview.steps);
      return refresh();
    },
  };
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

/**
 * Fills the choice of steps; the selection stays.
 *
 * @param {HTMLSelectElement} select
 * @param {{ job_type: string }[]} steps
 */
export function fillTypes(select, steps) {
  const known = new Set([...select.options].map(({ value }) => value));
  for (const { job_type: jobType } of steps) {
    if (known.has(jobType)) continue;
    select.append(h("option", { attributes: { value: jobType } }, jobType));
  }
}
