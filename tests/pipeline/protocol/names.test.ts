/** Unit: the names of members, in TypeScript and on the wire. */
import { assertEquals } from "@std/assert";
import {
  feedFromWire,
  feedToWire,
  FLOW,
  fromWire,
  RETRY,
  STATS,
  STATUS,
  toWire,
} from "../../../src/pipeline/protocol/names.ts";
import { test } from "../../support/harness.ts";

test("members are camelCase here and snake_case there, in lists too", () => {
  const stats = {
    counts: [{ jobType: "a", state: "dead", count: 1 }],
    jobTypes: [{ jobType: "a", waiting: 0, running: 0, paused: false }],
    workers: [{
      id: "w",
      jobType: "a",
      stepName: "A",
      heardAt: 5,
      jobs: ["x"],
    }],
  };
  const wire = toWire(stats, STATS);
  assertEquals(wire, {
    counts: [{ job_type: "a", state: "dead", count: 1 }],
    job_types: [{ job_type: "a", waiting: 0, running: 0, paused: false }],
    workers: [{
      id: "w",
      job_type: "a",
      step_name: "A",
      heard_at: 5,
      jobs: ["x"],
    }],
  });
  assertEquals(fromWire(wire, STATS), stats);
});

test("values of users are left unchanged", () => {
  const payload = { created_at: 1, createdAt: 2, jobs: [{ flow_id: 3 }] };
  const status = {
    id: "f",
    createdAt: 1,
    result: payload,
    jobs: [{ id: "j", flowId: "f", payload }],
  };
  const wire = toWire(status, STATUS);
  assertEquals(wire.result, payload);
  assertEquals(fromWire(wire, STATUS), status);
  assertEquals(toWire({ attempts: 2, delayMs: 1 }, RETRY), {
    attempts: 2,
    delay_ms: 1,
  });
  const log = { time: "t", job_id: "j", extra: { job_id: 1, flowId: 2 } };
  const event = { time: "t", jobId: "j", extra: { job_id: 1, flowId: 2 } };
  assertEquals(feedFromWire("logs:a:20", log), event);
  assertEquals(feedToWire("logs:a:20", event), log);
});

test("only known members are sent; those of a later version are received", () => {
  assertEquals(toWire({ id: "f", graph: [], constructor: 1 }, FLOW), {
    id: "f",
  });
  assertEquals(fromWire({ id: "f", tenant_id: "t" }, FLOW), {
    id: "f",
    tenant_id: "t",
  });
});

test("any event is passed on to watchers, malformed or not", () => {
  const named = JSON.parse('{"__proto__": 1, "job_id": 2}');
  for (const data of [null, 5, "x", [null, 5], named]) {
    for (const topic of ["logs:a:20", "available", "metric:a:b", "toString"]) {
      const received = feedFromWire(topic, data);
      assertEquals(
        JSON.stringify(feedFromWire(topic, feedToWire("logs:", received))),
        JSON.stringify(received),
      );
    }
  }
  assertEquals(Object.keys(feedFromWire("logs:", named) as object), [
    "__proto__",
    "jobId",
  ]);
});
