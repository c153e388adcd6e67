/**
 * The figures of the whole pipeline, each with a note.
 *
 * @module
 */
import { h, setText } from "./dom.js";
import { rate, whole } from "./format.js";

/** @typedef {import("./step_row.js").Step} Step */
/** @typedef {import("./worker_row.js").Worker} Worker */

/**
 * @param {HTMLElement} place
 * @returns {(overview: any) => void}
 */
export function figuresView(place) {
  const done = figure(place, "Completed per second");
  const waiting = figure(place, "Waiting");
  const running = figure(place, "Running");
  const failed = figure(place, "Failed attempts");
  const dead = figure(place, "Dead");
  const workers = figure(place, "Workers");
  return ({ steps, worker_count: count, workers: shown, throughput }) => {
    const slots = sum(steps, (step) => step.concurrency);
    const delayed = sum(
      steps,
      ({ counts }) => (counts["scheduled"] ?? 0) + (counts["retrying"] ?? 0),
    );
    const ended = throughput.completed.reduce(add, 0);
    const troubled =
      shown.filter((/** @type {Worker} */ worker) => worker.state !== "ready")
        .length;
    done(
      rate(sum(steps, (step) => step.rate)),
      `${whole(ended)} in five minutes`,
    );
    waiting(
      whole(sum(steps, (step) => step.waiting)),
      delayed === 0 ? "none delayed" : `${whole(delayed)} delayed`,
    );
    running(
      whole(sum(steps, (step) => step.running)),
      `at most ${whole(slots)} at a time`,
    );
    failed(whole(throughput.failed.reduce(add, 0)), "in five minutes");
    dead(
      whole(sum(steps, ({ counts }) => counts["dead"] ?? 0)),
      "kept, to be retried",
    );
    workers(
      whole(count),
      troubled === 0 ? "all ready" : `${whole(troubled)} not ready`,
    );
  };
}

/**
 * Adds a figure. Returns a function that sets its value and its note.
 *
 * @param {HTMLElement} place
 * @param {string} name
 */
function figure(place, name) {
  const value = h("dd");
  const note = h("dd", { class: "note" });
  place.append(h("div", { class: "figure" }, h("dt", {}, name), value, note));
  return (/** @type {string} */ text, /** @type {string} */ more) => {
    setText(value, text);
    setText(note, more);
  };
}

/**
 * @param {readonly Step[]} steps
 * @param {(step: Step) => number} of
 */
function sum(steps, of) {
  return steps.map(of).reduce(add, 0);
}

/**
 * @param {number} sum
 * @param {number} value
 */
function add(sum, value) {
  return sum + value;
}
