/**
 * Example `ffmpeg`: reads what ffmpeg writes to `zmq:ADDRESS`, and feeds another
 * one that reads from there.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";

/** What an ffmpeg takes of a message; it cuts the rest off without a word (`-pkt_size`). */
const MOST_BYTES = 131_072;

/**
 * Reads a stream: ffmpeg is a publisher that is bound. There is no sign for the
 * end of a stream; silence for that long counts as one.
 */
export async function* readStream(
  address: string,
  silenceMs: number,
): AsyncGenerator<Uint8Array> {
  await using subscriber = new zmq.Subscriber({
    receiveTimeout: silenceMs,
    // Who reads too slowly loses messages: they are kept here, if not there.
    receiveHighWaterMark: 0,
  });
  subscriber.subscribe("");
  subscriber.connect(address);
  try {
    for (;;) yield (await subscriber.receive())[0]!;
  } catch (error: unknown) {
    if ((error as { code?: string }).code !== "EAGAIN") throw error;
  }
}

/** A publisher to which an ffmpeg connects, with its `-i zmq:ADDRESS`. */
export class StreamFeed implements AsyncDisposable {
  // `noDrop`: a stream with a gap is broken. Better to wait for ffmpeg.
  readonly #socket = new zmq.XPublisher({ noDrop: true, linger: 0 });

  /** Binds. */
  async open(address: string): Promise<void> {
    await this.#socket.bind(address);
  }

  /** Waits until an ffmpeg has subscribed: what is sent before is dropped. */
  async reader(): Promise<void> {
    await this.#socket.receive();
  }

  /** Sends a piece of the stream. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += MOST_BYTES) {
      await this.#socket.send(bytes.subarray(at, at + MOST_BYTES));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
  }
}
