/**
 * Test support. What OpenTelemetry's own SDK exports, here and from other
 * processes, and traces as text.
 */
import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { TestContext } from "../../support/harness.ts";

/** A span as plain data, so that it can come from another process. */
export interface SpanData {
  readonly name: string;
  readonly kind: string;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  readonly message: string | undefined;
  /** The classes and messages of exceptions. */
  readonly exceptions: readonly (readonly [unknown, unknown])[];
  /** The ids of linked spans. */
  readonly links: readonly string[];
  readonly durationMs: number;
}

/** Lets the SDK report every span that ends, until the program ends or `stopTracing` is called. */
export function startTracing(onSpan: (span: SpanData) => void): void {
  const contextManager = new AsyncLocalStorageContextManager().enable();
  api.context.setGlobalContextManager(contextManager);
  api.trace.setGlobalTracerProvider(
    new BasicTracerProvider({
      spanProcessors: [
        new SimpleSpanProcessor({
          export(spans, done) {
            for (const span of spans) onSpan(dataOf(span));
            done({ code: 0 });
          },
          shutdown: () => Promise.resolve(),
        }),
      ],
    }),
  );
}

/** Takes the SDK out of the way. */
export function stopTracing(): void {
  api.trace.disable();
  api.context.disable();
}

/** Collects the spans of a test. */
export function collectSpans(t: TestContext): SpanData[] {
  const spans: SpanData[] = [];
  startTracing((span) => spans.push(span));
  t.cleanup(stopTracing);
  return spans;
}

/** The spans with this name, in the order in which they ended. */
export function named(spans: readonly SpanData[], name: string): SpanData[] {
  return spans.filter((span) => span.name === name);
}

/**
 * All spans as a tree: a line for each, indented below its parent, with the
 * names of the spans that it links to.
 */
export function treeOf(spans: readonly SpanData[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const lines = (parent: string | undefined, depth: number): string[] =>
    spans.filter(({ parentId }) => parentId === parent)
      .map((span) => [
        line(span, depth),
        ...lines(span.spanId, depth + 1),
      ])
      .sort(([a], [b]) => a! < b! ? -1 : 1)
      .flat();
  const line = (span: SpanData, depth: number) => {
    const links = span.links.map((id) => labelOf(byId.get(id)!)).sort();
    const suffix = links.length > 0 ? ` <- ${links.join(", ")}` : "";
    return `${"  ".repeat(depth)}${labelOf(span)}${suffix}`;
  };
  return lines(undefined, 0);
}

/** Such as `process add f.2 #1`: the name, the node and item of the job, and the attempt. */
function labelOf({ name, attributes }: SpanData): string {
  const [, ...place] = String(attributes["messaging.message.id"]).split(".");
  const attempt = attributes["agentzero.job.attempt"];
  return [
    name,
    ...place.length > 0 ? [place.join(".")] : [],
    ...attempt === undefined ? [] : [`#${attempt}`],
  ].join(" ");
}

function dataOf(span: ReadableSpan): SpanData {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    kind: api.SpanKind[span.kind],
    scope: span.instrumentationScope.name,
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    isError: span.status.code === api.SpanStatusCode.ERROR,
    message: span.status.message,
    exceptions: span.events.filter(({ name }) => name === "exception")
      .map(({ attributes = {} }) => [
        attributes["exception.type"],
        attributes["exception.message"],
      ]),
    links: span.links.map(({ context }) => context.spanId),
    durationMs: span.duration[0] * 1000 + span.duration[1] / 1e6,
  };
}
