/**
 * Layer: pipeline/worker. The context that a handler gets with its payload: for
 * progress, metrics and logs.
 *
 * @module
 */
import type { Logger } from "../../manager/mod.ts";
import { encodeJson } from "../protocol/json.ts";
import type { JobMessage } from "../protocol/messages.ts";
import type { ContextOf } from "./local_executor.ts";

/** How often a handler's progress is sent, at most, in milliseconds. */
const PROGRESS_MS = 100;

/** Who sends what handlers report. */
export interface Reporter {
  /** The worker's id. */
  readonly id: string;
  /** The worker's secret. */
  readonly secret: string;
}

/** Where what handlers report is sent to. */
export interface ReportChannel {
  /** Sends to the pipeline. */
  send(bytes: Uint8Array): unknown;
  /** Publishes to watchers. */
  publish(topic: string, data: object): void;
}

/** Makes what the handlers of a worker are given. */
export function contextMaker(
  { id: worker, secret }: Reporter,
  connection: ReportChannel,
  loggerFor: (job: JobMessage) => Logger,
): ContextOf {
  return (job, signal, deadline) => {
    const { id, flow_id: flowId, attempt } = job;
    let sentAt = 0;
    let log: Logger | undefined;
    const makeLogger = () => log ??= loggerFor(job);
    return {
      id,
      flowId,
      attempt,
      get signal() {
        return signal();
      },
      deadline,
      get log() {
        return makeLogger(); // most handlers never log
      },
      progress(part) {
        requireFinite("The progress", part);
        const now = Date.now();
        if (part < 1 && now - sentAt < PROGRESS_MS) return;
        sentAt = now;
        const message = { type: "progress", worker, secret, id, attempt };
        connection.send(encodeJson({ ...message, progress: part }));
      },
      metric(name, value) {
        requireFinite(`The metric "${name}"`, value);
        connection.publish(`metric:${job.job_type}:${name}`, {
          id,
          worker,
          value,
        });
      },
    };
  };
}

function requireFinite(what: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new RangeError(`${what} must be a finite number, not ${value}`);
}
