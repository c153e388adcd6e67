/**
 * Layer: pipeline/worker, threads. How a thread starts, and how it gets its handler:
 * functions cannot be passed to a thread, so it loads the module that defines the
 * step. `defineStep` offers each step to the thread; `run` in a thread ends the
 * loading.
 *
 * @module
 */
import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { AnyStep } from "../types.ts";
import type { ThreadData } from "./thread_messages.ts";

/** What is global in a thread. By a symbol of its own, since the module may use another copy of this library. */
interface ThreadGlobal {
  /** What serves the jobs of each step that the module has defined. */
  readonly steps: Map<string, () => unknown>;
  /** The module has come to a `run`: does not return. */
  readonly pause: () => Promise<never>;
}

const GLOBAL = "@agentzero/agentzero/thread";

/**
 * What a thread executes first. It is text rather than a file, because bundlers
 * would leave that behind; and a module rather than a script, because Node loads
 * what `--import` names only before a module.
 */
const START = `
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
const { module, jobType, loader, argv } = workerData;
process.argv.splice(1, Infinity, ...argv); // as in the process: the module may read it
const steps = new Map();
const paused = new Promise((resolve) => {
  const pause = () => (resolve(), new Promise(() => {}));
  globalThis[Symbol.for("${GLOBAL}")] = { steps, pause };
});
const refuse = (message, stack) => parentPort.postMessage({ type: "unusable", message, stack });
try {
  if (loader !== undefined) (await import(loader)).register();
  await Promise.race([import(module), paused]);
  const serve = steps.get(jobType);
  if (serve !== undefined) await serve();
  else refuse("it does not define the step before it ends, or calls run()");
} catch (error) {
  refuse(String(error?.message ?? error), String(error?.stack));
}
`;

/** Starts a thread. */
export function startThread(workerData: ThreadData): Worker {
  const url = new URL(`data:text/javascript,${encodeURIComponent(START)}`);
  const argv = process.argv.slice(1);
  return new Worker(url, { workerData: { ...workerData, argv } });
}

/** The error that a thread has described, without the text of its first module. */
export function errorFromThread(message: string, stack = ""): Error {
  const shorten = (text: string) =>
    text.replace(/data:text\/javascript,\S*/g, "its thread");
  const error = new Error(shorten(message));
  error.stack = shorten(stack);
  return error;
}

/** Offers a step to the thread that this is, if it is one of a worker. */
export function offerStep({ jobType }: AnyStep, serve: () => unknown): void {
  threadGlobal()?.steps.set(jobType, serve);
}

/** In a thread of a worker, ends the loading of the module: a promise that never settles. */
export function pauseInThread(): Promise<never> | undefined {
  return threadGlobal()?.pause();
}

function threadGlobal(): ThreadGlobal | undefined {
  return Reflect.get(globalThis, Symbol.for(GLOBAL));
}

/**
 * The module that makes tsx work in a thread, if the process was started with
 * tsx: on Node 20 it loads TypeScript in the main thread only.
 */
export function typescriptLoader(): string | undefined {
  if ("Deno" in globalThis || "Bun" in globalThis) return undefined;
  const words = [
    ...process.execArgv,
    ...(process.env.NODE_OPTIONS ?? "").split(/\s+/),
  ];
  const word = words.map((word) => word.replace(/^--import=/, ""))
    .find((word) => /^tsx(\/esm)?$|[\\/]tsx[\\/]dist[\\/]/.test(word));
  if (word === undefined) return undefined;
  const base = word.startsWith("tsx") ? `${process.cwd()}/` : word;
  try {
    const path = createRequire(base).resolve("tsx/esm/api");
    // Beside the file for `require` there is the one for `import`, which works in a thread.
    return pathToFileURL(path.replace(/\.cjs$/, ".mjs")).href;
  } catch {
    return undefined; // the module may be JavaScript
  }
}
