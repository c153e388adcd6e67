/** Tests the event itself. */
import { Event } from "@agentzero/agentzero";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "../support/harness.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("Event: topic is a string, rawTopic the bytes, and it can be taken apart", () => {
  const event = new Event(bytes("lögs"), { level: 20 });
  assertEquals([event.topic, event.data.level], ["lögs", 20]);
  assertEquals(Uint8Array.from(event.rawTopic), bytes("lögs"));
  const [topic, data] = event;
  const typed: [string, number] = [topic, data.level];
  assertEquals(typed, ["lögs", 20]);
  assertEquals([...event], ["lögs", { level: 20 }]);
});

test("Event: a topic that is no UTF-8 keeps its bytes", () => {
  const rawTopic = Uint8Array.of(0xff, 0x41);
  const event = new Event(rawTopic, 1);
  assertEquals(event.topic, "\uFFFDA");
  assertEquals(event.rawTopic, rawTopic);
  assertEquals(new Event(bytes("\uFEFFa"), 1).topic, "\uFEFFa");
});

test("Event: it cannot be changed", () => {
  const event = new Event<unknown>(bytes("a"), 1);
  const open = event as unknown as Record<string | number, unknown>;
  for (const key of ["topic", "data", "rawTopic", 0, 1, "more"]) {
    assertThrows(() => open[key] = 2, TypeError);
  }
  assertThrows(() => (event as unknown as unknown[]).push(2), TypeError);
  assertEquals([event.topic, event.data, event.length], ["a", 1, 2]);
});

test("Event: its array methods return plain arrays", () => {
  const mapped = new Event(bytes("a"), "b").map((one) => one + "!");
  assertEquals(mapped, ["a!", "b!"]);
  assert(!(mapped instanceof Event));
});
