import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  Activity,
  CHART_SECONDS,
} from "../../../src/pipeline/http/activity.ts";
import { test } from "../../support/harness.ts";

const event = (type: string, id: string, at: number, jobType = "a") => ({
  topic: `job:${type}:${jobType}:${id}`,
  data: { id, at, type, jobType },
});

test("waits and attempts are timed", () => {
  const activity = new Activity(() => 100_000);
  for (
    const [type, at] of [
      ["waiting", 1000],
      ["dispatched", 3000],
      ["active", 3000],
      ["progress", 3500],
      ["retrying", 4000],
      ["waiting", 10_000],
      ["active", 10_500],
      ["completed", 18_500],
    ] as const
  ) activity.record(event(type, "1", at));
  const { waits, durations, events } = activity.types.get("a")!;
  assertEquals([waits.count, waits.sum], [2, 2.5]);
  assertEquals([durations.completed.count, durations.completed.sum], [1, 8]);
  assertEquals([durations.failed.count, durations.failed.sum], [1, 1]);
  assertEquals(events.get("waiting"), 2);
  assertEquals(events.get("progress"), 1);
});

test("a returned job waits again, a cancelled one is not timed", () => {
  const activity = new Activity();
  activity.record(event("active", "1", 1000));
  activity.record(event("requeued", "1", 5000));
  activity.record(event("active", "1", 6000));
  activity.record(event("cancelled", "1", 9000));
  activity.record(event("waiting", "1", 9000));
  const { waits, durations } = activity.types.get("a")!;
  assertEquals([waits.count, waits.sum], [1, 1]);
  assertEquals(durations.completed.count + durations.failed.count, 0);
});

test("an end without a beginning counts, but is not timed", () => {
  const activity = new Activity();
  activity.record(event("completed", "1", 1000));
  const { durations, events } = activity.types.get("a")!;
  assertEquals(durations.completed.count, 0);
  assertEquals(events.get("completed"), 1);
});

test("the chart has past seconds, and drops old ones", () => {
  let now = 1_000_500;
  const activity = new Activity(() => now);
  activity.record(event("completed", "1", 998_000));
  activity.record(event("completed", "2", 998_900));
  activity.record(event("dead", "3", 999_999));
  activity.record(event("completed", "4", 1_000_100)); // this second is not over
  const { endsAt, completed, failed, since } = activity.throughput();
  assertEquals([endsAt, since], [1_000_000, 1_000_500]);
  assertEquals(completed.length, CHART_SECONDS);
  assertEquals(completed.slice(-3), [0, 2, 0]);
  assertEquals(failed.slice(-3), [0, 0, 1]);
  assertAlmostEquals(activity.types.get("a")!.rate, 0.2);

  now += CHART_SECONDS * 1000;
  assertEquals(activity.throughput().completed.slice(0, 2), [1, 0]);
  now += 1000;
  assertEquals(Math.max(...activity.throughput().completed), 0);
  assertEquals(activity.types.get("a")!.rate, 0);
});

test("events of no job do not count", () => {
  const activity = new Activity();
  activity.record({ topic: "logs:a:20", data: { msg: "job:completed" } });
  activity.record({ topic: "available", data: {} });
  assertEquals(activity.types.size, 0);
});
