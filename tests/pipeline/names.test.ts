/** Integration: pipelines whose names cannot be resolved yet. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineStep } from "@agentzero/agentzero/pipeline";
import { leadsToLoopback } from "../../src/pipeline/protocol/loopback.ts";
import { test, within } from "../support/harness.ts";
import { clientOf, codeOf } from "./support/pipelines.ts";

const NOWHERE = "tcp://nowhere.invalid:7450";
const step = defineStep("named", (n: number) => n);

test("a client waits for a name that cannot be resolved, and closes", async (t) => {
  const client = clientOf(t, NOWHERE);
  assertEquals(
    await codeOf(client.stats({ timeoutMs: 300 })),
    "ERR_PIPELINE_TIMEOUT",
  );
  const waiting = codeOf(client.submit(step, 1));
  await within(client.close(), 5000, "the client's end");
  assertEquals(await within(waiting, 5000, "the call"), "ERR_PIPELINE_CLOSED");
});

test("a step waits for a name that cannot be resolved until it is stopped", async () => {
  const end = new AbortController();
  const run = step.run({ pipeline: NOWHERE, signal: end.signal });
  const early = await Promise.race([
    run.then(() => "runs", (error) => error),
    new Promise((resolve) => setTimeout(resolve, 300, "waits")),
  ]);
  assertEquals(early, "waits");
  const reason = new Error("enough");
  end.abort(reason);
  const error = await assertRejects(
    () => within(run, 5000, "the step's end"),
    Error,
  );
  assertEquals(error, reason);
});

test("an invalid address is refused at once", async (t) => {
  const client = clientOf(t, "tcp://nowhere");
  const error = await assertRejects(
    () => within(client.stats(), 5000, "the error"),
    Error,
  );
  assertEquals((error as { code?: string }).code, "SOCKET_CONNECT_FAILED");
});

test("a name of this machine alone is loopback", async () => {
  for (
    const [address, isIt] of [
      ["tcp://127.0.0.1:1", true],
      ["tcp://localhost:1", true],
      ["tcp://[::1]:1", true],
      ["tcp://192.0.2.1:1", false],
      ["tcp://nowhere.invalid:1", false],
      ["ipc:///tmp/x", true],
    ] as const
  ) assertEquals(await leadsToLoopback(address), isIt, address);
  assert(await leadsToLoopback("tcp://LOCALHOST:7450"));
});
