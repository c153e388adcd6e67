/**
 * The dialog for one job: its data, timeline, payload and result. It is open while
 * the URL has `#job=<id>`.
 *
 * @module
 */
import { callJob } from "./api.js";
import { byId, carefulButton, h, setText } from "./dom.js";
import { clock, date, duration, jobHref, payload } from "./format.js";
import { icon } from "./icons.js";
import { keptLogs } from "./logs.js";
import { tookText } from "./jobs.js";
import { badge, isFinal } from "./states.js";

/** How often an open job is looked at, in milliseconds. */
const EVERY_MS = 1000;

/** @typedef {any} Job */

/** The dialog, which shows one job at a time. */
export class JobDialog {
  #dialog = /** @type {HTMLDialogElement} */ (byId("job"));
  #title = byId("job-title");
  #actions = byId("job-actions");
  #body = byId("job-body");
  #priority = /** @type {HTMLFormElement} */ (byId("job-priority"));
  #priorityValue = /** @type {HTMLInputElement} */ (byId("job-priority-value"));
  #nameOf;
  /** @type {string | undefined} */
  #id;
  /** What is shown, so that nothing is drawn twice: a selection would be lost. */
  #shown = "";

  /**
   * @param {(id: string) => string} nameOf What people call a worker.
   */
  constructor(nameOf) {
    this.#nameOf = nameOf;
    const dialog = this.#dialog;
    byId("job-close").append(icon("dead"));
    byId("job-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // a click on the backdrop
    });
    dialog.addEventListener("close", () => {
      this.#id = undefined;
      if (location.hash.startsWith("#job=")) {
        history.replaceState(null, "", location.pathname + location.search);
      }
    });
    this.#priority.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#id === undefined) return;
      const query = { priority: this.#priorityValue.value };
      void this.#run(this.#id, "priority", "The priority is changed", query);
    });
    addEventListener("hashchange", () => this.follow());
    setInterval(() => void this.#look(), EVERY_MS);
  }

  /** Opens for the job in the URL; closes if there is none. */
  follow() {
    const id = idInHash();
    if (id === undefined) return this.#dialog.close();
    this.#id = id;
    this.#shown = "";
    say("");
    setText(this.#title, id);
    this.#actions.replaceChildren();
    this.#priority.hidden = true;
    this.#body.replaceChildren();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#title.focus();
    void this.#look();
  }

  async #look() {
    const asked = this.#id;
    if (asked === undefined || document.hidden) return;
    try {
      const job = await callJob(asked);
      if (asked === this.#id) this.#draw(job);
    } catch (error) {
      if (asked === this.#id) say(messageOf(error));
    }
  }

  /** @param {Job} job */
  #draw(job) {
    const text = JSON.stringify(job);
    if (text !== this.#shown) {
      const open = openParts(this.#body);
      const buttons = actionButtons(
        job,
        (action, done) => void this.#run(job.id, action, done),
      );
      this.#actions.replaceChildren(...buttons);
      this.#offerPriority(job);
      this.#body.replaceChildren(...parts(job, this.#nameOf));
      openParts(this.#body, open);
      this.#shown = text;
    }
    setText(byId("job-took"), tookText(job, Date.now()));
  }

  /** @param {Job} job */
  #offerPriority(job) {
    this.#priority.hidden = isFinal(job.state);
    // What a person is typing stays.
    if (this.#priority.contains(document.activeElement)) return;
    this.#priorityValue.value = String(job.priority);
  }

  /**
   * @param {string} id
   * @param {string} action
   * @param {string} done
   * @param {Record<string, string>} [query]
   */
  async #run(id, action, done, query) {
    try {
      await callJob(id, action, query);
      say(done);
      if (action === "remove") return this.#dialog.close();
    } catch (error) {
      say(messageOf(error));
    }
    this.#title.focus();
    await this.#look();
  }
}

/** The id of the job in the URL; `undefined` if there is none. */
function idInHash() {
  const text = /^#job=(.+)$/.exec(location.hash)?.[1];
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} text */
function say(text) {
  setText(byId("job-message"), text);
}

/** @param {unknown} error */
function messageOf(error) {
  return String(/** @type {Error} */ (error).message);
}

/**
 * @param {Job} job
 * @param {(action: string, done: string) => void} run
 */
function actionButtons(job, run) {
  const isOver = job.flow.state !== "running" &&
    job.flow_jobs.every((/** @type {Job} */ one) => isFinal(one.state));
  const isDelayed = job.state === "scheduled" || job.state === "retrying";
  const isOne = job.flow_job_count === 1;
  return [
    job.state !== "dead"
      ? null
      : primaryButton("Retry", () => run("retry", "The job is retried")),
    !isDelayed
      ? null
      : primaryButton("Start now", () => run("promote", "The job starts")),
    isOver ? null : carefulButton({
      text: "Cancel",
      sure: isOne ? "Really cancel?" : "Cancel the whole flow?",
      class: "danger",
    }, () => run("cancel", "The flow is cancelled")),
    !isOver ? null : carefulButton({
      text: "Remove",
      sure: isOne ? "Really remove?" : "Remove the whole flow?",
      class: "danger",
    }, () => run("remove", "The flow is removed")),
  ].filter((button) => button !== null);
}

/**
 * @param {string} text
 * @param {() => void} click
 */
function primaryButton(text, click) {
  return h("button", {
    class: "primary",
    attributes: { type: "button" },
    on: { click },
  }, text);
}

/**
 * @param {Job} job
 * @param {(id: string) => string} nameOf
 */
function parts(job, nameOf) {
  const logs = keptLogs(job);
  return [
    facts(job, nameOf),
    job.error === undefined ? null : errorPart(job.error),
    section("Timeline", timeline(job, nameOf)),
    payloadPart("Payload", job.payload),
    job.result === undefined ? null : payloadPart("Result", job.result),
    logs === null ? null : section("Logs", logs),
    job.flow_job_count > 1 ? flowPart(job) : null,
  ].filter((part) => part !== null);
}

/**
 * @param {Job} job
 * @param {(id: string) => string} nameOf
 */
function facts(job, nameOf) {
  const took = h("span", { attributes: { id: "job-took" } });
  /** @type {[string, string | Node | undefined][]} */
  const rows = [
    ["State", badge(job.state)],
    ["Step", job.job_type],
    ["Flow", job.flow.name === job.job_type ? undefined : job.flow.name],
    ["Key", job.flow.key],
    [
      "Attempts",
      `${job.attempt}; ${job.failures} of ${job.retry.attempts} failed`,
    ],
    ["Killed workers", job.kills > 0 ? String(job.kills) : undefined],
    ["Priority", job.priority === 0 ? undefined : String(job.priority)],
    [
      "Not before",
      job.run_at && !isFinal(job.state) ? date(job.run_at) : undefined,
    ],
    ["Time limit", job.timeout_ms && duration(job.timeout_ms)],
    ["Created", date(job.created_at)],
    ["Took", took],
    ["Finished", job.finished_at && date(job.finished_at)],
    ["Worker", job.worker && nameOf(job.worker)],
  ];
  const list = h("dl", { class: "facts" });
  for (const [name, value] of rows) {
    if (value === undefined || value === "") continue;
    list.append(h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  }
  return list;
}

/** @param {{ name: string, message: string, traceback?: string }} error */
function errorPart({ name, message, traceback }) {
  return h(
    "section",
    { class: "error-box" },
    h("h3", {}, icon("dead"), "Error"),
    h("p", {}, `${name}: ${message}`),
    traceback === undefined ? null : h(
      "details",
      { attributes: { id: "part-traceback" } },
      h("summary", {}, "Traceback"),
      codeBlock(traceback, "Traceback"),
    ),
  );
}

/**
 * @param {Job} job
 * @param {(id: string) => string} nameOf
 */
function timeline(job, nameOf) {
  const events = [
    { at: job.created_at, type: "created", attempt: 0 },
    ...job.timeline.filter((/** @type {any} */ { type, at }) =>
      type !== "waiting" || at !== job.created_at
    ),
  ];
  const list = h("ol", { class: "timeline" });
  let last = job.created_at;
  for (const { at, type, attempt, worker, detail } of events) {
    const more = [
      attempt > 0 ? `attempt ${attempt}` : "",
      worker === undefined ? "" : `by ${nameOf(worker)}`,
    ].filter(Boolean).join(" ");
    list.append(h(
      "li",
      { class: `event ${type}` },
      h("span", { class: "event-icon" }, icon(ICONS[type] ?? type)),
      h(
        "time",
        {
          attributes: { datetime: new Date(at).toISOString(), title: date(at) },
        },
        clock(at),
      ),
      h("strong", {}, type),
      h("span", { class: "muted" }, at > last ? `+${duration(at - last)}` : ""),
      h("span", { class: "muted more" }, more),
      detail === undefined ? null : h("span", { class: "detail" }, detail),
    ));
    last = at;
  }
  return list;
}

/** @type {Record<string, string>} */
const ICONS = {
  created: "waiting",
  released: "retrying",
  requeued: "retrying",
  late: "scheduled",
  progress: "active",
};

/** @param {Job} job */
function flowPart(job) {
  const list = h("ul", { class: "flow-jobs" });
  for (const one of job.flow_jobs) {
    const isThis = one.id === job.id;
    list.append(h(
      "li",
      {},
      badge(one.state),
      h("a", {
        class: "id",
        attributes: {
          href: jobHref(one.id),
          "aria-current": isThis ? "true" : undefined,
        },
      }, one.id),
      h("span", { class: "muted" }, one.job_type),
    ));
  }
  const hidden = job.flow_job_count - job.flow_jobs.length;
  return section(
    "The flow",
    list,
    hidden > 0 ? h("p", { class: "muted" }, `and ${hidden} more`) : null,
  );
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function payloadPart(name, value) {
  return section(name, codeBlock(payload(value), name));
}

/**
 * @param {string} text
 * @param {string} name
 */
function codeBlock(text, name) {
  return h("pre", {
    attributes: { tabindex: 0, role: "region", "aria-label": name },
  }, text);
}

/**
 * @param {string} title
 * @param {(Node | null)[]} content
 */
function section(title, ...content) {
  return h("section", {}, h("h3", {}, title), ...content);
}

/**
 * Returns which parts are expanded, or expands the given ones.
 *
 * @param {HTMLElement} place
 * @param {string[]} [open]
 * @returns {string[]}
 */
function openParts(place, open) {
  const all = [...place.querySelectorAll("details")];
  for (const part of all) if (open?.includes(part.id)) part.open = true;
  return all.filter((part) => part.open).map(({ id }) => id);
}
