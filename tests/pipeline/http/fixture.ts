/**
 * Test support. A real pipeline with a dashboard, asked by plain requests.
 *
 * @module
 */
import {
  type AnyStep,
  defineStep,
  flow,
  Pipeline,
  type PipelineSchedule,
  type StepRun,
} from "@agentzero/agentzero/pipeline";
import {
  type Dashboard,
  dashboard,
  type DashboardOptions,
} from "@agentzero/agentzero/pipeline/http";
import { eventually, type TestContext } from "../../support/harness.ts";

export const TOKEN = "a-token-that-is-long-enough";
export const ORIGIN = "http://127.0.0.1:7080";

/** Any ports, also for workers of version 1. */
export const ANNOUNCED = { port: 0, results: 0, events: 0 };

/** What no browser may run. */
export const XSS =
  `<img src=x onerror="window.hacked=1"><script>hacked=1</script>`;

/** A pipeline that listens, with a flow for each step, and its dashboard. */
export async function start(
  t: TestContext,
  steps: readonly AnyStep[],
  { schedules, ...options }: DashboardOptions & {
    readonly schedules?: readonly PipelineSchedule[];
  } = {},
): Promise<Site> {
  const pipeline = t.use(
    new Pipeline({
      name: "test",
      flows: steps.map((step) => flow(step)),
      schedules,
    }),
  );
  const { requests } = await pipeline.listen(ANNOUNCED);
  const handler = t.use(dashboard(pipeline, { token: TOKEN, ...options }));
  return new Site(t, pipeline, requests, handler);
}

/** What a test asks. */
export class Site {
  readonly #t: TestContext;
  readonly pipeline: Pipeline;
  readonly requests: string;
  readonly handler: Dashboard;

  constructor(
    t: TestContext,
    pipeline: Pipeline,
    requests: string,
    handler: Dashboard,
  ) {
    this.#t = t;
    this.pipeline = pipeline;
    this.requests = requests;
    this.handler = handler;
  }

  /** Runs a step until the test ends. */
  async run(step: AnyStep, concurrency = 1): Promise<StepRun> {
    return this.#t.use(
      await step.run({ pipeline: this.requests, concurrency }),
    );
  }

  /** Asks with the token. */
  async fetch(
    path: string,
    { headers, ...init }: RequestInit = {},
  ): Promise<Response> {
    return await this.handler(
      new Request(ORIGIN + path, {
        ...init,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      }),
    );
  }

  /** The JSON that is answered. */
  // deno-lint-ignore no-explicit-any
  async json(path: string, init?: RequestInit): Promise<any> {
    return await (await this.fetch(path, init)).json();
  }

  /** Waits until a job is in a state that it does not leave, and that is kept. */
  async reached(id: string, state: string): Promise<void> {
    await eventually(
      async () => {
        const job = await this.json(`/api/jobs/${id}`);
        return job.state === state && job.timeline.at(-1)?.type === state;
      },
      5000,
      `${id} to be ${state}`,
    );
  }
}

/** A step that fails for good whatever it gets, unless that is "good". */
export function pickyStep(): AnyStep {
  return defineStep("picky", (what: string, { log }) => {
    log.info("It is %s", what);
    if (what !== "good") throw new Error(`No: ${what}`);
    return { ok: true };
  }, { retry: { attempts: 1 } });
}
