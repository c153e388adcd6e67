/** Test support. Steps whose handlers run in threads: each thread loads this module. */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, threadId } from "node:worker_threads";
import {
  defineStep,
  NonRetryableError,
  RetryAfterError,
} from "@agentzero/agentzero/pipeline";

const retry = { attempts: 2, delayMs: 1, maxDelayMs: 1 };

/** Gives where it runs, and its payload. */
export const where = defineStep(
  "where",
  (payload: unknown) => ({ isMainThread, threadId, payload }),
);

/** Computes for so many milliseconds. */
export const compute = defineStep("compute", (ms: number) => {
  const end = performance.now() + ms;
  let n = 0;
  while (performance.now() < end) n++;
  return n > 0;
});

/** Its first attempt computes for ever. */
export const endless = defineStep("endless", (_: unknown, { attempt }) => {
  while (attempt === 1);
  return attempt;
}, { timeoutMs: 300, retry });

/** Waits until its signal is aborted, and gives the reason by what it logs. */
export const patient = defineStep(
  "patient",
  async (_: unknown, { signal, log, progress }) => {
    progress(0.5);
    await sleep(60_000, undefined, { signal }).catch(() => {});
    const { name, message, code } = signal.reason;
    log.info("%s %s %s", name, message, code);
  },
  { retry },
);

/** Reports. */
export const report = defineStep(
  "report",
  (name: string, { id, flowId, attempt, deadline, log, metric, progress }) => {
    log.warning("hello %s", name);
    metric("size", 5);
    progress(1);
    return { id, flowId, attempt, hasDeadline: deadline !== undefined };
  },
  { timeoutMs: 60_000 },
);

/** Its first attempt ends in one of many ways. */
export const crash = defineStep(
  "crash",
  async (how: string, { attempt }): Promise<string> => {
    if (attempt > 1) return `${how} ${attempt}`;
    if (how === "exit") process.exit(3);
    if (how === "throw") setTimeout(() => raise(), 0);
    if (how === "reject") void Promise.reject(new Error("unhandled"));
    return await new Promise(() => {});
  },
  { retry },
);

/** Throws. */
export const fail = defineStep("fail", (how: string): unknown => {
  const cause = new RangeError("the cause");
  if (how === "final") throw new NonRetryableError("no more");
  if (how === "later") throw new RetryAfterError(10, "later");
  if (how === "function") throw { message: "odd", run: () => {} };
  if (how === "result") return { big: 5n };
  throw Object.assign(new TypeError("bad", { cause }), { code: "E_BAD" });
}, { retry: { ...retry, attempts: 1 } });

function raise(): never {
  throw new Error("uncaught");
}
