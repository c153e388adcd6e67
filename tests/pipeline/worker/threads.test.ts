/** Integration: handlers in threads: what they get, and how they end. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  defineStep,
  type PipelineError,
  type RunOptions,
  type Step,
  type StepRun,
} from "@agentzero/agentzero/pipeline";
import {
  eventually as eventuallyWithin,
  runtime,
  test,
  type TestContext,
} from "../../support/harness.ts";
import { bundleOf } from "../../support/node_flags.ts";
import { codeOf, open, type Opened, run, seen } from "../support/pipelines.ts";
import { Program } from "../support/programs.ts";
import * as steps from "../support/threaded_steps.ts";

const source = fileURLToPath(
  new URL("../support/threaded_steps.ts", import.meta.url),
);
/** What threads load: the bundle, where there is one, as many of them are started. */
const module = String(pathToFileURL(bundleOf(source) ?? source));
const slow = { timeoutMs: 60_000 };

/** Threads take seconds to start on a busy machine. */
const eventually = (condition: () => boolean | Promise<boolean>) =>
  eventuallyWithin(condition, 30_000);

interface Threaded<I, O> extends Opened {
  readonly worker: StepRun;
  readonly submit: (payload: I) => Promise<string>;
  readonly result: (payload: I) => Promise<O>;
}

/** A pipeline with a step that runs in threads. */
async function start<I, O>(
  t: TestContext,
  step: Step<I, O>,
  options: Partial<RunOptions> = {},
): Promise<Threaded<I, O>> {
  const opened = await open(t, { steps: [step] });
  const worker = await run(t, step, opened.requests, {
    ...{ threads: 1, module },
    ...options,
  });
  const submit = (payload: I) => opened.pipeline.submit(step, payload as never);
  const result = async (payload: I) =>
    await opened.pipeline.result(await submit(payload)) as O;
  return { ...opened, worker, submit, result };
}

test("a handler runs in a thread, and gets its payload", slow, async (t) => {
  const { result } = await start(t, steps.where);
  const payload = { text: "ä\u2028", list: [1, null, { deep: true }] };
  const { isMainThread, ...got } = await result(payload);
  assertEquals(isMainThread, false);
  assertEquals(got.payload, payload);
});

test(
  "two threads compute at the same time, and this one does not wait",
  slow,
  async (t) => {
    const { submit, pipeline, worker } = await start(t, steps.compute, {
      threads: 2,
    });
    const ids = [await submit(3000), await submit(3000)];
    await eventually(() => worker.running === 2);
    const other = defineStep("other", (n: number) => n + 1);
    const { pipeline: beside, requests } = await open(t, { steps: [other] });
    await run(t, other, requests);
    for (let n = 0; n < 50; n++) {
      assertEquals(await beside.result(await beside.submit(other, n)), n + 1);
    }
    await eventually(async () => {
      const [one] = (await pipeline.operations.stats()).workers;
      return one!.info.running.length === 2; // it announces itself meanwhile
    });
    for (const id of ids) assertEquals(await pipeline.result(id), true);
  },
);

test(
  "a handler that computes beyond its timeout is ended, and the next attempt runs",
  slow,
  async (t) => {
    const { submit, pipeline } = await start(t, steps.endless, { killMs: 50 });
    const id = await submit(undefined);
    assertEquals(await pipeline.result(id), 2);
    const { jobs } = await pipeline.operations.status(id);
    assertEquals([jobs[0]!.failures, jobs[0]!.kills], [1, 0]);
  },
);

for (const how of ["exit", "throw", "reject"]) {
  test(
    `a thread that ends by ${how} costs its job an attempt`,
    slow,
    async (t) => {
      const { submit, pipeline } = await start(t, steps.crash);
      const retried = seen(t, pipeline, "job:retrying:");
      const id = await submit(how);
      const { data } = await retried;
      assertStringIncludes(
        JSON.stringify(data),
        { exit: "code 3", throw: "uncaught", reject: "unhandled" }[how]!,
      );
      assertEquals(await pipeline.result(id), `${how} 2`);
      const { jobs } = await pipeline.operations.status(id);
      assertEquals([jobs[0]!.failures, jobs[0]!.kills], [1, 0]);
    },
  );
}

