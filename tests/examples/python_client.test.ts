/**
 * The example `python_client`: a client in Python, and real pipelines.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { defineStep, memoryStore } from "@agentzero/agentzero/pipeline";
import { open, run } from "../pipeline/support/pipelines.ts";
import { deferred, test, type TestContext } from "../support/harness.ts";
import { noPython, PythonProgram } from "../support/python.ts";

const OPTIONS = { timeoutMs: 30_000, skip: noPython } as const;
const CLIENT = fileURLToPath(
  new URL("../../examples/python_client/client.py", import.meta.url),
);

const shout = defineStep("shout", (text: string) => {
  return text.toUpperCase();
}, { retry: { attempts: 1 } });

test(
  "it prints the result, and submits once with an id",
  OPTIONS,
  async (t) => {
    const { pipeline, requests } = await open(t, { steps: [shout] });
    await run(t, shout, requests);
    for (let n = 0; n < 2; n++) {
      const program = client(t, requests, "shout", '"grüße"', "--id=greeting");
      assertEquals(await program.ended, 0, program.stderr);
      assertEquals(JSON.parse(program.stdout), "GRÜSSE");
      assertMatch(program.stderr, /^submitted as greeting$/m);
    }
    assertEquals((await pipeline.operations.flows({ limit: 9 })).length, 1);
  },
);

test("it shows how far the job is", OPTIONS, async (t) => {
  const isSeen = deferred<void>();
  const slow = defineStep("slow", async (_: null, { progress }) => {
    progress(0.25);
    await isSeen.promise;
    return { done: true };
  });
  const { requests } = await open(t, { steps: [slow] });
  await run(t, slow, requests);
  const program = client(t, requests, "slow");
  await program.said(/^slow: active, 25%$/m);
  assertEquals(program.stdout, "");
  isSeen.resolve();
  assertEquals(await program.ended, 0, program.stderr);
  assertEquals(JSON.parse(program.stdout), { done: true });
});

test("it waits where the queue is full", OPTIONS, async (t) => {
  const { pipeline, requests } = await open(t, {
    ...{ steps: [shout], maxQueued: 1 },
  });
  await pipeline.submit("shout", "first");
  const program = client(t, requests, "shout", '"second"');
  await program.said(/are waiting.*; trying again$/m);
  await run(t, shout, requests);
  assertEquals(await program.ended, 0, program.stderr);
  assertEquals(JSON.parse(program.stdout), "SECOND");
});

test("it waits for a restarted pipeline", OPTIONS, async (t) => {
  const store = memoryStore();
  const first = await open(t, { steps: [shout], store });
  const program = client(t, first.requests, "shout", '"patience"');
  await program.said(/^submitted as/m);
  const places = { ...first.pipeline.addresses! };
  await first.pipeline.close();
  await program.said(/trying again$/m);
  const { requests } = await open(t, { steps: [shout], store }, places);
  await run(t, shout, requests);
  assertEquals(await program.ended, 0, program.stderr);
  assertEquals(JSON.parse(program.stdout), "PATIENCE");
});

test("it says what went wrong", OPTIONS, async (t) => {
  const { pipeline, requests } = await open(t, { steps: [shout] });
  const unknown = client(t, requests, "whistle");
  assertEquals(await unknown.ended, 1);
  assertMatch(unknown.stderr, /^ERR_PIPELINE_UNKNOWN: Unknown flow "wh/m);

  const late = client(t, requests, "shout", '"a"', "--timeout=2");
  assertEquals(await late.ended, 1);
  // On a machine that is very busy, it may be an answer that is too late.
  assertMatch(
    late.stderr,
    /^Timed out: (the flow is still running|no answer from .*)$/m,
  );

  const cancelled = client(t, requests, "shout", '"b"', "--id=b");
  await cancelled.said(/^submitted as b$/m);
  await pipeline.operations.cancel("b");
  assertEquals(await cancelled.ended, 1);
  assertMatch(cancelled.stderr, /^cancelled: b$/m);

  await run(t, shout, requests);
  const failed = client(t, requests, "shout", "5");
  assertEquals(await failed.ended, 1);
  assertMatch(failed.stderr, /^TypeError: .*toUpperCase/m);

  await pipeline.close();
  const alone = client(t, requests, "shout", '"c"', "--timeout=0.5");
  assertEquals(await alone.ended, 1);
  assertMatch(alone.stderr, /^Timed out: no answer from tcp:/m);
});

function client(
  t: TestContext,
  pipeline: string,
  ...args: string[]
): PythonProgram {
  return t.use(new PythonProgram(CLIENT, [`--pipeline=${pipeline}`, ...args]));
}
