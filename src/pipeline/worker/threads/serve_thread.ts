/**
 * Layer: pipeline/worker, threads. The inside of a thread: calls the handler when the worker
 * asks for it. The handler gets the same context as in the thread of the worker.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { toJson } from "../../protocol/json.ts";
import { continueSpans } from "../../telemetry/attempts.ts";
import { loadTelemetry } from "../../telemetry/opentelemetry.ts";
import type { Execution } from "../executor.ts";
import { contextMaker, type ReportChannel } from "../job_context.ts";
import { LocalExecutor } from "../local_executor.ts";
import { StepLog } from "../step_log.ts";
import type { FromThread, ThreadData, ToThread } from "./thread_messages.ts";
import type { AnyStep } from "../types.ts";

/** What handlers report goes through the worker. */
const CHANNEL: ReportChannel = {
  send: (bytes) => post({ type: "send", bytes }),
  publish: (topic, data) =>
    post({ type: "publish", topic, data: toJson(data) }),
};

/** Runs the handlers of a step for the worker that has started this thread. */
export async function serveThread(step: AnyStep): Promise<void> {
  const { id, secret } = workerData as ThreadData;
  const log = new StepLog(step.jobType, id, CHANNEL.publish);
  const contextOf = contextMaker(
    { id, secret },
    CHANNEL,
    (job) => log.of(job.id),
  );
  const continued = await loadTelemetry(continueSpans);
  const executor = new LocalExecutor(step, contextOf, Infinity);
  const running = new Map<number, Execution>();
  parentPort!.on("message", async (message: ToThread) => {
    const { call } = message;
    if (message.type === "stop") return running.get(call)?.stop(message.reason);
    const { job, deadline, traceparent } = message;
    const execution = executor.execute(job, deadline, continued?.(traceparent));
    running.set(call, execution);
    const outcome = await execution.outcome;
    running.delete(call);
    post({ type: "outcome", call, outcome });
  });
  post({ type: "ready" });
}

function post(message: FromThread): void {
  parentPort!.postMessage(message);
}
