/**
 * Scripts. How many processes run at a time. Tests wait more than they work: a
 * fixed number would leave processors idle, or hold processes up until their
 * deadlines pass, as it is on a machine that has other work. So there are always
 * as many as `least`, and one more, up to `most`, whenever processors have been
 * idle.
 *
 * @module
 */
import { cpus } from "node:os";

/** How long processors are watched before one more process starts: it has begun to work by then. */
const WATCH_MS = 400;
/** So much of all processors' time must have been idle. */
const IDLE_SHARE = 0.25;

/**
 * Runs all units, each once, in order.
 *
 * @template T
 * @param {readonly T[]} units
 * @param {(unit: T) => Promise<void>} run
 * @param {object} limits
 * @param {number} limits.least so many run at a time, whatever else the machine does
 * @param {number} limits.most and never more
 * @param {() => number} [limits.idleShare] the part of the processors' time that was idle since it was asked last, 0 to 1
 * @param {number} [limits.watchMs]
 * @returns {Promise<void>} Rejects with the first failure of `run`, once all have ended.
 */
export async function runInSlots(units, run, {
  least,
  most,
  idleShare = watchProcessors(),
  watchMs = WATCH_MS,
}) {
  const queue = [...units];
  const failures = [];
  let running = 0;
  await new Promise((resolve) => {
    const start = () => {
      running++;
      run(queue.shift()).catch((error) => failures.push(error)).finally(() => {
        running--;
        fill();
      });
    };
    const fill = () => {
      while (queue.length > 0 && running < least) start();
      if (queue.length > 0 || running > 0) return;
      clearInterval(timer);
      resolve();
    };
    const timer = setInterval(() => {
      const isIdle = idleShare() >= IDLE_SHARE; // asked each time: it measures since the last
      if (isIdle && queue.length > 0 && running < most) start();
    }, watchMs);
    fill();
  });
  if (failures.length > 0) throw failures[0];
}

/** Returns which part of all processors' time was idle since the last call. */
export function watchProcessors() {
  let last = timesOf(cpus());
  return () => {
    const now = timesOf(cpus());
    const all = now.all - last.all;
    const idle = now.idle - last.idle;
    last = now;
    return all > 0 ? idle / all : 0;
  };
}

function timesOf(processors) {
  const sum = { idle: 0, all: 0 };
  for (const { times } of processors) {
    sum.idle += times.idle;
    for (const ms of Object.values(times)) sum.all += ms;
  }
  return sum;
}
