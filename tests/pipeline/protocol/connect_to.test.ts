/** Tests that a host name that is not known yet is waited for, as a pipeline is. */
import {
  defineStep,
  PipelineClient,
  PipelineError,
} from "@agentzero/agentzero/pipeline";
import { SocketConnectError } from "@agentzero/agentzero";
import { assertEquals, assertRejects } from "@std/assert";
import { test, within } from "../../support/harness.ts";

const UNKNOWN = "tcp://no-such-host.invalid:7000";

// A look-up of a name cannot be ended: it may go on after the client.
test("a client whose pipeline has no known name yet waits, call by call", {
  sanitize: false,
}, async (t) => {
  const client = t.use(new PipelineClient({ pipeline: UNKNOWN }));
  for (let i = 0; i < 2; i++) {
    const error = await assertRejects(
      () => client.submit("a", 1, { timeoutMs: 50 }),
      PipelineError,
    );
    assertEquals(error.code, "ERR_PIPELINE_TIMEOUT");
  }
});

// A look-up of a name cannot be ended: it may go on after the step.
test(
  "a step whose pipeline has no known name yet waits until its signal is aborted",
  { sanitize: false },
  async () => {
    const stop = new AbortController();
    const step = defineStep("a", (x: number) => x);
    const run = step.run({
      pipeline: UNKNOWN,
      insecure: true,
      signal: stop.signal,
    })
      .then(() => "over", (error) => error);
    const early = new Promise((resolve) => setTimeout(resolve, 200, "waits"));
    assertEquals(await Promise.race([run, early]), "waits");
    stop.abort();
    const end = await within(run, 3000, "the end of the step");
    assertEquals(end instanceof SocketConnectError, false, String(end));
  },
);

test("a malformed address of a pipeline is an error at once", async (t) => {
  const client = t.use(new PipelineClient({ pipeline: "tcp://127.0.0.1:x" }));
  await assertRejects(
    () => client.submit("a", 1, { timeoutMs: 1000 }),
    SocketConnectError,
    "Cannot connect 'requests' to \"tcp://127.0.0.1:x\"",
  );
});
