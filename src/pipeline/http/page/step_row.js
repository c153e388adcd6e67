/**
 * A row of the table of steps.
 *
 * @module
 */
import { call } from "./api.js";
import { h, labelled, setAttribute, setText } from "./dom.js";
import { duration, rate, whole } from "./format.js";
import { loadBar } from "./load_bar.js";

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
 * @param {Step} first
 * @param {(action: Promise<unknown>, done: string) => void} act
 * @param {(jobType: string, group: string) => void} showJobs
 */
export function stepRow({ job_type: jobType }, act, showJobs) {
  const waiting = h("td", { class: "number" });
  const busy = loadBar();
  const perSecond = h("td", { class: "number" });
  const typical = h("td", { class: "number" });
  const retrying = countLink(jobType, "retrying", showJobs);
  const dead = countLink(jobType, "dead", showJobs);
  const pausedMark = h(
    "span",
    { class: "mark", attributes: { hidden: true } },
    "paused",
  );
  const toggle = pauseButton(jobType, act);
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
    h("td", { class: "actions" }, toggle.element),
  );

  return {
    element,
    /** @param {Step} step */
    update(step) {
      pausedMark.hidden = !step.paused;
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
      toggle.update(step.paused);
    },
  };
}

/**
 * The button that pauses a step, or resumes it.
 *
 * @param {string} jobType
 * @param {(action: Promise<unknown>, done: string) => void} act
 */
function pauseButton(jobType, act) {
  let isPaused = false;
  const element = h("button", {
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
  return {
    element,
    /** @param {boolean} paused */
    update(paused) {
      isPaused = paused;
      const text = isPaused ? "Resume" : "Pause";
      setText(element, text);
      setAttribute(element, "aria-label", `${text} ${jobType}`);
    },
  };
}

/**
 * A number of jobs. A click shows them.
 *
 * @param {string} jobType
 * @param {string} group
 * @param {(jobType: string, group: string) => void} showJobs
 */
function countLink(jobType, group, showJobs) {
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
