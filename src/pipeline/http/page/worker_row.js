/**
 * A row of the table of workers.
 *
 * @module
 */
import { call } from "./api.js";
import { carefulButton, h, labelled, setText } from "./dom.js";
import { ago, date } from "./format.js";
import { loadBar } from "./load_bar.js";
import { workerBadge } from "./states.js";

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
 * @param {Worker} first
 * @param {(action: Promise<unknown>, done: string) => void} act
 * @param {() => number} now
 */
export function workerRow(first, act, now) {
  const state = h("td", {});
  let shown = "";
  const busy = loadBar();
  const since = h("td", { attributes: { title: date(first.joined_at) } });
  const drain = drainButton(first, act);
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
    labelled(placeCell(first), "Where"),
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

/** @param {Worker} worker */
function placeCell({ host, pid, runtime }) {
  return h(
    "td",
    {},
    `${host} · ${pid}`,
    h("span", { class: "sub" }, runtime),
  );
}

/**
 * @param {Worker} worker
 * @param {(action: Promise<unknown>, done: string) => void} act
 */
function drainButton({ id, pid, step_name: name }, act) {
  const texts = {
    text: "Drain",
    sure: "Really drain?",
    label: `Drain ${name} ${pid}`,
  };
  return carefulButton(texts, () =>
    act(
      call(`workers/${encodeURIComponent(id)}/drain`, { method: "POST" }),
      `The worker ${name} was asked to leave`,
    ));
}
