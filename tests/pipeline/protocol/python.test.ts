/** Interop: the step in Python that docs/pipeline/wire.md has, as it stands there, and the one that it had in version 1. */
import { assertEquals } from "@std/assert";
import { readFileSync, writeFileSync } from "node:fs";
import {
  defineStep,
  memoryStore,
  type Pipeline,
} from "@agentzero/agentzero/pipeline";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { noPython, PythonProgram } from "../../support/python.ts";
import { clientOf, open, seen } from "../support/pipelines.ts";

const OPTIONS = { timeoutMs: 60_000, skip: noPython } as const;

// Who does the work is another process.
const shout = defineStep("shout", (_: string) => "", {
  retry: { attempts: 1 },
});

const page = new URL("../../../docs/pipeline/wire.md", import.meta.url);
const PROGRAMS = {
  "the worker of the page": readFileSync(page, "utf8")
    .match(/^```python\n(.*?)^```$/ms)![1]!,
  "the worker of version 1": readFileSync(
    new URL("../../fixtures/wire_v1/step.py", import.meta.url),
    "utf8",
  ),
};

for (const [name, code] of Object.entries(PROGRAMS)) {
  test(
    `${name} reports what its handler raised, and drains on SIGTERM`,
    OPTIONS,
    async (t) => {
      const { pipeline, requests } = await open(t, { steps: [shout] });
      const step = await start(t, pipeline, requests, code);
      const id = await pipeline.submit("shout", 5);
      const { state, error } = await pipeline.operations.wait(id, 10_000);
      assertEquals([state, error?.name], ["failed", "AttributeError"]);
      step.kill("SIGTERM");
      assertEquals(await within(step.ended, 10_000, "an end"), 0);
      await eventually(async () =>
        (await pipeline.operations.stats()).workers.length === 0
      );
    },
  );

  test(`a killed step loses nothing: ${name}`, OPTIONS, async (t) => {
    const { pipeline, requests } = await open(t, { steps: [shout] });
    const step = await start(t, pipeline, requests, code);
    const some = seen(t, pipeline, "job:completed:", 50);
    const ids = await submitMany(pipeline);
    await some;
    step.kill("SIGKILL");
    await start(t, pipeline, requests, code);
    await requireAll(ids, (id) => pipeline.result(id, { timeoutMs: 20_000 }));
  });

  test(
    `${name} reconnects to a restarted pipeline`,
    OPTIONS,
    async (t) => {
      const store = memoryStore();
      const first = await open(t, { steps: [shout], store });
      await start(t, first.pipeline, first.requests, code);
      const some = seen(t, first.pipeline, "job:completed:", 50);
      const ids = await submitMany(first.pipeline);
      await some;
      const places = { ...first.pipeline.addresses! };
      await first.pipeline.close();
      const { requests } = await open(t, { steps: [shout], store }, places);
      const client = clientOf(t, requests);
      await requireAll(ids, (id) => client.result(id, { timeoutMs: 20_000 }));
    },
  );
}

async function python(
  t: TestContext,
  pipeline: string,
  code: string,
): Promise<PythonProgram> {
  const path = `${await t.tempDir()}/step.py`;
  writeFileSync(path, code);
  return t.use(new PythonProgram(path, [pipeline]));
}

/** The step, once the pipeline can send it jobs. */
async function start(
  t: TestContext,
  pipeline: Pipeline,
  requests: string,
  code: string,
): Promise<PythonProgram> {
  const before = (await pipeline.operations.stats()).workers.map(({ id }) =>
    id
  );
  const step = await python(t, requests, code);
  await eventually(
    async () =>
      (await pipeline.operations.stats()).workers.some(({ id, isLinked }) =>
        isLinked && !before.includes(id)
      ),
    20_000,
    "a worker in Python",
  );
  return step;
}

function submitMany(pipeline: Pipeline): Promise<string[]> {
  return Promise.all(
    Array.from({ length: 300 }, (_, n) => pipeline.submit("shout", `n${n}`)),
  );
}

async function requireAll(
  ids: readonly string[],
  resultOf: (id: string) => Promise<unknown>,
): Promise<void> {
  assertEquals(
    await Promise.all(ids.map(resultOf)),
    ids.map((_, n) => `N${n}`),
  );
}
