/** Integration: traces and handlers in threads. */
import { assertEquals } from "@std/assert";
import { eventually, test } from "../../support/harness.ts";
import { open, run } from "../support/pipelines.ts";
import { count } from "./traced_steps.ts";
import { collectSpans, named } from "./traces.ts";

const module = import.meta.resolve("./traced_steps.ts");

test("a span of a handler in a thread belongs to that of its attempt", {
  timeoutMs: 60_000,
}, async (t) => {
  const spans = collectSpans(t);
  const { pipeline, requests } = await open(t, { steps: [count] });
  await run(t, count, requests, { threads: 1, module });
  const id = await pipeline.submit(count, "four");
  const result = await pipeline.result(id);
  await eventually(() => named(spans, "process count").length === 1);
  const [attempt] = named(spans, "process count");
  assertEquals(result, {
    name: "count letters",
    traceId: attempt!.traceId,
    parentId: attempt!.spanId,
    length: 4,
  });
});
