/**
 * Layer: pipeline/telemetry. The spans of submissions: each is the parent of
 * all spans of its flow.
 *
 * @module
 */
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
    const tracing = this.#tracing;
    if (!tracing.isOn) return send(traceparent);
    const span = tracing.begin(SUBMIT, flow, {
      parent: traceparent === undefined ? undefined : tracing.read(traceparent),
      attributes: serverOf(pipeline),
    });
    return tracing.during(span, async () => {
      const id = await send(tracing.write(span) ?? traceparent);
      span.setAttributes({ [ATTR.MESSAGE]: id, [ATTR.CONVERSATION]: id });
      return id;
    });
  }
}

function serverOf(address = ""): Record<string, string | number> {
  const { host, port } = splitTcp(address)?.target ?? {};
  return !host || !isPortNumber(port) ? {} : {
    [ATTR.SERVER]: formatHostPort(host, undefined),
    [ATTR.PORT]: Number(port),
  };
}
