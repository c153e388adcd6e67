/**
 * Layer: pipeline/telemetry. Spans, and their propagation in messages as W3C Trace
 * Context: a pipeline understands `traceparent`, whichever propagator the program
 * has set. Baggage and `tracestate` are not propagated.
 *
 * @module
 */
import type {
  Attributes,
  Context,
  Link,
  Span,
  SpanContext,
  Tracer,
} from "@opentelemetry/api";
import { readTraceparent } from "../model/traceparent.ts";
import type { Api } from "./opentelemetry.ts";
import { ATTR, attributesOf, type Operation, SCOPE } from "./conventions.ts";

/** How a span begins. */
export interface Beginning {
  /** Its parent. Default: the active context. */
  readonly parent?: Context;
  readonly links?: Link[];
  /** Default: now. */
  readonly at?: Date;
  readonly attributes?: Attributes;
}

/** Creates spans. */
export class Tracing {
  readonly #api: Api;
  readonly #tracer: Tracer;
  #isOn = false;

  constructor(api: Api) {
    this.#api = api;
    this.#tracer = api.trace.getTracer(SCOPE);
  }

  /**
   * Whether spans are recorded; the program may register a provider at any time.
   * Until then a pipeline creates none: unrecorded spans took 5 % of its time.
   */
  get isOn(): boolean {
    return this.#isOn ||= hasTracer(this.#api);
  }

  /** Begins a span, which the caller has to end. */
  begin(
    operation: Operation,
    destination: string,
    { parent, links, at, attributes }: Beginning,
  ): Span {
    return this.#tracer.startSpan(`${operation.name} ${destination}`, {
      kind: this.#api.SpanKind[operation.kind],
      attributes: Object.assign(
        attributesOf(operation, destination),
        attributes,
      ),
      links,
      startTime: at,
    }, parent ?? this.#api.context.active());
  }

  /** Marks a span as failed. */
  fail(span: Span, error: unknown): void {
    span.recordException(error as Error);
    span.setAttribute(ATTR.ERROR, errorTypeOf(error));
    const { ERROR: code } = this.#api.SpanStatusCode;
    span.setStatus({ code, message: String(Object(error).message ?? error) });
  }

  /** Ends a span with its work, whether that succeeds or fails. */
  async during<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** The `traceparent` of a span; `undefined` if it is not recorded. */
  write(span: Span): string | undefined {
    const context = span.spanContext();
    if (!this.#api.isSpanContextValid(context)) return undefined;
    const { traceId, spanId, traceFlags } = context;
    const flags = traceFlags.toString(16).padStart(2, "0");
    return `00-${traceId}-${spanId}-${flags}`;
  }

  /** The context of a `traceparent`. An invalid one begins a new trace. */
  read(traceparent: string | undefined): Context {
    const { ROOT_CONTEXT, trace } = this.#api;
    const context = this.#parse(traceparent);
    return context === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, context);
  }

  /** Links to the spans of these `traceparent`s. */
  links(traceparents: readonly string[] = []): Link[] {
    return traceparents.map((one) => this.#parse(one))
      .filter((context) => context !== undefined)
      .map((context) => ({ context }));
  }

  #parse(traceparent = ""): SpanContext | undefined {
    const read = readTraceparent(traceparent);
    if (read === undefined) return undefined;
    const { traceId, spanId, flags: traceFlags } = read;
    const context = { traceId, spanId, traceFlags, isRemote: true };
    return this.#api.isSpanContextValid(context) ? context : undefined;
  }
}

function hasTracer({ trace, ProxyTracerProvider }: Api): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) ||
    provider.getDelegateTracer(SCOPE) !== undefined;
}

/** The class of an error, for attributes: its code, or its name. */
export function errorTypeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  if (typeof code === "string") return code;
  return typeof name === "string" ? name : "_OTHER";
}
