/** Tests of what a command finds out about a pipeline that does not answer. */
import { assertEquals, assertMatch } from "@std/assert";
import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
import { diagnose } from "../../src/cli/connection.ts";
import { test } from "../support/harness.ts";

const TOKEN = "0123456789abcdef";
const LIMIT_MS = 8000;

test("a refusal is found out with its code, and so is everything else", async (t) => {
  const pipeline = t.use(
    new Pipeline({
      name: "numbers",
      steps: [defineStep("double", (n: number) => 2 * n)],
      token: TOKEN,
    }),
  );
  const { requests } = await pipeline.listen({ port: 0 });
  const without = await diagnose(requests, {}, LIMIT_MS);
  assertEquals(without.refused?.code, "ERR_PIPELINE_REFUSED");
  assertMatch(without.text, /"PLAIN".*--token-file/);
  const wrong = await diagnose(requests, { token: `${TOKEN}0` }, LIMIT_MS);
  assertEquals(wrong.refused?.code, "ERR_PIPELINE_REFUSED");
  assertEquals(await diagnose(requests, { token: TOKEN }, LIMIT_MS), {
    text: "",
    refused: undefined,
  });
  await pipeline.close();
  assertEquals(await diagnose(requests, { token: TOKEN }, LIMIT_MS), {
    text: ": connection refused",
    refused: undefined,
  });
});
