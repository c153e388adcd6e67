/**
 * The page: requests the state of the pipeline once a second while it is visible,
 * and receives its logs.
 *
 * @module
 */
import { ApiError, call, listen } from "./api.js";
import { byId, setAttribute, setText } from "./dom.js";
import { clock, date, jobHref } from "./format.js";
import { JobDialog } from "./job_dialog.js";
import { JobsView } from "./jobs.js";
import { LogsView } from "./logs.js";
import { overviewView } from "./overview.js";
import { schedulesView } from "./schedules.js";
import { themeSwitch } from "./theme.js";

/** How often it asks, in milliseconds. */
const EVERY_MS = 1000;

let isAllPaused = false;
/** @type {number | undefined} */
let goneSince;

themeSwitch();
const logs = new LogsView();
const jobs = new JobsView();
/** What people call the workers, those that have left too. @type {Map<string, string>} */
const workerNames = new Map();
const dialog = new JobDialog(
  (id) => workerNames.get(id) ?? id,
);
const showOverview = overviewView(act, (jobType, group) => {
  jobs.show({ jobType, group });
  byId("jobs-title").focus();
  byId("jobs-title").scrollIntoView();
});
const showSchedules = schedulesView(act);

byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("find-id"));
  const id = field.value.trim();
  if (id !== "") location.hash = jobHref(id);
});
byId("pause-all").addEventListener("click", () => {
  act(
    call(isAllPaused ? "resume" : "pause", { method: "POST" }),
    isAllPaused ? "All steps are resumed" : "All steps are paused",
  );
});
document.addEventListener("visibilitychange", () => void refresh());

listen(
  { "logs:": (record, topic) => logs.add(record, topic) },
  (count) => logs.missed(count),
);
dialog.follow();
void keepUp();

async function keepUp() {
  for (;;) {
    await refresh();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

async function refresh() {
  if (document.hidden) return;
  try {
    const overview = await call("overview");
    isHere(overview);
    for (const { id, step_name: name } of overview.workers) {
      workerNames.set(id, name);
    }
    const failures = await failuresOf([
      () => showOverview(overview),
      () => showSchedules(overview),
      () => logs.update(overview),
      () => jobs.update(overview),
    ]);
    if (failures.length > 0) {
      console.error(...failures);
      notice(`A part of this page cannot be shown: ${failures[0]}`, false);
    }
  } catch (error) {
    if (error instanceof ApiError) isGone(error);
    else notice(`This page cannot be shown: ${error}`, false);
  }
}

/**
 * Draws each part; an error in one does not affect the others. A pipeline that does
 * not respond is not an error of a part.
 *
 * @param {readonly (() => unknown)[]} parts
 */
async function failuresOf(parts) {
  const failures = [];
  for (const part of parts) {
    try {
      await part();
    } catch (error) {
      if (error instanceof ApiError) throw error;
      failures.push(error);
    }
  }
  return failures;
}

/** @param {any} overview */
function isHere(overview) {
  goneSince = undefined;
  const { name, steps, version, runtime, host, pid } = overview;
  document.title = `${name} – agentzero`;
  setText(byId("name"), name);
  connection("live", "Live");
  if (isNoticeOfAbsence) hideNotice();
  isAllPaused = steps.length > 0 &&
    steps.every((/** @type {{ paused: boolean }} */ { paused }) => paused);
  setText(byId("pause-all"), isAllPaused ? "Resume all" : "Pause all");
  setText(
    byId("about"),
    `agentzero ${version} · ${runtime} · ${host} ${pid} · since ${
      date(overview.started_at)
    }`,
  );
}

/** @param {ApiError} error */
function isGone({ status, message }) {
  goneSince ??= Date.now();
  connection("gone", status === 401 ? "Unauthorized" : "Disconnected");
  const text = status === 401
    ? "The token has changed. Open the URL that the program printed."
    : `${message}, since ${
      clock(goneSince)
    }. What you see is from before. Trying again …`;
  notice(text, true);
}

/**
 * @param {string} state
 * @param {string} text
 */
function connection(state, text) {
  const place = byId("connection");
  setText(place, text);
  setAttribute(place, "class", `connection ${state}`);
}

let isNoticeOfAbsence = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let noticeTimer;

/**
 * @param {string} text
 * @param {boolean} isOfAbsence Whether it stays until the pipeline is back.
 */
function notice(text, isOfAbsence) {
  clearTimeout(noticeTimer);
  isNoticeOfAbsence = isOfAbsence;
  setText(byId("notice"), text);
  setAttribute(byId("notice"), "class", isOfAbsence ? "notice bad" : "notice");
  byId("notice").hidden = false;
  if (!isOfAbsence) noticeTimer = setTimeout(hideNotice, 5000);
}

function hideNotice() {
  isNoticeOfAbsence = false;
  byId("notice").hidden = true;
}

/**
 * Runs an action, and reports its outcome.
 *
 * @param {Promise<unknown>} action
 * @param {string} done
 */
function act(action, done) {
  action.then(() => {
    notice(done, false);
    return refresh();
  }).catch((error) => notice(String(error.message), false));
}
