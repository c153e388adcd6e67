/**
 * The example `guide/espresso`: the scene, and the records of a trace.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Trace } from "../../../examples/guide/espresso/trace.ts";
import { test } from "../../support/harness.ts";
import { playScene, SCENE } from "./scene.ts";

test("espresso: the scene", SCENE, async (t) => {
  const lines = await playScene(t, "espresso");
  assertEquals(
    lines.at(-1),
    "A: 5 received, B: 10 received, all of them traced; " +
      "no one subscribed to C, so none of it was sent",
  );
  const trace = lines.map((line) => line.trim());
  assertEquals(trace.slice(0, 2).sort(), ["subscribe A", "subscribe B"]);
  assertEquals(trace.at(-2), "unsubscribe B");
  assertEquals(trace.filter((line) => line === "unsubscribe A").length, 1);
  // Each number once and in order, up to what the subscriber received.
  for (const [topic, count] of [["A", 5], ["B", 10]] as const) {
    const numbers = trace
      .filter((line) => line.startsWith(`message ${topic} `))
      .map((line) => Number(line.split(" ").at(-1)));
    assertEquals(numbers, numbers.map((_, i) => i + 1));
    assertEquals(numbers.length >= count, true, trace.join("\n"));
  }
  assertEquals(trace.some((line) => line.startsWith("message C")), false);
});

test("espresso: a trace distinguishes subscriptions from messages", async (t) => {
  const trace = t.use(await Trace.open());
  await trace.capture.send("\x01news");
  await trace.capture.send(["news", "all is well"]);
  await trace.capture.send(["\x01odd", "but a message"]);
  await trace.capture.send("alone");
  await trace.capture.send("\x00news");
  const records: string[][] = [];
  for await (const { kind, topic, body } of trace) {
    records.push([kind, topic, ...body.map(String)]);
    if (kind === "unsubscribe") break;
  }
  assertEquals(records, [
    ["subscribe", "news"],
    ["message", "news", "all is well"],
    ["message", "\x01odd", "but a message"],
    ["message", "alone"],
    ["unsubscribe", "news"],
  ]);
});
