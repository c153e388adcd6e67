/** Unit: records as clients see them. */
import { assertEquals } from "@std/assert";
import { FLOW_FIELDS } from "../../../src/pipeline/model/record_fields.ts";
import type { FlowRecord } from "../../../src/pipeline/model/records.ts";
import { FLOW, toWire } from "../../../src/pipeline/protocol/names.ts";
import { flowView } from "../../../src/pipeline/server/views.ts";
import { test } from "../../support/harness.ts";
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
