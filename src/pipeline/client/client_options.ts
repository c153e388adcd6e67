/**
 * Layer: pipeline/client. The options of a client and of its calls, and their
 * validation.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import {
  requireDuration,
  requireFunction,
  requireOptions,
  requireSignal,
  requireWhole,
} from "../model/check.ts";
import {
  type PipelineAddress,
  requireAddress,
} from "../model/pipeline_addresses.ts";
import { checkSchedule } from "../model/check_schedule.ts";
import {
  checkSubmitted,
  SUBMIT_MANY_OPTIONS,
  SUBMIT_OPTIONS,
} from "../model/check_submit.ts";
import { type PeerSecurity, requirePeer } from "../model/security.ts";
import type {
  ScheduleOptions,
  SubmitManyOptions,
  SubmitOptions,
} from "../model/submit_options.ts";
import { requireJson } from "../protocol/json.ts";
import type { CallOptions } from "../protocol/request_dealer.ts";

/** How a client reaches a pipeline. */
export interface ClientOptions {
  /**
   * The endpoint of the pipeline for requests, such as `tcp://pipeline.example:7450`;
   * or those of all processes of which one leads it.
   */
  readonly pipeline: PipelineAddress;
  /** The CURVE keys, for a pipeline with keys. */
  readonly security?: PeerSecurity;
  /** The token, for a pipeline on loopback that has one. Not together with `security`. */
  readonly token?: string;
  /** How long the pipeline may be silent, as after a loss of power, before the client reconnects, in milliseconds; 0 for as long as it likes. Default 20,000. */
  readonly silenceMs?: number;
}

/** Which flows or jobs to list, newest first. */
export interface ListOptions<S extends string> {
  /** Only those in one of these states. Default: any state. */
  readonly states?: readonly S[];
  /** The name of a flow, or the type of a job. */
  readonly name?: string;
  /** How many at most, up to 1,000. Default 100. */
  readonly limit?: number;
  /** Only flows with this key, or the jobs of these: the newest flow first, and its jobs as in its status. */
  readonly key?: string;
  /** Only those with this text in their payload, or in the name, message or code of their error; up to 200 characters. It ignores the case of ASCII letters, and sees the first 65,536 characters of the JSON text of a payload, for a flow that of its first step. */
  readonly search?: string;
  /** Only those before the one with this id: the next page. Not for jobs together with `key`. Pages neither skip nor repeat records, even if new ones arrive. */
  readonly before?: string;
  /** Whether to include payloads and results, which can be large. Default false. */
  readonly payloads?: boolean;
}

/** Which part of a list, oldest first. */
export interface PageOptions {
  /** How many at most, up to 1,000. Default 100. */
  readonly limit?: number;
  /** How many to skip. Default 0. */
  readonly offset?: number;
}

const CALL = { timeoutMs: true, signal: true } as const;
const CALL_OPTIONS = optionNames<CallOptions>(CALL);
const SUBMIT = optionNames<SubmitOptions & CallOptions>({
  ...SUBMIT_OPTIONS,
  ...CALL,
});
const SUBMIT_MANY = optionNames<SubmitManyOptions & CallOptions>({
  ...SUBMIT_MANY_OPTIONS,
  ...CALL,
});
const STATUS_OPTIONS = optionNames<CallOptions & PageOptions>({
  ...CALL,
  limit: true,
  offset: true,
});
const SCHEDULE_OPTIONS = optionNames<ScheduleOptions & CallOptions>({
  ...CALL,
  cron: true,
  timezone: true,
  missed: true,
  priority: true,
});
const CLIENT_OPTIONS = optionNames<ClientOptions>({
  pipeline: true,
  security: true,
  token: true,
  silenceMs: true,
});

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_INSECURE`. */
export function checkClientOptions(options: ClientOptions): void {
  requireOptions(options, CLIENT_OPTIONS, "new PipelineClient()");
  requireAddress("pipeline of a client", options?.pipeline);
  requireWhole("silenceMs of a client", options.silenceMs, 0);
  requirePeer(options);
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function requireCall(options: CallOptions, what: string): void {
  requireOptions(options, CALL_OPTIONS, what);
  requireDuration("timeoutMs", options.timeoutMs);
  requireSignal(options.signal);
}

/**
 * The payload of the caller as JSON text. Getters and `toJSON` are called once,
 * here.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function payloadJson(payload: unknown): string {
  return requireJson("The payload", payload);
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function checkSubmit(options: SubmitOptions & CallOptions): void {
  requireOptions(options, SUBMIT, "submit()");
  const { timeoutMs, signal, jobTimeoutMs } = options;
  requireCall({ timeoutMs, signal }, "submit()");
  checkSubmitted(options, { jobTimeoutMs });
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function checkSubmitMany<I>(
  options: SubmitManyOptions<I> & CallOptions,
): void {
  requireOptions(options, SUBMIT_MANY, "submitMany()");
  const { timeoutMs, signal, jobTimeoutMs, optionsOf } = options;
  requireCall({ timeoutMs, signal }, "submitMany()");
  checkSubmitted(options, { jobTimeoutMs });
  if (optionsOf !== undefined) requireFunction("optionsOf", optionsOf);
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function checkStatus(options: CallOptions & PageOptions): void {
  requireOptions(options, STATUS_OPTIONS, "status()");
  requireWhole("limit", options.limit, 0);
  requireWhole("offset", options.offset, 0);
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function checkScheduling(
  id: string,
  flow: string,
  options: ScheduleOptions & CallOptions,
): void {
  requireOptions(options, SCHEDULE_OPTIONS, "schedule()");
  checkSchedule({ ...options, id, flow, payload: "" });
}
