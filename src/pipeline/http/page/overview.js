/**
 * The current state of the pipeline: figures, steps and workers.
 *
 * @module
 */
import { throughputChart } from "./chart.js";
import { byId, h, keyedList, setText } from "./dom.js";
import { figuresView } from "./figures.js";
import { whole } from "./format.js";
import { icon } from "./icons.js";
import { stepRow } from "./step_row.js";
import { workerRow } from "./worker_row.js";

/** @typedef {import("./step_row.js").Step} Step */
/** @typedef {import("./worker_row.js").Worker} Worker */

/**
 * @param {(action: Promise<unknown>, done: string) => void} act Runs an action, and reports its outcome.
 * @param {(jobType: string, group: string) => void} showJobs
 * @returns {(overview: any) => void}
 */
export function overviewView(act, showJobs) {
  const drawChart = throughputChart(byId("chart"));
  const figures = figuresView(byId("figures"));
  const steps = keyedList(
    byId("steps"),
    (/** @type {Step} */ step) => step.job_type,
    (step) => stepRow(step, act, showJobs),
  );
  let now = 0;
  const workers = keyedList(
    byId("workers"),
    (/** @type {Worker} */ worker) => worker.id,
    (worker) => workerRow(worker, act, () => now),
  );
  const warnings = keyedList(
    byId("warnings"),
    (/** @type {{ message: string }} */ { message }) => message,
    ({ message }) => ({
      element: h("li", {}, icon("warning"), message),
      update() {},
    }),
  );
  return (overview) => {
    now = overview.now;
    const { health } = overview;
    const remarks = [...health.reasons, ...health.warnings];
    warnings(remarks);
    byId("warnings").hidden = remarks.length === 0;
    figures(overview);
    drawChart(overview.throughput);
    steps(overview.steps);
    workers(overview.workers);
    setText(byId("worker-count"), whole(overview.worker_count));
    byId("no-workers").hidden = overview.worker_count > 0;
  };
}
