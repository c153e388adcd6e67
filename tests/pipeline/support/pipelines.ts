/**
 * Test support. Pipelines over real sockets on loopback, with the steps and
 * clients that belong to them; all are closed when the test ends.
 */
import {
  type AnyStep,
  type ListenOptions,
  Pipeline,
  type PipelineAddresses,
  PipelineClient,
  type PipelineOptions,
  type RunOptions,
  type Step,
  type StepRun,
  type WatchEvent,
} from "@agentzero/agentzero/pipeline";
import { assertRejects } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { deferred, type TestContext, within } from "../../support/harness.ts";

/** Any free port. */
export const ANYWHERE: ListenOptions = { port: 0 };
/** The same, with the sockets for workers of version 1 open at once. */
export const ANNOUNCED: ListenOptions = { port: 0, results: 0, events: 0 };
/** How a worker listens for jobs itself, as in version 1. */
export const LISTENING: Partial<RunOptions> = { bind: "tcp://127.0.0.1:*" };

/** The endpoints of a pipeline that listens for workers of version 1, too. */
export function allAddresses(
  { addresses }: Pipeline,
): Required<PipelineAddresses> {
  return addresses as Required<PipelineAddresses>;
}

/** A pipeline that listens, and where. */
export interface Opened {
  readonly pipeline: Pipeline;
  readonly requests: string;
  /** What it reported as not stopping it. */
  readonly errors: Error[];
}

/** A pipeline that listens. */
export async function open(
  t: TestContext,
  options: Omit<PipelineOptions, "name">,
  listen: ListenOptions = ANYWHERE,
): Promise<Opened> {
  const errors: Error[] = [];
  const pipeline: Pipeline = t.use(
    new Pipeline({
      name: "test",
      onError: (error) => errors.push(error),
      ...options as object,
    }),
  );
  const { requests } = await pipeline.listen(listen);
  return { pipeline, requests, errors };
}

/** A step at work. */
export async function run<I, O>(
  t: TestContext,
  step: Step<I, O>,
  pipeline: string,
  options: Partial<RunOptions> = {},
): Promise<StepRun> {
  return t.use(await step.run({ pipeline, ...options }));
}

/** Steps at work, one worker for each. */
export async function runAll(
  t: TestContext,
  steps: readonly AnyStep[],
  pipeline: string,
): Promise<void> {
  await Promise.all(
    steps.map(async (step) => t.use(await step.run({ pipeline }))),
  );
}

/** A client. */
export function clientOf(t: TestContext, pipeline: string): PipelineClient {
  return t.use(new PipelineClient({ pipeline }));
}

/** The code of the error that something ends with. */
export async function codeOf(result: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => result, PipelineError)).code;
}

/** Resolves with the first event whose topic begins so. */
export function seen(
  t: TestContext,
  pipeline: Pipeline,
  topic: string,
  count = 1,
): Promise<WatchEvent> {
  const { promise, resolve } = deferred<WatchEvent>();
  let left = count;
  const stop = pipeline.watch((event) => {
    if (event.topic.startsWith(topic) && --left === 0) resolve(event);
  });
  t.cleanup(stop);
  return within(promise, 8000, `${count} × "${topic}"`);
}
