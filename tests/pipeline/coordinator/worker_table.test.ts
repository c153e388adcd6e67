/** Unit: who works, who is silent, who has room. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  DEFAULT_LIMITS,
} from "../../../src/pipeline/coordinator/coordinator_options.ts";
import { Watchdog } from "../../../src/pipeline/coordinator/watchdog.ts";
import { WorkerTable } from "../../../src/pipeline/coordinator/worker_table.ts";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import type { Available } from "../../../src/pipeline/protocol/messages.ts";
import { test } from "../../support/harness.ts";

function info(id: string, more: Partial<Available> = {}): Available {
  return {
    v: 1,
    id,
    address: "tcp://127.0.0.1:1",
    jobType: "a",
    stepName: "a",
    host: "h",
    pid: 1,
    runtime: "r",
    concurrency: 2,
    credit: 2,
    running: [],
    draining: false,
    ...more,
  };
}

function tableOf(...ids: string[]): WorkerTable {
  const table = new WorkerTable();
  for (const id of ids) {
    table.announced(info(id), 0);
    table.get(id)!.isLinked = true;
  }
  return table;
}

test("the worker of the type with the most room is picked", () => {
  const table = tableOf("w1", "w2");
  table.announced(info("other", { jobType: "b", credit: 99 }), 0);
  table.get("other")!.isLinked = true;
  assertEquals(table.pick("a")!.id, "w1");
  table.assign("w1", { id: "j", attempt: 1 });
  assertEquals(table.pick("a")!.id, "w2");
  table.unassign("w1", { id: "j", attempt: 2 }); // another attempt: stays
  assertEquals(table.pick("a")!.id, "w2");
  table.unassign("w1", { id: "j", attempt: 1 });
  assertEquals(table.pick("a")!.id, "w1");
  table.remove("w1");
  table.remove("w2");
  assertEquals([table.pick("a"), table.size], [undefined, 1]);
});

test("silent workers are suspects and get no work until a message arrives", () => {
  const table = tableOf("w1");
  assertEquals(table.findExpired(5001, 5000, 60_000), []);
  assertEquals([table.get("w1")!.isSuspect, table.pick("a")], [
    true,
    undefined,
  ]);
  table.touch("w1", 5002);
  assertEquals(table.pick("a")!.id, "w1");
  assertEquals(
    table.findExpired(5002 + 60_001, 5000, 60_000).map(({ id }) => id),
    ["w1"],
  );
});

test("with heartbeats, a worker keeps its lease while they come, and no longer", () => {
  const table = tableOf("w1", "w2");
  const expired = (now: number) => {
    table.touch("w2", now); // the network is there
    return table.findExpired(now, 5000, 60_000).map(({ id }) => id);
  };
  table.heartbeat("w1", 9000, 1000);
  table.heartbeat("unknown", 9000, 1000);
  assertEquals(expired(10_000), []);
  assertEquals(table.pick("a")!.id, "w2"); // the event loop of w1 is silent
  table.heartbeat("w1", 9000, 10_000);
  assertEquals(expired(19_000), []);
  assertEquals(expired(19_001), ["w1"]);
  table.touch("w1", 19_000); // any message is a sign of life
  assertEquals(expired(28_000), []);
  table.extendDeadlines(1000);
  assertEquals(expired(29_000), []);
  assertEquals(expired(29_001), ["w1"]);
  table.heartbeat("w1", 0, 29_000); // no more of them: the lease counts
  assertEquals(expired(80_000), []);
  assertEquals(expired(80_001), ["w1"]);
});

test("while nothing comes from any worker, none counts as gone, and the lease counts", () => {
  const table = tableOf("w1", "w2");
  const expired = (now: number) =>
    table.findExpired(now, 5000, 60_000).map(({ id }) => id);
  for (const id of ["w1", "w2"]) table.heartbeat(id, 9000, 1000);
  for (let now = 1500; now <= 31_000; now += 500) {
    assertEquals(expired(now), []);
  }
  table.touch("w1", 31_000); // the network is there again, and w2 may need some seconds
  assertEquals(expired(31_000), []);
  table.touch("w1", 36_000);
  assertEquals(expired(36_000), []);
  table.touch("w1", 41_000);
  assertEquals(expired(41_000), ["w2"]);
  for (let now = 41_500; now <= 101_000; now += 500) {
    assertEquals(expired(now).includes("w1"), false);
  }
  assertEquals(expired(101_001), ["w1", "w2"]);
});

test("after an outage, jobs may be on their way for as long again before they count as lost", () => {
  const table = tableOf("w1");
  const lostAt = (now: number) =>
    table.announced(info("w1"), now).lost.map(({ id }) => id);
  table.assign("w1", { id: "a", attempt: 1 });
  for (const now of [1000, 2000]) assertEquals(lostAt(now), []);
  assertEquals(lostAt(3000), ["a"]); // it was never silent for long
  table.unassign("w1", { id: "a", attempt: 1 });
  table.assign("w1", { id: "b", attempt: 1 });
  table.touch("w1", 8000); // a silence of 5 s has ended
  for (let now = 8500; now <= 14_000; now += 1000) {
    assertEquals(lostAt(now), []);
  }
  assertEquals(lostAt(14_500), []); // that counts twice
  assertEquals(lostAt(15_500), ["b"]);
});

test("a worker cannot take over another's id", () => {
  const table = tableOf("w1");
  const error = assertThrows(
    () => table.announced(info("w1", { jobType: "b" }), 0),
    PipelineError,
  );
  assertEquals(error.code, "ERR_PIPELINE_INVALID");
  assertThrows(() => table.announced(info("w1", { address: "tcp://x:1" }), 0));
  assertEquals(table.get("w1")!.info.jobType, "a");
});

test("a job is lost after three announcements without it", () => {
  const table = tableOf("w1");
  table.assign("w1", { id: "j", attempt: 1 });
  let now = 0;
  const lost = (...running: Available["running"]) =>
    table.announced(info("w1", { running }), now += 1000).lost.length;
  assertEquals([lost(), lost(), lost({ id: "j", attempt: 1 })], [0, 0, 0]);
  assertEquals([lost(), lost({ id: "j", attempt: 2 }), lost()], [0, 0, 1]);
});

test("announcements that arrive in a burst are old, and count once as missing a job", () => {
  const table = tableOf("w1");
  table.assign("w1", { id: "j", attempt: 1 });
  const lost = (at: number) => table.announced(info("w1"), at).lost.length;
  const burst = [0, 0, 1, 1, 300].map(lost);
  assertEquals(burst, [0, 0, 0, 0, 0]);
  assertEquals([lost(1000), lost(2000)], [0, 1]);
});

test("the watchdog reports silent workers, and does not count time in which it was blocked itself", () => {
  let now = 0;
  const table = tableOf("w1");
  const reported: string[] = [];
  const limits = { ...DEFAULT_LIMITS, leaseMs: 10_000, now: () => now };
  const dog = new Watchdog(table, limits, {
    silent: ({ id }) => reported.push(`silent ${id}`),
    unreachable: ({ id }) => reported.push(`unreachable ${id}`),
    claimsEnded: () => reported.push("claims"),
    onChecked: () => {},
  });
  dog.start();
  try {
    now = 60_000; // the event loop was blocked for a minute
    dog.look();
    assertEquals(reported, []); // nor could any worker claim a job
    for (let i = 0; i < 25; i++) {
      now += 500;
      dog.look();
    }
    assertEquals(reported.slice(0, 2), ["claims", "silent w1"]);
  } finally {
    dog.stop();
  }
});

test("the watchdog reports an unreachable worker once", () => {
  let now = 0;
  const table = new WorkerTable();
  table.announced(info("w1"), 0);
  const reported: string[] = [];
  const dog = new Watchdog(table, { ...DEFAULT_LIMITS, now: () => now }, {
    silent: () => {},
    unreachable: ({ id }) => reported.push(id),
    claimsEnded: () => {},
    onChecked: () => {},
  });
  for (now = 500; now <= 9000; now += 500) dog.look();
  assertEquals(reported, ["w1"]);
  const worker = table.get("w1")!;
  worker.isLinked = true;
  dog.look();
  // Its connection is broken, perhaps for a moment only.
  worker.isLinked = false;
  worker.unlinkedAt = now;
  const breaksAt = now;
  for (; now <= breaksAt + 5000; now += 500) dog.look();
  assertEquals(reported, ["w1"]);
  dog.look();
  assertEquals(reported, ["w1", "w1"]);
});