test("a handler that is cancelled sees it by its signal", slow, async (t) => {
  const { submit, pipeline } = await start(t, steps.patient, {
    killMs: 30_000,
  });
  const progress = seen(t, pipeline, "job:progress:");
  const logged = seen(t, pipeline, "logs:patient:");
  const id = await submit(undefined);
  await progress;
  await pipeline.operations.cancel(id);
  const { data } = await logged;
  assertEquals(
    (data as { msg: string }).msg,
    "PipelineError The job was cancelled ERR_PIPELINE_CANCELLED",
  );
});

test(
  "a handler that computes is ended when it is cancelled, and its place is free again",
  slow,
  async (t) => {
    const { submit, result, pipeline, worker } = await start(t, steps.compute, {
      killMs: 20,
    });
    const id = await submit(600_000);
    await eventually(() => worker.running === 1);
    await pipeline.operations.cancel(id);
    assertEquals(await result(1), true);
  },
);

test("what a handler reports arrives", slow, async (t) => {
  const { submit, pipeline } = await start(t, steps.report);
  const events = ["logs:report:", "metric:report:size", "job:progress:"]
    .map((topic) => seen(t, pipeline, topic));
  const id = await submit("Ada");
  const result = await pipeline.result(id) as Record<string, unknown>;
  const { jobs } = await pipeline.operations.status(id);
  assertEquals(result, {
    id: jobs[0]!.id,
    flowId: id,
    attempt: 1,
    hasDeadline: true,
  });
  const [log, metric] = (await Promise.all(events)).map(({ data }) => data);
  const { msg, level, jobId } = log as Record<string, unknown>;
  assertEquals([msg, level, jobId], ["hello Ada", 30, jobs[0]!.id]);
  assertEquals((metric as { value: number }).value, 5);
});

test("failures are the same as without threads", slow, async (t) => {
  const all = ["final", "later", "function", "result", "else"];
  const failures = async (options: object) => {
    const { pipeline, requests } = await open(t, { steps: [steps.fail] });
    await run(t, steps.fail, requests, options);
    return await Promise.all(all.map(async (how) => {
      const id = await pipeline.submit(steps.fail, how);
      const error: PipelineError = await pipeline.result(id).then(
        () => assert(false, how),
        (error) => error,
      );
      const { jobId: _, traceback, ...failure } = error.failure!;
      const lines = traceback?.split("\n").filter((line) =>
        !/ at |@/.test(line)
      );
      return { ...failure, lines };
    }));
  };
  const inThread = await failures({ threads: 1, module });
  assertEquals(inThread, await failures({}));
  assertEquals(inThread[4]!.code, "E_BAD");
});

test("1,000 small jobs run in two threads", slow, async (t) => {
  const { pipeline, submit } = await start(t, steps.where, {
    threads: 2,
    concurrency: 4,
  });
  const ids = await Promise.all(
    Array.from({ length: 1000 }, (_, n) => submit(n)),
  );
  const results = await Promise.all(
    ids.map((id) => pipeline.result<{ threadId: number; payload: number }>(id)),
  );
  assertEquals(results.map(({ payload }) => payload), [...ids.keys()]);
  assertEquals(new Set(results.map(({ threadId }) => threadId)).size, 2);
});

test(
  "credit is the number of threads times the concurrency of each",
  slow,
  async (t) => {
    const { pipeline } = await start(t, steps.where, {
      threads: 2,
      concurrency: 3,
    });
    const [worker] = (await pipeline.operations.stats()).workers;
    assertEquals([worker!.info.credit, worker!.info.concurrency], [6, 6]);
  },
);

