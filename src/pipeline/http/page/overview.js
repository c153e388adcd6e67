/**
 * The current state of the pipeline: figures, steps and workers.
 *
 * @module
 */
import { call } from "./api.js";
import {
  byId,
  carefulButton,
  h,
  keyedList,
  setAttribute,
  setText,
} from "./dom.js";
import { ago, date, duration, rate, whole } from "./format.js";
import { icon } from "./icons.js";
import { throughputChart } from "./chart.js";
import { workerBadge } from "./states.js";

/**
 * @typedef {object} Step
 * @property {string} job_type
 * @property {number} waiting
 * @property {number} running
 * @property {boolean} paused
 * @property {Record<string, number>} counts
 * @property {number} workers
 * @property {number} concurrency
 * @property {number} rate
 * @property {number} [median_ms]
 * @property {number} [p95_ms]
 */
/**
 * @typedef {object} Worker
 * @property {string} id
 * @property {string} job_type
 * @property {string} step_name
 * @property {string} state
 * @property {string} host
 * @property {number} pid
 * @property {string} runtime
 * @property {number} running
 * @property {number} concurrency
 * @property {number} joined_at
 * @property {number} heard_at
 * @property {boolean} draining
 */

/**
 * @param {(action: Promise<unknown>, done: string) => void} act Runs an action, and reports its outcome.
 * @param {(jobType: string, group: string) => void} showJobs
 * @returns {(overview: any) => void}
 */
export function overviewView(act, showJobs) {
  const drawChart = throughputChart(byId("chart"));
  const figures = figuresView(byId("figures"));
  const steps = keyedList(
    byId("steps"),
    (/** @type {Step} */ step) => step.job_type,
    (step) => stepRow(step, act, showJobs),
  );
  let now = 0;
  const workers = keyedList(
    byId("workers"),
    (/** @type {Worker} */ worker) => worker.id,
    (worker) => workerRow(worker, act, () => now),
  );
  const warnings = keyedList(
    byId("warnings"),
    (/** @type {{ message: string }} */ { message }) => message,
    ({ message }) => ({
      element: h("li", {}, icon("warning"), message),
      update() {},
    }),
  );
  return (overview) => {
    now = overview.now;
    const { health } = overview;
    const remarks = [...health.reasons, ...health.warnings];
    warnings(remarks);
    byId("warnings").hidden = remarks.length === 0;
    figures(overview);
    drawChart(overview.throughput);
    steps(overview.steps);
    workers(overview.workers);
    setText(byId("worker-count"), whole(overview.worker_count));
    byId("no-workers").hidden = overview.worker_count > 0;
  };
}

/** @param {HTMLElement} place */
function figuresView(place) {
  /** @param {string} name */
  const figure = (name) => {
    const value = h("dd");
    const note = h("dd", { class: "note" });
    place.append(h("div", { class: "figure" }, h("dt", {}, name), value, note));
    return (/** @type {string} */ text, /** @type {string} */ more) => {
      setText(value, text);
      setText(note, more);
    };
  };
  const done = figure("Completed per second");
  const waiting = figure("Waiting");
  const running = figure("Running");
  const failed = figure("Failed attempts");
  const dead = figure("Dead");
  const workers = figure("Workers");
  /** @param {any} overview */
  return ({ steps, worker_count: count, workers: shown, throughput }) => {
    /** @param {(step: Step) => number} of */
    const sum = (of) =>
      steps.reduce((
        /** @type {number} */ total,
        /** @type {Step} */ step,
      ) => total + of(step), 0);
    const slots = sum((step) => step.concurrency);
    const delayed = sum(({ counts }) =>
      (counts["scheduled"] ?? 0) + (counts["retrying"] ?? 0)
    );
    const ended = throughput.completed.reduce(add, 0);
    const troubled =
      shown.filter((/** @type {Worker} */ worker) => worker.state !== "ready")
        .length;
    done(rate(sum((step) => step.rate)), `${whole(ended)} in five minutes`);
    waiting(
      whole(sum((step) => step.waiting)),
      delayed === 0 ? "none delayed" : `${whole(delayed)} delayed`,
    );
    running(
      whole(sum((step) => step.running)),
      `at most ${whole(slots)} at a time`,
    );
    failed(whole(throughput.failed.reduce(add, 0)), "in five minutes");
    dead(
      whole(sum(({ counts }) => counts["dead"] ?? 0)),
      "kept, to be retried",
    );
    workers(
      whole(count),
      troubled === 0 ? "all ready" : `${whole(troubled)} not ready`,
    );
  };
}

/**
 * @param {Step} first
 * @param {(action: Promise<unknown>, done: string) => void} act
 * @param {(jobType: string, group: string) => void} showJobs
 */
