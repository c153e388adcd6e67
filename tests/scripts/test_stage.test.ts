import { assertEquals } from "@std/assert";
import { Stage } from "../../scripts/lib/test_stage.mjs";
import { test } from "../support/harness.ts";

/** A stage, and what it has shown so far. */
function stageOf(): { stage: Stage; shown: () => string } {
  let text = "";
  const stage = new Stage((to, piece) => {
    text += to === "stderr" ? `[${piece}]` : piece;
  });
  return { stage, shown: () => text };
}

test("the output of the first comes as it is written", () => {
  const { stage, shown } = stageOf();
  const a = stage.open("A ");
  a.show("stdout", "1 ");
  assertEquals(shown(), "A 1 ");
  a.show("stderr", "2");
  assertEquals(shown(), "A 1 [2]");
});

test("the output of others waits for its end, and does not mix", () => {
  const { stage, shown } = stageOf();
  const [a, b, c] = ["A", "B", "C"].map((title) => stage.open(title));
  a!.show("stdout", "1");
  b!.show("stdout", "1");
  c!.show("stdout", "1");
  b!.show("stdout", "2");
  c!.close();
  a!.show("stdout", "2");
  assertEquals(shown(), "A12");
  a!.close(); // C is over: it comes before B, which is not
  assertEquals(shown(), "A12C1B12");
  b!.show("stdout", "3");
  b!.close();
  assertEquals(shown(), "A12C1B123");
});

test("one that is added when all have ended is first again", () => {
  const { stage, shown } = stageOf();
  stage.open("A").close();
  const b = stage.open("B");
  b.show("stdout", "1");
  assertEquals(shown(), "AB1");
});
