/** Unit: one attempt at one job, and what comes of it. */
import { assert, assertEquals } from "@std/assert";
import {
  type AnyStep,
  defineStep,
  type JobContext,
  RetryAfterError,
} from "@agentzero/agentzero/pipeline";
import { JobRun } from "../../../src/pipeline/worker/job_run.ts";
import {
  type ContextOf,
  LocalExecutor,
} from "../../../src/pipeline/worker/local_executor.ts";
import { deferred, test } from "../../support/harness.ts";

function run(step: AnyStep, timeoutMs?: number): JobRun {
  const job = {
    type: "job",
    id: "j",
    attempt: 1,
    flow_id: "j",
    job_type: "a",
    payload: 5,
    timeout_ms: timeoutMs,
  } as const;
  const contextOf: ContextOf = (_, signal, deadline) => ({
    get signal() {
      return signal();
    },
    deadline,
  } as JobContext);
  return new JobRun(new LocalExecutor(step, contextOf, 1), job);
}

test("a result is JSON text", async () => {
  const outcome = (handler: (n: number) => unknown) =>
    run(defineStep("a", handler)).outcome;
  assertEquals(await outcome((n) => [n]), { type: "success", result: "[5]" });
  assertEquals(await outcome(() => {}), { type: "success", result: "null" });
});

test("a thrown error says whether, and when, to retry", async () => {
  const outcome = async (error: unknown) => {
    const fails = defineStep("a", () => {
      throw error;
    });
    const { error: failure, retry_after_ms } = await run(fails)
      .outcome as unknown as {
        error: { name: string; message: string; retryable: boolean };
        retry_after_ms?: number;
      };
    return [failure.name, failure.message, failure.retryable, retry_after_ms];
  };
  assertEquals(await outcome(new TypeError("x")), [
    "TypeError",
    "x",
    true,
    undefined,
  ]);
  const named = Object.assign(new Error("x"), { name: "NonRetryableError" });
  assertEquals((await outcome(named))[2], false);
  assertEquals((await outcome(new RetryAfterError(7, "x")))[3], 7);
  assertEquals((await outcome(new RetryAfterError(-7, "x")))[3], 0);
  assertEquals((await outcome(new RetryAfterError(NaN, "x")))[3], undefined);
  assertEquals((await outcome(new RetryAfterError(7.4, "x")))[3], 7);
  assertEquals(
    (await outcome(new RetryAfterError(Infinity, "x")))[3],
    Number.MAX_SAFE_INTEGER,
  );
  assertEquals((await outcome("text"))[1], "text");
  assertEquals((await outcome(undefined))[2], true);
});

test("an attempt ends whatever is thrown, even an unreadable value", async () => {
  const cannot = () => {
    throw new Error("cannot be read");
  };
  const traps: ProxyHandler<object> = { get: cannot, getPrototypeOf: cannot };
  const lazy = (name: string) =>
    Object.defineProperty(new Error("lazy"), name, { get: cannot });
  const thrown = [
    ...["code", "name", "message", "stack", "cause", "retryAfterMs"].map(lazy),
    new Proxy({}, traps),
    new Proxy(new Error("x"), traps),
    { toString: cannot },
    Object.create(null),
    Symbol("s"),
    null,
    5n,
  ];
  for (const [i, error] of thrown.entries()) {
    const outcome = await run(defineStep("a", () => {
      throw error;
    })).outcome;
    assertEquals(outcome?.type, "failed", `thrown ${i}`);
    JSON.stringify(outcome);
  }
});

test("a result that cannot be read, or written as JSON, fails without a retry", async () => {
  const cannot = () => {
    throw null;
  };
  const results = [
    { toJSON: cannot },
    Object.defineProperty({}, "a", { enumerable: true, get: cannot }),
    new Proxy({ a: 1 }, { ownKeys: cannot }),
    { deep: [5n] },
  ];
  for (const result of results) {
    const outcome = await run(defineStep("a", () => result)).outcome;
    assert(outcome?.type === "failed");
    assertEquals(outcome.error.code, "ERR_PIPELINE_INVALID");
    assertEquals(outcome.error.retryable, false);
  }
});

test("a value that a schema refuses is reported with its path", async () => {
  const schema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: () => ({
        issues: [{
          message: "expected number, received undefined",
          path: [{ key: "sizes" }, 2, "width"],
        }],
      }),
    },
  };
  const outcome = await run(defineStep("a", () => 1, { input: schema }))
    .outcome;
  assert(outcome?.type === "failed");
  assertEquals(
    outcome.error.message,
    "The payload did not pass: $.sizes[2].width: expected number, received undefined",
  );
});

test("an aborted attempt has no outcome, also if its signal is read late", async () => {
  const gate = deferred();
  let context!: JobContext;
  const step = defineStep("a", async (_: number, given) => {
    context = given;
    await gate.promise;
    return "ignored";
  });
  const attempt = run(step);
  attempt.abort("enough");
  assertEquals(await attempt.outcome, undefined);
  assert(context.signal.aborted);
  assertEquals(context.signal.reason.message, "enough");
  const { signal } = context;
  assert(signal === context.signal, "one signal, however often it is read");
  gate.resolve();
  await attempt.ended;
});

test("an attempt that times out fails, and its signal is aborted", async () => {
  const aborted = deferred<string>();
  const step = defineStep("a", (_: number, { signal, deadline }) => {
    assert(deadline! <= Date.now() + 20);
    return new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => {
        aborted.resolve(signal.reason.name);
        resolve();
      })
    );
  });
  const attempt = run(step, 20);
  assertEquals(await attempt.outcome, {
    type: "failed",
    error: {
      name: "TimeoutError",
      message: "The attempt took longer than 20 ms",
      retryable: true,
    },
  });
  assertEquals(await aborted.promise, "TimeoutError");
  await attempt.ended;
});
