/**
 * The log lines of handlers as they arrive: the most recent ones, by level, step
 * and text.
 *
 * @module
 */
import { byId, h, setAttribute, setText } from "./dom.js";
import { clock, jobHref, levelName, logText } from "./format.js";
import { fillTypes } from "./jobs.js";

/** How many lines are kept, and how many of them are shown. */
const KEPT = 2000;
const SHOWN = 500;
/** How often new lines are shown, in milliseconds. */
const EVERY_MS = 200;

/**
 * @typedef {object} Line
 * @property {string} jobType
 * @property {number} at
 * @property {number} level
 * @property {string} text
 * @property {string} [jobId]
 */

export function logsView() {
  const list = byId("logs");
  const level = /** @type {HTMLSelectElement} */ (byId("log-level"));
  const types = /** @type {HTMLSelectElement} */ (byId("log-type"));
  const text = /** @type {HTMLInputElement} */ (byId("log-text"));
  const hold = byId("log-hold");
  /** @type {Line[]} */
  let lines = [];
  /** @type {Line[]} */
  let fresh = [];
  let isHeld = false;

  for (const field of [level, types, text]) {
    field.addEventListener("input", redraw);
  }
  byId("log-filter").addEventListener(
    "submit",
    (event) => event.preventDefault(),
  );
  hold.addEventListener("click", () => {
    isHeld = !isHeld;
    setAttribute(hold, "aria-pressed", isHeld ? "true" : "false");
    if (!isHeld) show();
    tellHeld();
  });
  setInterval(show, EVERY_MS);

  /** @param {Line} line */
  function isWanted(line) {
    return line.level >= Number(level.value) &&
      (types.value === "" || line.jobType === types.value) &&
      line.text.toLowerCase().includes(text.value.toLowerCase());
  }

  function show() {
    if (isHeld || fresh.length === 0) return tellHeld();
    const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    const added = fresh;
    fresh = []; // first, so that a line that cannot be shown is not tried again
    lines = [...lines, ...added].slice(-KEPT);
    list.append(...added.filter(isWanted).slice(-SHOWN).map(lineElement));
    while (list.childElementCount > SHOWN) list.firstElementChild?.remove();
    if (isAtEnd) list.scrollTop = list.scrollHeight;
    byId("no-logs").hidden = list.childElementCount > 0;
  }

  function redraw() {
    const wanted = lines.filter(isWanted).slice(-SHOWN);
    list.replaceChildren(...wanted.map(lineElement));
    list.scrollTop = list.scrollHeight;
    const isEmpty = wanted.length === 0;
    byId("no-logs").hidden = !isEmpty;
    if (isEmpty && lines.length > 0) {
      setText(byId("no-logs"), "No matching lines.");
    }
  }

  function tellHeld() {
    setText(
      hold,
      isHeld && fresh.length > 0 ? `Paused: ${fresh.length} new` : "Pause",
    );
  }

  /** @param {Line} line */
  function add(line) {
    fresh.push(line);
    if (fresh.length > KEPT) fresh = fresh.slice(-KEPT);
  }

  return {
    /**
     * @param {unknown} record As a peer sent it: it may be anything.
     * @param {string} topic `logs:<job type>:<level>`
     */
    add(record, topic) {
      add(lineOf(record, topic));
    },
    /** @param {number | null} count */
    missed(count) {
      const some = count === null ? "Some" : String(count);
      const text = `${some} lines are missing here`;
      add({ jobType: "", at: Date.now(), level: 30, text });
    },
    /** @param {any} overview */
    update(overview) {
      fillTypes(types, overview.steps);
    },
    /**
     * The lines of a job; `null` if it has none.
     *
     * @param {string} id
     */
    of(id) {
      const own = [...lines, ...fresh].filter(({ jobId }) => jobId === id);
      if (own.length === 0) return null;
      return h(
        "ol",
        { class: "logs short" },
        ...own.slice(-100).map(lineElement),
      );
    },
  };
}

/**
 * The line for a record. Anything that is not a valid record is shown as text.
 *
 * @param {unknown} record
 * @param {string} topic
 * @returns {Line}
 */
function lineOf(record, topic) {
  const fields = /** @type {Record<string, unknown>} */ (
    typeof record === "object" && record !== null ? record : { msg: record }
  );
  const { msg, template, args, level, time, job_id: jobId, exception } = fields;
  // With a template, the message already has its arguments.
  const places = template === undefined && Array.isArray(args) ? args : [];
  const { name, message } = /** @type {Record<string, unknown>} */ (
    exception ?? {}
  );
  return {
    jobType: topic.split(":")[1] ?? "",
    at: typeof time === "string" ? Date.parse(time) : NaN,
    level: typeof level === "number" ? level : 0,
    text: logText(msg, places) +
      (name === undefined ? "" : ` ${name}: ${message}`),
    jobId: typeof jobId === "string" ? jobId : undefined,
  };
}

/** @param {Line} line */
function lineElement({ jobType, at, level, text, jobId }) {
  const name = levelName(level);
  return h(
    "li",
    { class: `log ${name}` },
    h("time", {}, Number.isNaN(at) ? "–" : clock(at)),
    h("span", { class: "level" }, name),
    jobId === undefined ? h("span", {}, jobType) : h("a", {
      attributes: { href: jobHref(jobId), title: jobId },
    }, jobType),
    h("span", { class: "text" }, text),
  );
}