test(
  "the other jobs of a thread that is ended are returned, and cost nothing",
  slow,
  async (t) => {
    const { pipeline, submit } = await start(t, steps.endless, {
      concurrency: 2,
      killMs: 20,
    });
    const ids = [await submit(1), await submit(2)];
    for (const id of ids) {
      assertEquals(
        typeof await pipeline.result(id),
        "number",
      );
    }
    for (const id of ids) {
      const { jobs } = await pipeline.operations.status(id);
      assertEquals(jobs[0]!.kills, 0);
      assert(jobs[0]!.failures <= 1);
    }
  },
);

test("a drained step finishes what runs in its threads", slow, async (t) => {
  const { worker, submit, pipeline } = await start(t, steps.compute, {
    threads: 2,
  });
  const ids = [await submit(300), await submit(300)];
  await eventually(() => worker.running === 2);
  await worker.drain();
  for (const id of ids) assertEquals(await pipeline.result(id), true);
});

test("a closed step returns what runs in its threads", slow, async (t) => {
  const { worker, submit, pipeline } = await start(t, steps.compute, {
    killMs: 20,
  });
  const id = await submit(600_000);
  await eventually(() => worker.running === 1);
  await worker.close();
  await eventually(async () =>
    (await pipeline.operations.status(id)).jobs[0]!.state === "waiting"
  );
});

test(
  "a module that cannot be loaded, or has not the step, is refused",
  slow,
  async (t) => {
    const stranger = defineStep("stranger", () => 1);
    const { requests } = await open(t, { steps: [stranger] });
    for (const url of [module, "file:///nowhere/at/all.mjs"]) {
      const started = run(t, stranger, requests, { threads: 2, module: url });
      assertEquals(await codeOf(started), "ERR_PIPELINE_MODULE");
    }
  },
);

test(
  "a thread that cannot load its module any more is reported once, and tried again",
  slow,
  async (t) => {
    const dir = await t.tempDir();
    const flag = join(dir, "broken");
    const file = join(dir, "module.mjs");
    await writeFile(
      file,
      `import { existsSync } from "node:fs";
if (existsSync(${JSON.stringify(flag)})) throw new Error("it is broken");
await import(${JSON.stringify(module)});
`,
    );
    const { pipeline, submit, worker } = await start(t, steps.crash, {
      module: pathToFileURL(file).href,
    });
    const reports: string[] = [];
    t.cleanup(pipeline.watch(({ topic, data }) => {
      if (!topic.startsWith("logs:crash:")) return;
      reports.push((data as { msg: string }).msg);
    }));
    await writeFile(flag, "");
    const id = await submit("exit");
    await eventually(() => reports.length > 0);
    assertStringIncludes(reports[0]!, "it is broken");
    await eventually(async () => {
      const [one] = (await pipeline.operations.stats()).workers;
      return one!.info.credit === 0 && worker.running === 0;
    });
    await rm(flag);
    assertEquals(await pipeline.result(id), "exit 2");
    assertEquals(reports.length, 1);
  },
);

test("a file may define a step and run it", slow, async (t) => {
  const inThread = defineStep("in-thread", (_: unknown) => false);
  const { pipeline, requests } = await open(t, { steps: [inThread] });
  const lines: string[] = [];
  const program = t.use(
    new Program(
      runtime,
      "threaded_program.ts",
      { pipeline: requests },
      (line) => lines.push(line),
    ),
  );
  await program.ready;
  const { workers } = await pipeline.operations.stats();
  assertEquals(workers.length, 1);
  const id = await pipeline.submit(inThread, null);
  assertEquals(await pipeline.result(id), true);
  program.kill("SIGTERM");
  assertEquals(await program.ended, 0);
  assertEquals(lines, ["after the run 0"]);
});

test("threads need a module, by its URL", slow, async (t) => {
  const { requests } = await open(t, { steps: [steps.where] });
  for (const url of [undefined, "./steps.ts"]) {
    const started = run(t, steps.where, requests, { threads: 1, module: url });
    assertEquals(await codeOf(started), "ERR_PIPELINE_INVALID");
  }
});