function stepRow({ job_type: jobType }, act, showJobs) {
  let isPaused = false;
  const waiting = h("td", { class: "number" });
  const busy = loadBar();
  const perSecond = h("td", { class: "number" });
  const typical = h("td", { class: "number" });
  const retrying = countLink("retrying");
  const dead = countLink("dead");
  const pausedMark = h(
    "span",
    { class: "mark", attributes: { hidden: true } },
    "paused",
  );
  const toggle = h("button", {
    attributes: { type: "button" },
    on: {
      click: () => {
        const action = isPaused ? "resume" : "pause";
        act(
          call(action, { method: "POST", query: { job_type: jobType } }),
          `The step ${jobType} is ${isPaused ? "resumed" : "paused"}`,
        );
      },
    },
  });
  const element = h(
    "tr",
    {},
    h("th", { attributes: { scope: "row" } }, jobType, " ", pausedMark),
    labelled(waiting, "Waiting"),
    labelled(h("td", {}, busy.element), "Busy"),
    labelled(perSecond, "Jobs/s"),
    labelled(typical, "Median · p95"),
    labelled(h("td", { class: "number" }, retrying.element), "Retrying"),
    labelled(h("td", { class: "number" }, dead.element), "Dead"),
    h("td", { class: "actions" }, toggle),
  );

  /** @param {string} group */
  function countLink(group) {
    const link = h("button", {
      class: "link",
      attributes: { type: "button" },
      on: { click: () => showJobs(jobType, group) },
    });
    return {
      element: link,
      /** @param {number} count */
      update(count) {
        setText(link, whole(count));
        setAttribute(link, "disabled", count === 0);
        setAttribute(
          link,
          "aria-label",
          `${whole(count)} ${group} of ${jobType}`,
        );
        link.classList.toggle("bad", count > 0 && group === "dead");
      },
    };
  }

  return {
    element,
    /** @param {Step} step */
    update(step) {
      isPaused = step.paused;
      pausedMark.hidden = !isPaused;
      setText(waiting, whole(step.waiting));
      busy.update(step.running, step.concurrency, step.workers === 0);
      setText(perSecond, rate(step.rate));
      setText(
        typical,
        step.median_ms === undefined
          ? "–"
          : `${duration(step.median_ms)} · ${duration(step.p95_ms)}`,
      );
      retrying.update(step.counts["retrying"] ?? 0);
      dead.update(step.counts["dead"] ?? 0);
      setText(toggle, isPaused ? "Resume" : "Pause");
      setAttribute(
        toggle,
        "aria-label",
        `${isPaused ? "Resume" : "Pause"} ${jobType}`,
      );
    },
  };
}

/**
 * @param {Worker} first
 * @param {(action: Promise<unknown>, done: string) => void} act
 * @param {() => number} now
 */
function workerRow(first, act, now) {
  const state = h("td", {});
  let shown = "";
  const busy = loadBar();
  const since = h("td", { attributes: { title: date(first.joined_at) } });
  const drain = carefulButton({
    text: "Drain",
    sure: "Really drain?",
    label: `Drain ${first.step_name} ${first.pid}`,
  }, () =>
    act(
      call(`workers/${encodeURIComponent(first.id)}/drain`, { method: "POST" }),
      `The worker ${first.step_name} was asked to leave`,
    ));
  const element = h(
    "tr",
    {},
    h(
      "th",
      { attributes: { scope: "row", title: first.id } },
      first.step_name,
      first.step_name === first.job_type
        ? null
        : h("span", { class: "sub" }, first.job_type),
    ),
    labelled(state, "State"),
    labelled(h("td", {}, busy.element), "Busy"),
    labelled(
      h(
        "td",
        {},
        `${first.host} · ${first.pid}`,
        h("span", { class: "sub" }, first.runtime),
      ),
      "Where",
    ),
    labelled(since, "Since"),
    h("td", { class: "actions" }, drain),
  );
  return {
    element,
    /** @param {Worker} worker */
    update(worker) {
      if (worker.state !== shown) {
        state.replaceChildren(workerBadge(worker.state));
      }
      shown = worker.state;
      busy.update(worker.running, worker.concurrency, false);
      setText(since, ago(worker.joined_at, now()));
      drain.disabled = worker.draining;
    },
  };
}

/** How much of what is there is busy: a bar, and the numbers. */
function loadBar() {
  const fill = h("span", { class: "fill" });
  const text = h("span", { class: "load-text" });
  const element = h(
    "span",
    { class: "load" },
    h("span", { class: "track", attributes: { "aria-hidden": "true" } }, fill),
    text,
  );
  return {
    element,
    /**
     * @param {number} running
     * @param {number} slots
     * @param {boolean} hasNoWorkers
     */
    update(running, slots, hasNoWorkers) {
      const part = slots === 0 ? 0 : Math.min(1, running / slots);
      fill.style.setProperty("inline-size", `${part * 100}%`);
      setText(text, hasNoWorkers ? "no worker" : `${running} of ${slots}`);
      element.classList.toggle("no-workers", hasNoWorkers);
    },
  };
}

/**
 * Labels a cell, for narrow screens on which it stands alone.
 *
 * @param {HTMLElement} cell
 * @param {string} label
 */
export function labelled(cell, label) {
  cell.dataset["label"] = label;
  return cell;
}

/**
 * @param {number} sum
 * @param {number} value
 */
function add(sum, value) {
  return sum + value;
}
