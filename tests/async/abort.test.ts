/**
 * Tests of signals with many listeners: each is called once, and the signal itself
 * has one listener, so that Node has nothing to warn of.
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import process from "node:process";
import { onAbort } from "../../src/async/abort.ts";
import * as zmq from "../../src/zmq/mod.ts";
import { test } from "../support/harness.ts";

test("a signal calls all listeners in order, except removed ones", () => {
  const { signal, abort } = counted();
  const called: string[] = [];
  const leave = ["a", "b", "c"].map((name) =>
    onAbort(signal, () => called.push(name))
  );
  assertEquals(signal.listeners, 1);
  leave[1]!();
  leave[1]!();
  assertEquals(signal.listeners, 1);
  abort();
  assertEquals(called, ["a", "c"]);
  for (const one of leave) one();
  assertEquals(signal.listeners, 0);
});

test("a signal whose listeners were all removed can be listened to again", () => {
  const { signal, abort } = counted();
  let called = "";
  onAbort(signal, () => called = "first")();
  assertEquals(signal.listeners, 0);
  onAbort(signal, () => called = "second");
  assertEquals(signal.listeners, 1);
  abort();
  assertEquals(called, "second");
});

test("a listener may remove itself and others while it is called", () => {
  const { signal, abort } = counted();
  const called: string[] = [];
  const first = onAbort(signal, () => {
    called.push("first");
    first();
    second();
  });
  const second = onAbort(signal, () => called.push("second"));
  onAbort(signal, () => called.push("third"));
  abort();
  assertEquals(called, ["first", "third"]);
});

test("a listener that throws does not stop the others", () => {
  const { signal } = new AbortController();
  let dispatch: () => void = () => {};
  signal.addEventListener = (...[, listener]: [string, unknown]) => {
    dispatch = listener as () => void;
  };
  const called: string[] = [];
  onAbort(signal, () => {
    throw new Error("a bug");
  });
  onAbort(signal, () => called.push("second"));
  assertThrows(dispatch, Error, "a bug");
  assertEquals(called, ["second"]);
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
