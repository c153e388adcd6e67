/** Interop: the client and the step in Python that docs/pipeline/wire.md has, as they stand there. */
import { assertEquals } from "@std/assert";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
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
import { clientOf, open, seen } from "../support/pipelines.ts";

/** Debian's modules are seen by Debian's own Python alone. */
const PYTHON = ["/usr/bin/python3", "python3"].find((command) =>
  spawnSync(command, ["-c", "import zmq"]).status === 0
);
const OPTIONS = {
  timeoutMs: 60_000,
  skip: PYTHON === undefined && "python3-zmq is missing",
} as const;

// Who does the work is another process.
const shout = defineStep("shout", (_: string) => "", {
  retry: { attempts: 1 },
});

test("the client submits once, however often it is run", OPTIONS, async (t) => {
  const { pipeline, requests } = await open(t, { steps: [shout] });
  await start(t, pipeline, requests);
  for (let n = 0; n < 2; n++) {
    const client = await python(t, "client", requests);
    assertEquals(await client.output, 'completed "HELLO"\n');
    assertEquals(await client.ended, 0);
  }
  assertEquals(pipeline.operations.flows({ limit: 9 }).length, 1);
});

test(
  "the step tells what its handler raised, and drains on SIGTERM",
  OPTIONS,
  async (t) => {
    const { pipeline, requests } = await open(t, { steps: [shout] });
    const step = await start(t, pipeline, requests);
    const id = await pipeline.submit("shout", 5);
    const { state, error } = await pipeline.operations.wait(id, 10_000);
    assertEquals([state, error?.name], ["failed", "AttributeError"]);
    step.kill("SIGTERM");
    assertEquals(await within(step.ended, 10_000, "an end"), 0);
    await eventually(() => pipeline.operations.stats().workers.length === 0);
  },
);

test("a step that is killed loses nothing", OPTIONS, async (t) => {
  const { pipeline, requests } = await open(t, { steps: [shout] });
  const step = await start(t, pipeline, requests);
  const some = seen(t, pipeline, "job:completed:", 50);
  const ids = await submitMany(pipeline);
  await some;
  step.kill("SIGKILL");
  await start(t, pipeline, requests);
  await requireAll(ids, (id) => pipeline.result(id, { timeoutMs: 20_000 }));
});

test(
  "a step comes back to a pipeline that was started again",
  OPTIONS,
  async (t) => {
    const store = memoryStore();
    const first = await open(t, { steps: [shout], store });
    await start(t, first.pipeline, first.requests);
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

/** A program in Python, killed when the test ends. */
class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** What it printed, once it has ended. */
  readonly output: Promise<string>;
  /** Its code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;

  constructor(path: string, pipeline: string) {
    this.#child = spawn(PYTHON!, [path, pipeline], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    this.#child.stdout!.on("data", (chunk) => text += chunk);
    this.ended = new Promise((resolve) =>
      this.#child.once("close", (code, signal) => resolve(code ?? signal))
    );
    this.output = this.ended.then(() => text);
  }

  /** Sends a signal; not by `child.kill`, after which Deno takes every end for one by that signal. */
  kill(signal: "SIGKILL" | "SIGTERM"): void {
    process.kill(this.#child.pid!, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGKILL");
    }
    await this.ended;
  }
}

/** A program of the page. */
async function python(
  t: TestContext,
  name: "client" | "step",
  pipeline: string,
): Promise<Program> {
  const page = new URL("../../../docs/pipeline/wire.md", import.meta.url);
  const [client, step] = [
    ...readFileSync(page, "utf8").matchAll(/^```python\n(.*?)^```$/gms),
  ].map(([, code]) => code!);
  const path = `${await t.tempDir()}/${name}.py`;
  writeFileSync(path, { client, step }[name]!);
  return t.use(new Program(path, pipeline));
}

/** The step of the page, once the pipeline can send it jobs. */
async function start(
  t: TestContext,
  pipeline: Pipeline,
  requests: string,
): Promise<Program> {
  const before = pipeline.operations.stats().workers.map(({ id }) => id);
  const step = await python(t, "step", requests);
  await eventually(
    () =>
      pipeline.operations.stats().workers.some(({ id, isLinked }) =>
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
