/** Unit: records as clients see them. */
import { assertEquals } from "@std/assert";
import { FLOW_FIELDS } from "../../../src/pipeline/model/record_fields.ts";
import type { FlowRecord } from "../../../src/pipeline/model/records.ts";
import { FLOW, toWire, WORKER } from "../../../src/pipeline/protocol/names.ts";
import { flowView, workerView } from "../../../src/pipeline/server/views.ts";
import { test } from "../../support/harness.ts";
import { coordinate } from "../coordinator/fixture.ts";
import { flowOf } from "../store/records.ts";

const FAILURE = { name: "Error", message: "no", retryable: false };
const WHOLE: FlowRecord = flowOf("f", {
  state: "failed",
  key: "k",
  retry: { attempts: 1, delayMs: 2, maxDelayMs: 3 },
  timeoutMs: 4,
  result: '{"a_b":[1]}',
  error: { ...FAILURE, jobId: "f", jobType: "hash", attempts: 5 },
  traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
  finishedAt: 6,
  expiresAt: 7,
});

test("the view of a flow has each member that its table shows", () => {
  const absent = FLOW_FIELDS.filter(({ name }) =>
    WHOLE[name as keyof FlowRecord] === undefined
  );
  assertEquals(absent, [], "the record of this test has every member");
  assertEquals(
    flowView(WHOLE),
    toWire({ ...WHOLE, result: { a_b: [1] } }, FLOW),
  );
});

test("the view of a flow that runs has nothing more on the wire", () => {
  assertEquals(
    JSON.parse(JSON.stringify(flowView(flowOf("f")))),
    JSON.parse(JSON.stringify(toWire(flowOf("f"), FLOW))),
  );
});

test("the view of a worker has each member of its shape", async (t) => {
  const c = await coordinate(t);
  c.join("w");
  await c.submit();
  assertEquals((await c.jobs("w")).length, 1);
  const worker = c.coordinator.workers.get("w")!;
  const view = workerView(worker);
  assertEquals(Object.keys(view).sort(), [...WORKER.byWire.keys()].sort());
  const { info, jobs, joinedAt, heardAt } = worker;
  const { isLinked: linked, isSuspect: suspect } = worker;
  const members = {
    ...info,
    address: info.address ?? "",
    jobs: [...jobs.keys()],
    joinedAt,
  };
  assertEquals(view, toWire({ ...members, heardAt, linked, suspect }, WORKER));
});
