/**
 * Tests of signals that many listen to: each is told, once, and a signal has
 * one listener, so that Node has nothing to warn of.
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import process from "node:process";
import { onAbort } from "../../src/async/abort.ts";
import * as zmq from "../../src/zmq/mod.ts";
import { test } from "../support/harness.ts";

test("a signal tells all that listen, in their order, and nobody who has left", () => {
  const { signal, abort } = counted();
  const told: string[] = [];
  const leave = ["a", "b", "c"].map((name) =>
    onAbort(signal, () => told.push(name))
  );
  assertEquals(signal.listeners, 1);
  leave[1]!();
  leave[1]!();
  assertEquals(signal.listeners, 1);
  abort();
  assertEquals(told, ["a", "c"]);
  for (const one of leave) one();
  assertEquals(signal.listeners, 0);
});

test("a signal that nobody listens to any more can be listened to again", () => {
  const { signal, abort } = counted();
  let told = "";
  onAbort(signal, () => told = "first")();
  assertEquals(signal.listeners, 0);
  onAbort(signal, () => told = "second");
  assertEquals(signal.listeners, 1);
  abort();
  assertEquals(told, "second");
});

test("who listens may leave, and take others along, while all are told", () => {
  const { signal, abort } = counted();
  const told: string[] = [];
  const first = onAbort(signal, () => {
    told.push("first");
    first();
    second();
  });
  const second = onAbort(signal, () => told.push("second"));
  onAbort(signal, () => told.push("third"));
  abort();
  assertEquals(told, ["first", "third"]);
});

test("one that throws keeps nobody from being told", () => {
  const { signal } = new AbortController();
  let tell: () => void = () => {};
  signal.addEventListener = (...[, listener]: [string, unknown]) => {
    tell = listener as () => void;
  };
  const told: string[] = [];
  onAbort(signal, () => {
    throw new Error("a bug");
  });
  onAbort(signal, () => told.push("second"));
  assertThrows(tell, Error, "a bug");
  assertEquals(told, ["second"]);
});

test("without a signal there is nothing to listen to", () => {
  onAbort(undefined, () => {})();
});

test("one signal for many calls: none is left waiting, and nothing warns", async (t) => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => warnings.push(name);
  process.on("warning", note);
  t.cleanup(() => void process.off("warning", note));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 0 }));
  await pull.bind("inproc://abort");
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 50 }, () => pull.receive({ signal }));
  const ended = calls.map((call) => assertRejects(() => call, Error, "enough"));
  await new Promise((resolve) => setImmediate(resolve)); // warnings come later
  controller.abort(new Error("enough"));
  await Promise.all(ended);
  assertEquals(warnings, []);
});

/** A signal that counts who listens to it. */
function counted(): {
  signal: AbortSignal & { listeners: number };
  abort: () => void;
} {
  const controller = new AbortController();
  const signal = Object.assign(controller.signal, { listeners: 0 });
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: [string, EventListener]) => {
    signal.listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: [string, EventListener]) => {
    signal.listeners--;
    removeEventListener.apply(signal, args);
  };
  return { signal, abort: () => controller.abort() };
}
