/**
 * The states of jobs and workers: a word and an icon, never a color alone.
 *
 * @module
 */
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** What the filter offers, and the states that each means. */
export const GROUPS = [
  { id: "all", text: "All", states: [] },
  { id: "waiting", text: "Waiting", states: ["scheduled", "waiting"] },
  { id: "running", text: "Running", states: ["dispatched", "active"] },
  { id: "retrying", text: "Retrying", states: ["retrying"] },
  { id: "completed", text: "Completed", states: ["completed"] },
  { id: "dead", text: "Dead", states: ["dead"] },
  { id: "cancelled", text: "Cancelled", states: ["cancelled"] },
];

/** @type {Record<string, string>} */
const WORKER_ICONS = {
  ready: "completed",
  draining: "dispatched",
  suspect: "warning",
  unlinked: "warning",
};

/** @param {string} state Of a job. */
export function badge(state) {
  return h("span", { class: `badge ${state}` }, icon(state), state);
}

/** @param {string} state Of a worker. */
export function workerBadge(state) {
  const name = WORKER_ICONS[state] ?? "waiting";
  return h("span", { class: `badge worker-${state}` }, icon(name), state);
}

/** @param {string} state */
export function isFinal(state) {
  return state === "completed" || state === "dead" || state === "cancelled";
}
