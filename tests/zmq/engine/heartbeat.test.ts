/** Unit: heartbeats. */
import { assert, assertEquals } from "@std/assert";
import { Heartbeat } from "../../../src/zmq/engine/heartbeat.ts";
import type { OptionValues } from "../../../src/zmq/options/values.ts";
import {
  deferred,
  eventually,
  test,
  type TestContext,
} from "../../support/harness.ts";

const OPTIONS = {
  heartbeatInterval: 10,
  heartbeatTimeout: 30,
  heartbeatTimeToLive: 0,
} as OptionValues;

test("an answer that arrived while the event loop was blocked is processed before the peer counts as silent", async (t) => {
  let pings = 0;
  const silences: number[] = [];
  const { promise, resolve } = deferred<void>();
  const heartbeat: Heartbeat = new Heartbeat(OPTIONS, true, {
    pong: () => {},
    ping: () => {
      queueMicrotask(() => heartbeat.left());
      if (++pings > 3) return resolve();
      setImmediate(() => {
        // Now the time for an answer runs, and we do something else.
        const end = performance.now() + 60;
        while (performance.now() < end);
        setImmediate(() => heartbeat.received()); // as it lay in the socket
      });
    },
    silent: (ms) => void silences.push(ms),
  });
  t.cleanup(() => heartbeat.stop());
  const alive = setInterval(() => {}, 1000); // the timers alone do not
  t.cleanup(() => clearInterval(alive));
  await promise;
  assertEquals(silences, []);
});

test("a peer that does not answer counts as silent", async (t) => {
  const { promise, resolve } = deferred<number>();
  const heartbeat: Heartbeat = new Heartbeat(OPTIONS, true, {
    ping: () => queueMicrotask(() => heartbeat.left()),
    pong: () => {},
    silent: resolve,
  });
  t.cleanup(() => heartbeat.stop());
  const alive = setInterval(() => {}, 1000);
  t.cleanup(() => clearInterval(alive));
  assertEquals(await promise, 30);
});

/** A heartbeat that writes down what it does. */
function noted(t: TestContext, isUnderstood = true) {
  const alive = setInterval(() => {}, 1000);
  t.cleanup(() => clearInterval(alive));
  const done: string[] = [];
  const silence = deferred<number>();
  const heartbeat = new Heartbeat(OPTIONS, isUnderstood, {
    ping: () => void done.push("ping"),
    pong: () => void done.push("pong"),
    silent: silence.resolve,
  });
  t.cleanup(() => heartbeat.stop());
  return { heartbeat, done, silence: silence.promise };
}

test("a write that makes progress is a sign of life, a stalled one is not", async (t) => {
  const { heartbeat, done, silence } = noted(t);
  await eventually(() => done.length > 0);
  let isOver = false;
  void silence.then(() => isOver = true);
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // of 30
    assertEquals(isOver, false, `after ${i} steps`);
    heartbeat.progressed(1000);
  }
  assertEquals(done, ["ping"], "one that has not left is enough");
  await silence;
});

test("the heartbeat timeout starts when the PING has been written, and is extended by the time that earlier bytes need", async (t) => {
  const { heartbeat, done, silence } = noted(t);
  await eventually(() => done.length > 0);
  const start = performance.now();
  heartbeat.writing();
  heartbeat.progressed(100_000); // the system took these at once
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    heartbeat.progressed(10_000);
  }
  const tookMs = performance.now() - start; // for half of all
  heartbeat.left();
  // Later PINGs, which leave at once, do not put the end off.
  const later = setInterval(() => {
    heartbeat.writing();
    heartbeat.progressed(10);
    if (done.length > 1) heartbeat.left();
  }, 1);
  t.cleanup(() => clearInterval(later));
  const limitMs = await silence;
  assert(limitMs >= 30 + 1.6 * tookMs, `${limitMs} ms after ${tookMs} ms`);
  assert(limitMs <= 30 + 2.4 * tookMs, `${limitMs} ms after ${tookMs} ms`);
});

test("a peer that may not support PING gets none before it has sent one", async (t) => {
  const { heartbeat, done, silence } = noted(t, false);
  const other = noted(t);
  await eventually(() => other.done.length > 0);
  await other.silence;
  assertEquals(done, []);
  heartbeat.understood();
  await eventually(() => done.length > 0);
  assertEquals(await silence, 30);
});

test("while a large message arrives, its sender gets a PONG now and then", async (t) => {
  const { heartbeat, done } = noted(t);
  const pongs = () => done.filter((what) => what === "pong").length;
  heartbeat.arriving(true);
  heartbeat.arriving(true);
  assertEquals(pongs(), 0);
  await eventually(() => {
    heartbeat.arriving(true);
    return pongs() === 2;
  });
  heartbeat.arriving(false);
  heartbeat.arriving(true);
  assertEquals(pongs(), 2);
});
