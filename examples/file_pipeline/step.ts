/**
 * Example: the file pipeline. What every Step process does, whatever its jobs:
 * it announces itself, takes jobs, reports their results, and tells over
 * PUB/SUB what happens. The files in `steps/` say what the jobs are.
 *
 * @module
 */
import process from "node:process";
import { type Logger, MSGPACK, SocketManager, zmq } from "@agentzero/agentzero";
import type {
  Available,
  JobMessage,
  JobType,
  Result,
  Runtime,
  ToWorker,
} from "./messages.ts";
import { endWithParent } from "./parent.ts";

/** So many jobs are done at a time. */
const CREDIT = 4;
/** How often a worker announces itself, once the pipeline knows it. */
const ANNOUNCE_MS = 1000;
/** And before: an event published before the subscription has come is lost. */
const SEEK_MS = 50;

/** What a job is given beside its instructions. */
export interface StepContext {
  /** Publishes log records. */
  readonly log: Logger;
  /** The further arguments of the process. */
  readonly args: readonly string[];
}

/** Does a job: gives what the next step is told. It may be called twice for the same job. */
export type Handler<I, O> = (
  instructions: I,
  context: StepContext,
) => Promise<O>;

/**
 * Runs a Step in this process until the pipeline stops it. The arguments of
 * the process are the pipeline's events and results addresses, the name of
 * this worker, and a pause before each job in milliseconds.
 */
export async function runStep<I, O>(
  jobType: JobType,
  handle: Handler<I, O>,
): Promise<void> {
  endWithParent();
  const [events = "", results = "", id = "", pauseMs = "0", ...args] = process
    .argv.slice(2);
  const sockets = new SocketManager({ serializationBackend: new MSGPACK() });
  await sockets.ensureAndConnect("events", zmq.PUB, events);
  await sockets.ensureAndConnect("results", zmq.PUSH, results);
  const jobs = await sockets.ensureAndBind(
    "jobs",
    zmq.PULL,
    "tcp://127.0.0.1:*",
  );
  const log = sockets.getLogger("events", {
    topicName: `logs:${jobType}`,
    loggerName: id,
  });
  const workingOn = new Map<string, JobMessage>();
  let isKnown = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  await announce();
  while (true) {
    const message = await sockets.recvSafe<ToWorker>("jobs", { timeout: -1 });
    if (message?.type === "hello") isKnown = true;
    if (message?.type === "job") void work(message);
    if (message?.type === "stop") break;
  }
  clearTimeout(timer);
  await sockets.closeAll();
  process.exit(0);

  async function announce(): Promise<void> {
    const available: Available = {
      id,
      job_type: jobType,
      address: jobs.lastEndpoint!,
      runtime: runtime(),
      pid: process.pid,
      credit: CREDIT,
      working_on: [...workingOn.keys()],
    };
    await sockets.publishSafe("events", "available", available);
    timer = setTimeout(announce, isKnown ? ANNOUNCE_MS : SEEK_MS);
  }

  async function work(job: JobMessage): Promise<void> {
    workingOn.set(job.id, job);
    await tell("started", job);
    const start = performance.now();
    const result = await attempt(job);
    // The result before the events about it: it must arrive, they may.
    await sockets.sendSafe("results", result, { timeout: -1 });
    workingOn.delete(job.id);
    await tell(result.type, job);
    await sockets.publishSafe("events", `metric:${jobType}:duration`, {
      value_ms: performance.now() - start,
    });
  }

  async function attempt(job: JobMessage): Promise<Result> {
    const { id, attempt, instructions } = job;
    try {
      if (pauseMs !== "0") await sleep(Number(pauseMs));
      const result = await handle(instructions as I, { log, args });
      return { type: "success", id, attempt, result };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      log.warning("job %s, attempt %d: %s", id, attempt, text);
      return { type: "failed", id, attempt, error: text };
    }
  }

  async function tell(what: string, job: JobMessage): Promise<void> {
    await sockets.publishSafe("events", `job:${what}:${jobType}:${job.id}`, {
      worker: id,
      attempt: job.attempt,
    });
  }
}

function runtime(): Runtime {
  if ("Deno" in globalThis) return "deno";
  return "Bun" in globalThis ? "bun" : "node";
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
