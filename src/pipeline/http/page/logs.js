/**
 * The log lines of handlers as they arrive: the most recent ones, by level, step
 * and text.
 *
 * @module
 */
import { byId, h, setAttribute, setText } from "./dom.js";
import { clock, jobHref, levelName, logText } from "./format.js";
import { fillTypes } from "./job_filter.js";

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

/** The list of lines, with its filter and a button that pauses it. */
export class LogsView {
  #list = byId("logs");
  #hold = byId("log-hold");
  #filter = new LogFilter(() => this.#redraw());
  /** The lines that have been shown, or do not match the filter.
   * @type {Line[]} */
  #lines = [];
  /** The lines that have arrived since.
   * @type {Line[]} */
  #fresh = [];
  #isHeld = false;

  constructor() {
    this.#hold.addEventListener("click", () => {
      this.#isHeld = !this.#isHeld;
      setAttribute(this.#hold, "aria-pressed", String(this.#isHeld));
      this.#show();
    });
    setInterval(() => this.#show(), EVERY_MS);
  }

  /**
   * @param {unknown} record As a peer sent it: it may be anything.
   * @param {string} topic `logs:<job type>:<level>`
   */
  add(record, topic) {
    this.#add(lineOf(record, topic));
  }

  /** @param {number | null} count */
  missed(count) {
    const some = count === null ? "Some" : String(count);
    const text = `${some} lines are missing here`;
    this.#add({ jobType: "", at: Date.now(), level: 30, text });
  }

  /** @param {any} overview */
  update(overview) {
    this.#filter.offer(overview.steps);
  }

  /** @param {Line} line */
  #add(line) {
    this.#fresh.push(line);
    if (this.#fresh.length > KEPT) this.#fresh = this.#fresh.slice(-KEPT);
  }

  #show() {
    if (!this.#isHeld && this.#fresh.length > 0) this.#append();
    const isWaiting = this.#isHeld && this.#fresh.length > 0;
    setText(
      this.#hold,
      isWaiting ? `Paused: ${this.#fresh.length} new` : "Pause",
    );
  }

  #append() {
    const list = this.#list;
    const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    const added = this.#fresh;
    this.#fresh = []; // first, so that a line that cannot be shown is not tried again
    this.#lines = [...this.#lines, ...added].slice(-KEPT);
    list.append(...this.#elementsOf(added));
    while (list.childElementCount > SHOWN) list.firstElementChild?.remove();
    if (isAtEnd) list.scrollTop = list.scrollHeight;
    byId("no-logs").hidden = list.childElementCount > 0;
  }

  #redraw() {
    const elements = this.#elementsOf(this.#lines);
    this.#list.replaceChildren(...elements);
    this.#list.scrollTop = this.#list.scrollHeight;
    const isEmpty = elements.length === 0;
    byId("no-logs").hidden = !isEmpty;
    if (isEmpty && this.#lines.length > 0) {
      setText(byId("no-logs"), "No matching lines.");
    }
  }

  /**
   * The last lines that match the filter.
   *
   * @param {Line[]} lines
   */
  #elementsOf(lines) {
    return lines.filter((line) => this.#filter.isWanted(line)).slice(-SHOWN)
      .map(lineElement);
  }
}

/**
 * The lines that are kept with a job; `null` if there are none.
 *
 * @param {{ id: string, job_type: string, logs: unknown[] }} job
 */
export function keptLogs({ id, job_type: jobType, logs }) {
  if (logs.length === 0) return null;
  const lines = logs.map((record) => ({
    ...lineOf(record, `logs:${jobType}`),
    jobId: id,
  }));
  return h("ol", { class: "logs short" }, ...lines.map(lineElement));
}

/** Which lines are shown: by level, step and text. */
class LogFilter {
  #level = /** @type {HTMLSelectElement} */ (byId("log-level"));
  #types = /** @type {HTMLSelectElement} */ (byId("log-type"));
  #text = /** @type {HTMLInputElement} */ (byId("log-text"));

  /** @param {() => void} changed */
  constructor(changed) {
    for (const field of [this.#level, this.#types, this.#text]) {
      field.addEventListener("input", changed);
    }
    byId("log-filter").addEventListener(
      "submit",
      (event) => event.preventDefault(),
    );
  }

  /** @param {Line} line */
  isWanted({ level, jobType, text }) {
    return level >= Number(this.#level.value) &&
      (this.#types.value === "" || jobType === this.#types.value) &&
      text.toLowerCase().includes(this.#text.value.toLowerCase());
  }

  /**
   * Offers these steps too.
   *
   * @param {{ job_type: string }[]} steps
   */
  offer(steps) {
    fillTypes(this.#types, steps);
  }
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
