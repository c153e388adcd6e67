/**
 * The schedules, the next one first.
 *
 * @module
 */
import { call } from "./api.js";
import {
  byId,
  carefulButton,
  h,
  keyedList,
  labelled,
  setAttribute,
  setText,
} from "./dom.js";
import { ago, date, jobHref, until, whole } from "./format.js";

/**
 * @typedef {object} Schedule
 * @property {string} id
 * @property {string} flow
 * @property {string} cron
 * @property {string} [timezone]
 * @property {boolean} declared
 * @property {boolean} paused
 * @property {number} next_at
 * @property {number} [last_at]
 * @property {string} [last_id]
 */

/**
 * @param {(action: Promise<unknown>, done: string) => void} act Runs an action, and reports its outcome.
 * @returns {(overview: any) => void}
 */
export function schedulesView(act) {
  let now = 0;
  const rows = keyedList(
    byId("schedules"),
    // A replaced schedule counts as a new one.
    ({ id, flow, cron, timezone, paused }) =>
      JSON.stringify([id, flow, cron, timezone, paused]),
    (/** @type {Schedule} */ schedule) => scheduleRow(schedule, act, () => now),
  );
  return (overview) => {
    now = overview.now;
    rows(overview.schedules);
    setText(byId("schedule-count"), whole(overview.schedule_count));
    byId("no-schedules").hidden = overview.schedule_count > 0;
  };
}

/**
 * @param {Schedule} first
 * @param {(action: Promise<unknown>, done: string) => void} act
 * @param {() => number} now
 */
function scheduleRow(first, act, now) {
  const { id, flow, cron, timezone } = first;
  const next = h("td", {});
  const last = h("a", {});
  const never = h("span", { class: "muted" }, "never");
  return {
    element: h(
      "tr",
      {},
      h(
        "th",
        { attributes: { scope: "row" } },
        id,
        h("span", { class: "sub" }, flow),
      ),
      labelled(
        h(
          "td",
          {},
          h("code", {}, cron),
          h("span", { class: "sub" }, timezone ?? "time of the pipeline"),
        ),
        "When",
      ),
      labelled(next, "Next"),
      labelled(h("td", {}, last, never), "Last"),
      h(
        "td",
        { class: "actions" },
        pauseButton(first, act),
        removeButton(first, act),
      ),
    ),
    /** @param {Schedule} schedule */
    update({ paused, next_at: nextAt, last_at: lastAt, last_id: lastId = "" }) {
      setText(next, paused ? "paused" : until(nextAt, now()));
      setAttribute(next, "title", paused ? undefined : date(nextAt));
      last.hidden = lastAt === undefined;
      never.hidden = lastAt !== undefined;
      if (lastAt === undefined) return;
      setText(last, ago(lastAt, now()));
      setAttribute(last, "title", date(lastAt));
      setAttribute(last, "href", jobHref(lastId));
    },
  };
}

/**
 * @param {Schedule} schedule
 * @param {(action: Promise<unknown>, done: string) => void} act
 */
function pauseButton({ id, paused }, act) {
  const [action, text] = paused ? ["resume", "Resume"] : ["pause", "Pause"];
  return h("button", {
    attributes: { type: "button", "aria-label": `${text} ${id}` },
    on: {
      click: () => {
        byId("schedules-title").focus(); // the row is replaced
        act(
          call(`schedules/${encodeURIComponent(id)}/${action}`, {
            method: "POST",
          }),
          `The schedule ${id} is ${action}d`,
        );
      },
    },
  }, text);
}

/**
 * @param {Schedule} schedule
 * @param {(action: Promise<unknown>, done: string) => void} act
 */
function removeButton({ id, declared }, act) {
  const texts = {
    text: "Remove",
    sure: "Really remove?",
    label: `Remove ${id}`,
  };
  return carefulButton(texts, () => {
    byId("schedules-title").focus(); // the button goes with the row
    act(
      call(`schedules/${encodeURIComponent(id)}/remove`, { method: "POST" }),
      declared
        ? `The schedule ${id} is removed until the program, which declares it, restarts`
        : `The schedule ${id} is removed`,
    );
  });
}
