/** The way of spans through messages, and what there is without OpenTelemetry. */
import * as api from "@opentelemetry/api";
import { assert, assertEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import { loadTelemetry } from "../../../src/pipeline/telemetry/opentelemetry.ts";
import { Submissions } from "../../../src/pipeline/telemetry/submissions.ts";
import { Tracing } from "../../../src/pipeline/telemetry/tracing.ts";
import { collectSpans } from "./traces.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const OPERATION = { name: "do", kind: "INTERNAL" } as const;

test("only a W3C trace context is read", () => {
  const tracing = new Tracing(api);
  const read = (text: string | undefined) =>
    api.trace.getSpanContext(tracing.read(text));
  assertEquals(read(`00-${TRACE}-${SPAN}-01`), {
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 1,
    isRemote: true,
  });
  assertEquals(read(`00-${TRACE}-${SPAN}-00`)?.traceFlags, 0);
  const later = `cc-${TRACE}-${SPAN}-01`;
  for (const good of [later, `${later}-what-is-new`]) {
    assertEquals(read(good)?.traceId, TRACE, good);
  }
  for (
    const bad of [
      undefined,
      "",
      "00-1-2-01",
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${TRACE}-${SPAN}-1`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${"0".repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      `ff-${TRACE}-${SPAN}-01`,
      `${later}more`,
      ` 00-${TRACE}-${SPAN}-01`,
    ]
  ) assertEquals(read(bad), undefined, bad);
});

test("links are made of readable contexts", () => {
  const links = new Tracing(api).links([
    `00-${TRACE}-${SPAN}-01`,
    "no trace context",
  ]);
  assertEquals(links.map(({ context }) => context.spanId), [SPAN]);
});

test("without a recorder, the context is written as it was read", () => {
  const tracing = new Tracing(api);
  const text = `00-${TRACE}-${SPAN}-01`;
  const span = tracing.begin(OPERATION, "x", { parent: tracing.read(text) });
  assertEquals(tracing.write(span), text);
  const root = tracing.begin(OPERATION, "x", { parent: api.ROOT_CONTEXT });
  assertEquals(tracing.write(root), undefined);
});

test("what is written names the span, where it is recorded", (t) => {
  const spans = collectSpans(t);
  const tracing = new Tracing(api);
  const span = tracing.begin(OPERATION, "x", {
    parent: tracing.read(`00-${TRACE}-${SPAN}-01`),
  });
  span.end();
  assertEquals([spans[0]!.traceId, spans[0]!.parentId], [TRACE, SPAN]);
  assertEquals(tracing.write(span), `00-${TRACE}-${spans[0]!.spanId}-01`);
  const read = api.trace.getSpanContext(tracing.read(tracing.write(span)));
  assertEquals(read?.spanId, spans[0]!.spanId);
});

test("an error of any kind is recorded", (t) => {
  const spans = collectSpans(t);
  const tracing = new Tracing(api);
  const errors = [
    new TypeError("a"),
    Object.assign(new Error("b"), { code: "E_B" }),
    new DOMException("c", "AbortError"),
    "d",
  ];
  for (const error of errors) {
    const span = tracing.begin(OPERATION, "x", {});
    tracing.fail(span, error);
    span.end();
  }
  assertEquals(
    spans.map(({ attributes, message }) => [attributes["error.type"], message]),
    [["TypeError", "a"], ["E_B", "b"], ["AbortError", "c"], ["_OTHER", "d"]],
  );
  assert(spans.every(({ isError }) => isError));
});

test("OpenTelemetry is used where it is installed", async () => {
  // Without it: missing_api.test.ts.
  const make = (loaded: typeof api) => new Submissions(loaded);
  assert(await loadTelemetry(make) instanceof Submissions);
});
