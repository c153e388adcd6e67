/** Unit: heartbeats. */
import { assertEquals } from "@std/assert";
import { Heartbeat } from "../../../src/zmq/engine/heartbeat.ts";
import type { OptionValues } from "../../../src/zmq/options/values.ts";
import { deferred, test } from "../../support/harness.ts";

const OPTIONS = {
  heartbeatInterval: 10,
  heartbeatTimeout: 30,
  heartbeatTimeToLive: 0,
} as OptionValues;

test("an answer that came while we were held up is heard before the peer counts as silent", async (t) => {
  let pings = 0;
  const silences: number[] = [];
  const { promise, resolve } = deferred<void>();
  const heartbeat: Heartbeat = new Heartbeat(OPTIONS, {
    ping: () => {
      if (++pings > 3) return resolve();
      setImmediate(() => {
        // Now the time for an answer runs, and we do something else.
        const end = performance.now() + 60;
        while (performance.now() < end);
        setImmediate(() => heartbeat.heard()); // as it lay in the socket
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
  const heartbeat = new Heartbeat(OPTIONS, { ping: () => {}, silent: resolve });
  t.cleanup(() => heartbeat.stop());
  const alive = setInterval(() => {}, 1000);
  t.cleanup(() => clearInterval(alive));
  assertEquals(await promise, 30);
});
