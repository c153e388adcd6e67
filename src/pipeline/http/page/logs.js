/**
 * What handlers log, as it comes: the last lines of it, by level, step and
 * text.
 *
 * @module
 */
import { byId, h, setAttribute, setText } from "./dom.js";
import { clock, levelName, logText } from "./format.js";
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
    lines = [...lines, ...fresh].slice(-KEPT);
    list.append(...fresh.filter(isWanted).slice(-SHOWN).map(lineElement));
    fresh = [];
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
      setText(byId("no-logs"), "No line is like that.");
    }
  }

  function tellHeld() {
    setText(
      hold,
      isHeld && fresh.length > 0 ? `Held: ${fresh.length} new` : "Hold",
    );
  }

  /** @param {Line} line */
  function add(line) {
    fresh.push(line);
    if (fresh.length > KEPT) fresh = fresh.slice(-KEPT);
  }

  return {
    /**
     * @param {any} record
     * @param {string} topic `logs:<job type>:<level>`
     */
    hear(record, topic) {
      const { msg, args = [], level, time, job_id: jobId, exception } = record;
      const error = exception === undefined
        ? ""
        : ` ${exception.name}: ${exception.message}`;
      add({
        jobType: topic.split(":")[1] ?? "",
        at: Date.parse(time),
        level,
        text: logText(msg, args) + error,
        jobId,
      });
    },
    /** @param {number | null} count */
    missed(count) {
      const some = count === null ? "Some" : String(count);
      const text = `${some} lines were missed here`;
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

/** @param {Line} line */
function lineElement({ jobType, at, level, text, jobId }) {
  const name = levelName(level);
  return h(
    "li",
    { class: `log ${name}` },
    h("time", {}, Number.isNaN(at) ? "–" : clock(at)),
    h("span", { class: "level" }, name),
    jobId === undefined ? h("span", {}, jobType) : h("a", {
      attributes: { href: `#job=${encodeURIComponent(jobId)}`, title: jobId },
    }, jobType),
    h("span", { class: "text" }, text),
  );
}
