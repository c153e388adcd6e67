/**
 * Example: espresso. Records of everything that passes through a proxy between
 * publishers and subscribers. The capture is a PAIR: it misses nothing, and stops
 * the proxy if it is not read. If the proxy must never wait and the trace may
 * have gaps, use a PUB instead.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";

/** One message or subscription that passed through the proxy. */
export interface TraceRecord {
  readonly kind: "subscribe" | "unsubscribe" | "message";
  readonly topic: string;
  /** The frames after the topic. */
  readonly body: zmq.Message;
}

/** A trace: pass `capture` to a proxy, and iterate over the records. */
export class Trace implements AsyncDisposable {
  /** The socket that the proxy writes to. */
  readonly capture = new zmq.Pair({ linger: 0 });
  readonly #reader = new zmq.Pair();

  private constructor() {}

  /** Opens a trace. */
  static async open(): Promise<Trace> {
    const trace = new Trace();
    const address = `inproc://trace-${crypto.randomUUID()}`;
    await trace.#reader.bind(address);
    trace.capture.connect(address);
    return trace;
  }

  /** The records, until the trace is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TraceRecord> {
    for await (const frames of this.#reader) yield read(frames);
  }

  /** Closes both ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.capture.close(), this.#reader.close()]);
  }
}

/** The capture does not show directions: a single frame that begins with 0 or 1 is a subscription. */
function read([first, ...body]: zmq.Message): TraceRecord {
  const byte = first![0];
  if (body.length > 0 || byte === undefined || byte > 1) {
    return { kind: "message", topic: `${first}`, body };
  }
  const kind = byte === 1 ? "subscribe" : "unsubscribe";
  return { kind, topic: new TextDecoder().decode(first!.subarray(1)), body };
}
