/** Test support. A step whose handler makes a span, and gives it as its result; threads load this module. */
import * as api from "@opentelemetry/api";
import { isMainThread } from "node:worker_threads";
import { defineStep } from "@agentzero/agentzero/pipeline";
import { type SpanData, startTracing } from "./traces.ts";

const spans: SpanData[] = [];
if (!isMainThread) startTracing((span) => spans.push(span));

export const count = defineStep("count", async (text: string) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  api.trace.getTracer("the user's").startActiveSpan(
    "count letters",
    (span) => span.end(),
  );
  const { name, traceId, parentId } = spans.at(-1)!;
  return { name, traceId, parentId, length: text.length };
});
