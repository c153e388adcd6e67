/** Tests of calls that wait with a timeout and a signal. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  aborted,
  PendingCall,
  sleep,
  untilAborted,
} from "../../src/async/pending_call.ts";
import { test } from "../support/harness.ts";

test("only the first settlement of a call counts, and the call is cleaned up by then", async () => {
  let settled = 0;
  const call = new PendingCall<string>({
    timeoutMs: 60_000,
    onSettled: () => settled++,
  });
  call.resolve("first");
  call.resolve("second");
  call.reject(new Error("late"));
  assertEquals(settled, 1);
  assertEquals(await call.promise, "first");
});

test("a call ends when its time is over, or when its signal is aborted", async () => {
  const late = new PendingCall<string>({
    timeoutMs: 1,
    onTimeout: (call) => call.resolve("late"),
  });
  assertEquals(await late.promise, "late");

  const controller = new AbortController();
  const cancelled = new PendingCall({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => cancelled.promise, Error, "enough");
  const tooLate = new PendingCall({ signal: controller.signal });
  await assertRejects(() => tooLate.promise, Error, "enough");
});

test("sleep ends with its time or its signal", async () => {
  const start = performance.now();
  await sleep(5);
  assert(performance.now() - start >= 4);
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  const waiting = aborted(controller.signal);
  controller.abort();
  await Promise.all([sleeping, waiting, sleep(60_000, controller.signal)]);
});

test("a promise is awaited until the signal is aborted", async () => {
  assertEquals(await untilAborted(Promise.resolve(1), undefined), 1);
  const controller = new AbortController();
  const { signal } = controller;
  assertEquals(await untilAborted(Promise.resolve(2), signal), 2);
  const failed = untilAborted(Promise.reject(new Error("no")), signal);
  await assertRejects(() => failed, Error, "no");
  const pending = untilAborted(new Promise(() => {}), signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => pending, Error, "enough");
});
