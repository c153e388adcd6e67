/** Integration: options that do not exist, and values that cannot be, are refused where they enter. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  defineStep,
  flow,
  memoryStore,
  Pipeline,
  PipelineClient,
  PipelineError,
  sqliteStore,
} from "@agentzero/agentzero/pipeline";
import { dashboard, serveHttp } from "@agentzero/agentzero/pipeline/http";
import { test } from "../support/harness.ts";
import { clientOf, open, run } from "./support/pipelines.ts";

const step = defineStep("m", (n: number) => n);
const handler = () => new Response();

/** The message of the error that something ends with, at once or later. */
async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    const { code, message } = error as PipelineError;
    assertEquals([error instanceof PipelineError, code], [
      true,
      "ERR_PIPELINE_INVALID",
    ], message);
    return message;
  }
  return "accepted";
}

const define = (options: unknown) => defineStep("a", () => 1, options as never);
const make = (options: object) =>
  new Pipeline({ name: "x", steps: [step], ...options });
const schedule = (options: object) =>
  make({
    schedules: [{ id: "a", flow: step, cron: "* * * * *", ...options }],
  });

const MADE: readonly [() => unknown, RegExp][] = [
  [() => define({ attempts: 3 }), /option "attempts" of the step "a"/],
  [() => define({ retyr: {} }), /did you mean "retry"/],
  [() => define({ retry: { attemps: 3 } }), /did you mean "attempts"/],
  [() => define({ retry: 3 }), /a number: expected an object/],
  [() => define({ retry: { attempts: 0 } }), /retry.attempts of the step "a"/],
  [() => define({ retry: { backoff: "linear" } }), /"exponential" or "fixed"/],
  [() => define({ retry: { jitter: 1 } }), /retry.jitter of the step "a"/],
  [() => define({ retry: { delayMs: NaN } }), /retry.delayMs .* not NaN/],
  [() => define({ timeout: 5 }), /did you mean "timeoutMs"/],
  [() => define({ timeoutMs: -1 }), /timeoutMs of the step "a"/],
  [() => define({ limit: 1.5 }), /limit of the step "a"/],
  [() => define({ concurrency: 4 }), /"concurrency" of the step "a"/],
  [() => define({ rateLimit: { max: 1 } }), /rateLimit.perMs/],
  [() => define({ rateLimit: { max: 1, per: 5 } }), /did you mean "perMs"/],
  [() => define({ input: () => true }), /input .* Standard Schema/],
  [() => define(null), /are null/],
  [() => defineStep(5 as never, handler), /job type .* 5 has not/],
  [() => defineStep("a", 5 as never), /handler .* function, not 5/],
  [() => flow("a" as never), /Expected a step/],
  [() => flow(step).to(undefined as never), /Expected a step/],
  [() => flow(step, "" as never), /name of a flow/],
  [() => make({ maxQueue: 4 }), /did you mean "maxQueued"/],
  [() => make({ maxQueued: 0 }), /maxQueued of a pipeline/],
  [() => make({ leaseMs: Infinity }), /leaseMs of a pipeline/],
  [() => make({ failedTtlMs: "1d" }), /failedTtlMs .* not "1d"/],
  [() => make({ name: undefined }), /name of a pipeline/],
  [() => make({ name: "" }), /name of a pipeline/],
  [() => make({ onError: true }), /onError .* function/],
  [() => make({ store: "jobs.db" }), /store of a pipeline must be a store/],
  [() => make({ flows: step }), /flows of a pipeline must be a list/],
  [() => make({ security: { publicKey: "x" } }), /publicKey of security/],
  [() => make({ security: { secret: "s" } }), /did you mean "secretKey"/],
  [() => new Pipeline(undefined as never), /name of a pipeline/],
  [() => schedule({ cron: "61 * * * *" }), /Cannot add schedule "a"/],
  [() => schedule({ timezone: "Mars" }), /Cannot add schedule "a"/],
  [() => schedule({ timeZone: "UTC" }), /did you mean "timezone"/],
  [() => schedule({ missed: "all" }), /missed .* "once" or "skip"/],
  [() => schedule({ priority: NaN }), /priority of the schedule "a"/],
  [() => schedule({ id: 5 }), /id of a schedule .* 5 has not/],
  [() => schedule({ payload: 5n }), /cannot be represented in JSON/],
  [() => memoryStore({ max: 1 } as never), /did you mean "maxFinished"/],
  [() => memoryStore({ maxFinished: NaN }), /maxFinished cannot be NaN/],
  [() => sqliteStore(5 as never), /path of the store/],
  [() => sqliteStore("a.db", { sync: "full" } as never), /"synchronous"/],
  [() => new PipelineClient({ pipeline: 5 as never }), /pipeline of a client/],
  [
    () => new PipelineClient({ pipeline: "tcp://x:1", silence: 5 } as never),
    /did you mean "silenceMs"/,
  ],
  [() => dashboard(make({}), { tokens: "" } as never), /did you mean "token"/],
  [() => dashboard(make({}), { token: 5 } as never), /token must be a string/],
  [() => serveHttp(handler, { ports: 0 } as never), /did you mean "port"/],
  [() => serveHttp(handler, { port: -1 }), /port must be/],
  [() => make({}).listen({ request: 0 } as never), /mean "requests"/],
  [() => make({}).listen({ port: NaN }), /port must be a port/],
];

for (const [call, message] of MADE) {
  test(`options are refused: ${message.source}`, async () => {
    assertMatch(await refusal(call), message);
  });
}

