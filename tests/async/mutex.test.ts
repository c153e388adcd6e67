/** Tests of the mutex, and of what else makes calls wait for each other. */
import { assertEquals, assertRejects } from "@std/assert";
import { Condition } from "../../src/async/condition.ts";
import { Deadline } from "../../src/async/deadline.ts";
import { Latch } from "../../src/async/latch.ts";
import { Mutex } from "../../src/async/mutex.ts";
import { test } from "../support/harness.ts";

test("a mutex is held by one call at a time, in FIFO order", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const runs = ["a", "b", "c"].map((name) =>
    mutex.run(async () => {
      log.push(`${name} in`);
      await Promise.resolve();
      log.push(`${name} out`);
    })
  );
  assertEquals(mutex.isLocked, true);
  await Promise.all(runs);
  assertEquals(log, ["a in", "a out", "b in", "b out", "c in", "c out"]);
  assertEquals(mutex.isLocked, false);
});

test("an aborted call does not get the mutex", async () => {
  const mutex = new Mutex();
  assertEquals(mutex.lock(), true);
  assertEquals(mutex.lock(new Deadline({ timeout: 0 })), false);
  const late = mutex.lock(new Deadline({ timeout: 1 }));
  const controller = new AbortController();
  const cancelled = mutex.lock(new Deadline({ signal: controller.signal }));
  const patient = mutex.lock();
  assertEquals(await late, false);
  controller.abort(new Error("enough"));
  await assertRejects(async () => void await cancelled, Error, "enough");
  mutex.unlock();
  assertEquals(await patient, true);
  assertEquals(mutex.isLocked, true);
  mutex.unlock();
  assertEquals(mutex.isLocked, false);
});

test("a failure while holding the mutex unlocks it", async () => {
  const mutex = new Mutex();
  const failed = mutex.run(() => Promise.reject(new Error("no")));
  await assertRejects(() => failed, Error, "no");
  assertEquals(mutex.isLocked, false);
});

test("a condition is checked after each notification, and waits until a time", async () => {
  const condition = new Condition();
  let count = 0;
  const reached = condition.until(() => count >= 2);
  for (let i = 0; i < 2; i++) {
    count++;
    condition.notify();
    await Promise.resolve();
  }
  await reached;
  const end = Date.now() + 5;
  await condition.until(() => false, () => end);
  assertEquals(Date.now() >= end, true);
});

test("a latch releases the calls that wait, and not the later ones", async () => {
  const latch = new Latch();
  const waiting = [latch.wait(), latch.wait()];
  latch.release();
  await Promise.all(waiting);
  let isReleased = false;
  const next = latch.wait().then(() => isReleased = true);
  await Promise.resolve();
  assertEquals(isReleased, false);
  latch.release();
  await next;
});
