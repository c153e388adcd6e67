/**
 * Example: espresso. What a proxy between publishers and subscribers passes on,
 * as records to read. The capture is a PAIR: it misses nothing, and holds the
 * proxy up when nobody reads. Where the proxy must never wait and the trace may
 * have holes, take a PUB instead.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";

/** One thing that went through the proxy. */
export interface TraceRecord {
  readonly kind: "subscribe" | "unsubscribe" | "message";
  readonly topic: string;
  /** What follows the topic in a message. */
  readonly body: zmq.Message;
}

/** Two ends: give `capture` to a proxy, and read the records here. */
export class Trace implements AsyncDisposable {
  /** What the proxy writes to. */
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

/** The capture does not tell directions: one frame that begins with 0 or 1 is a subscription. */
function read([first, ...body]: zmq.Message): TraceRecord {
  const byte = first![0];
  if (body.length > 0 || byte === undefined || byte > 1) {
    return { kind: "message", topic: `${first}`, body };
  }
  const kind = byte === 1 ? "subscribe" : "unsubscribe";
  return { kind, topic: new TextDecoder().decode(first!.subarray(1)), body };
}