test("options of runs, calls and submissions are refused, by a pipeline and by a client", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [step] });
  const client = clientOf(t, requests);
  const runs: [object, RegExp][] = [
    [{ concurency: 4 }, /did you mean "concurrency"/],
    [{ concurrency: 0 }, /concurrency of a step/],
    [{ concurrency: "4" }, /concurrency .* not "4"/],
    [{ prefetch: -1 }, /prefetch of a step/],
    [{ drainMs: NaN }, /drainMs of a step/],
    [{ signal: {} }, /AbortSignal/],
    [{ security: { publicKey: 1 } }, /publicKey of security/],
    [{ pipeline: undefined }, /pipeline of a step/],
  ];
  for (const [options, message] of runs) {
    const given = { pipeline: requests, ...options };
    assertMatch(await refusal(() => step.run(given)), message);
  }
  const submissions: [object, RegExp][] = [
    [{ attempts: 3 }, /option "attempts" of submit\(\)/],
    [{ delay: 5000 }, /did you mean "delayMs"/],
    [{ jobId: "x" }, /option "jobId" of submit\(\)/],
    [{ delayMs: NaN }, /delayMs .* not NaN/],
    [{ delayMs: -1 }, /delayMs/],
    [{ priority: 0.5 }, /priority/],
    [{ priority: "1" }, /priority .* not "1"/],
    [{ jobTimeoutMs: 0 }, /jobTimeoutMs/],
    [{ id: 5 }, /An id has .* 5 has not/],
    [{ id: "a b" }, /An id has/],
    [{ id: null }, /An id has .* null has not/],
    [{ key: 5 }, /key must be text, not 5/],
    [{ key: null }, /key must be text, not null/],
    [{ key: "" }, /key must have 1 to 1024/],
    [{ key: "x".repeat(1025) }, /key must have 1 to 1024/],
    [{ traceparent: 5 }, /traceparent must be text/],
    [{ traceparent: "00-1-2-01" }, /W3C Trace Context/],
    [{ retry: { attempts: 1, delay: 5 } }, /did you mean "delayMs"/],
    [{ retry: { maxDelayMs: Infinity } }, /retry.maxDelayMs/],
  ];
  for (const [options, message] of submissions) {
    for (const one of [pipeline, client]) {
      const said = await refusal(() => one.submit(step, 1, options));
      assertMatch(said, message);
    }
  }
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const hostile = {
    toJSON() {
      throw null;
    },
  };
  for (const payload of [5n, cyclic, hostile]) {
    for (const one of [pipeline, client]) {
      const said = await refusal(() => one.submit("m", payload));
      assertMatch(said, /^The payload cannot be represented in JSON/);
    }
  }
  const { operations } = pipeline;
  const calls: [() => unknown, RegExp][] = [
    [() => pipeline.result("x", { timeout: 5 } as never), /"timeoutMs"/],
    [() => pipeline.result("x", { timeoutMs: NaN }), /timeoutMs must be/],
    [() => pipeline.watch(5 as never), /listener must be a function/],
    [() => client.result("x", { timeoutMs: -1 }), /timeoutMs must be/],
    [() => client.stats({ timeoutMs: "5" as never }), /timeoutMs .* "5"/],
    [() => client.stats({ signal: 5 as never }), /AbortSignal/],
    [() => client.status("x", { limits: 5 } as never), /did you mean "limit"/],
    [() => client.jobs({ state: "dead" } as never), /did you mean "states"/],
    [() => client.jobs({ states: ["done" as never] }), /states must be/],
    [() => client.flows({ limit: NaN }), /limit must be/],
    [
      () =>
        client.schedule("a", step, 1, { cron: "* * * * *", tz: 1 } as never),
      /option "tz" of schedule\(\)/,
    ],
    [() => client.schedule("a", step, 1, { cron: 5 as never }), /cron/],
    [async () => await operations.status(5 as never), /id must be text/],
    [() => operations.retry(null as never), /id must be text/],
    [() => operations.cancel({} as never), /id must be text/],
    [() => operations.wait("x", NaN), /waitMs/],
    [async () => await operations.timeline(5 as never), /id must be text/],
    [() => operations.unschedule(5 as never), /id must be text/],
    [() => operations.pause(true as never), /job type must be text/],
    [() => operations.drain(5 as never), /of must be text/],
    [async () => await operations.jobs({ limit: -1 }), /limit must be/],
    [
      () => operations.submit({ name: "m", payload: 5 as never }),
      /payload must be text/,
    ],
  ];
  for (const [call, message] of calls) {
    assertMatch(await refusal(call), message, String(call));
  }
  await run(t, step, requests);
  for (const one of [pipeline, client]) {
    assertEquals(await one.result(await one.submit(step, 7)), 7);
  }
});

test("a value that is not a flow is refused, and a step among flows is named", () => {
  const one = defineStep("one", (n: number) => n);
  const wrong: [unknown[], RegExp][] = [
    [[one], /^Expected a flow, .*the step "one": write flow\(step\)/],
    [[flow(one), null], /not null$/],
    [["one"], /not "one"$/],
    [[{ name: "one" }], /not an object$/],
    [[{ name: "one", graph: [], steps: [] }, 5], /^Expected a flow/],
    [[flow(one), flow(one)], /^Duplicate flow name "one" in/],
  ];
  for (const [flows, text] of wrong) {
    const error = assertThrows(
      () => new Pipeline({ name: "flows", flows: flows as never }),
      PipelineError,
    );
    assertEquals(error.code, "ERR_PIPELINE_INVALID");
    assertMatch(error.message, text);
  }
});
