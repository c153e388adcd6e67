/**
 * Layer: pipeline/telemetry. The spans of submissions: each is the parent of
 * all spans of its flow.
 *
 * @module
 */
import type { Span } from "@opentelemetry/api";
import { formatHostPort, isPortNumber, splitTcp } from "../../zmq/endpoint.ts";
import type { Api } from "./opentelemetry.ts";
import { ATTR, SUBMIT } from "./conventions.ts";
import { Tracing } from "./tracing.ts";

/** A submission. */
export interface Submitted {
  /** The name of the flow. */
  readonly flow: string;
  /** The parent of its span (W3C Trace Context). Default: the active span. */
  readonly traceparent?: string;
  /** The endpoint of the pipeline, if that is another process. */
  readonly pipeline?: string;
}

/** Traces submissions. */
export class Submissions {
  readonly #tracing: Tracing;

  constructor(api: Api) {
    this.#tracing = new Tracing(api);
  }

  /** Whether spans are recorded; the program may begin that at any time. */
  get isOn(): boolean {
    return this.#tracing.isOn;
  }

  /**
   * Traces a submission.
   *
   * @param send Submits, with the given trace context.
   * @returns The id of the flow.
   */
  submit(
    { flow, traceparent, pipeline }: Submitted,
    send: (traceparent: string | undefined) => Promise<string>,
  ): Promise<string> {
    return this.#trace(
      { flow, traceparent, pipeline },
      async (span, parent) => {
        const id = await send(parent);
        span?.setAttributes({ [ATTR.MESSAGE]: id, [ATTR.CONVERSATION]: id });
        return id;
      },
    );
  }

  /**
   * Traces the submission of many flows, by one span.
   *
   * @param count How many there are.
   * @param send Submits, with the given trace context.
   * @returns The ids of the flows.
   */
  submitMany(
    submitted: Submitted,
    count: number,
    send: (traceparent: string | undefined) => Promise<string[]>,
  ): Promise<string[]> {
    return this.#trace(submitted, (span, parent) => {
      span?.setAttribute(ATTR.COUNT, count);
      return send(parent);
    });
  }

  #trace<T>(
    { flow, traceparent, pipeline }: Submitted,
    send: (span: Span | undefined, parent: string | undefined) => Promise<T>,
  ): Promise<T> {
    const tracing = this.#tracing;
    if (!tracing.isOn) return send(undefined, traceparent);
    const span = tracing.begin(SUBMIT, flow, {
      parent: traceparent === undefined ? undefined : tracing.read(traceparent),
      attributes: serverOf(pipeline),
    });
    return tracing.during(
      span,
      () => send(span, tracing.write(span) ?? traceparent),
    );
  }
}

function serverOf(address = ""): Record<string, string | number> {
  const { host, port } = splitTcp(address)?.target ?? {};
  return !host || !isPortNumber(port) ? {} : {
    [ATTR.SERVER]: formatHostPort(host, undefined),
    [ATTR.PORT]: Number(port),
  };
}
