/** Unit: errors that come in floods. */
import { assertEquals } from "@std/assert";
import { PipelineError } from "@agentzero/agentzero/pipeline";
import { ErrorDigest } from "../../src/cli/error_digest.ts";
import { deferred, test } from "../support/harness.ts";

const bad = (message: string) =>
  new PipelineError("ERR_PIPELINE_INVALID", message);

test("a flood of errors is one line at once, and one with their number later", async (t) => {
  const told: [string, number][] = [];
  const { promise, resolve } = deferred<void>();
  const digest = new ErrorDigest((error, more) => {
    told.push([(error as Error).message, more]);
    if (more > 0) resolve();
  }, 30);
  t.cleanup(() => digest.close());
  digest.add(bad('"a" must be a number, not 1'));
  digest.add(new Error("disk full"));
  for (let i = 2; i <= 1000; i++) {
    digest.add(bad(`"b${i}" must be a number, not ${i}`));
  }
  assertEquals(told, [['"a" must be a number, not 1', 0], ["disk full", 0]]);
  await promise;
  assertEquals(told.slice(2), [['"b1000" must be a number, not 1000', 998]]);
});

test("what was counted is written at the end, and kinds are bounded", () => {
  const told: [string, number][] = [];
  const digest = new ErrorDigest((error, more) => {
    told.push([(error as Error).message, more]);
  });
  for (let i = 0; i < 1000; i++) {
    const letters = i.toString(26).replace(
      /\d/g,
      (n) => "qrstuvwxyz"[Number(n)]!,
    );
    digest.add(new Error(letters));
  }
  assertEquals(told.length, 21);
  digest.close();
  assertEquals(told.length, 22);
  assertEquals(told[21]![1] + told.length, 1000);
  digest.close();
  assertEquals(told.length, 22);
});
