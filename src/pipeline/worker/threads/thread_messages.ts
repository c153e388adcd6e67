/**
 * Layer: pipeline/worker, threads. What a worker and its threads say to each other. Types
 * only; all of it is plain data.
 *
 * @module
 */
import type { JobMessage } from "../../protocol/messages.ts";
import type { StopReason } from "../executor.ts";
import type { Outcome } from "../outcome.ts";

/** What a thread is started with. */
export interface ThreadData {
  /** The URL of the module that defines the step. */
  readonly module: string;
  /** The type of the jobs. */
  readonly jobType: string;
  /** The URL of a module that lets the thread load TypeScript, if it needs one. */
  readonly loader: string | undefined;
  /** The worker's id. */
  readonly id: string;
  /** The worker's secret. */
  readonly secret: string;
}

/** To a thread. */
export type ToThread =
  | {
    readonly type: "run";
    /** Names the call of the handler. */
    readonly call: number;
    readonly job: JobMessage;
    readonly deadline: number | undefined;
    /** The span that those of the handler belong to. */
    readonly traceparent: string | undefined;
  }
  | {
    readonly type: "stop";
    readonly call: number;
    readonly reason: StopReason;
  };

/** From a thread. */
export type FromThread =
  /** It has the step, and can run handlers. */
  | { readonly type: "ready" }
  /** The module could not be loaded, or has not the step. */
  | {
    readonly type: "unusable";
    readonly message: string;
    readonly stack: string | undefined;
  }
  | {
    readonly type: "outcome";
    readonly call: number;
    readonly outcome: Outcome | undefined;
  }
  /** For the pipeline. */
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** For the watchers of the pipeline. */
  | {
    readonly type: "publish";
    readonly topic: string;
    /** JSON text. */
    readonly data: string;
  };
