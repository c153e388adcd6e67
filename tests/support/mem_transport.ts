/**
 * Test support. The transport `mem://name`: wires over pairs of TransformStreams
 * within the process, with nothing of the operating system beneath. It shows
 * what a transport has to do, and does all of it: backpressure, an orderly end,
 * an address that is in use, one where nothing listens.
 *
 * @module
 */
import { copyOf } from "../../src/zmq/bytes.ts";
import { restOf } from "../../src/zmq/endpoint.ts";
import { ZmqError } from "../../src/zmq/errors.ts";
import type {
  Listener,
  Transport,
  Wire,
  WireHandler,
} from "../../src/zmq/transport/wire.ts";

/** A wire over two streams. */
class StreamWire implements Wire {
  readonly remoteAddress: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Resolves when delivery may go on; undefined while it may. */
  #paused: { promise: Promise<void>; resolve: () => void } | undefined;
  #isDestroyed = false;

  constructor(
    readable: ReadableStream<Uint8Array>,
    writable: WritableStream<Uint8Array>,
    remoteAddress: string,
  ) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {}); // the write itself rejects
    this.remoteAddress = remoteAddress;
  }

  start(handler: WireHandler): void {
    this.#deliver(handler).then(
      () => handler.wireClosed(undefined),
      (error: Error) => handler.wireClosed(error),
    ).finally(() => this.destroy());
  }

  async #deliver(handler: WireHandler): Promise<void> {
    for (;;) {
      await this.#paused?.promise;
      const { value, done } = await this.#reader.read();
      await this.#paused?.promise;
      if (done || this.#isDestroyed) return;
      handler.wireData(value);
    }
  }

  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
    progressed?: (size: number) => void,
  ): void {
    const writeAll = async () => {
      for (const chunk of chunks) {
        // Its memory is used again once it is written: the stream gets a copy.
        await this.#writer.write(copyOf(chunk));
        progressed?.(chunk.byteLength);
      }
    };
    writeAll().then(
      () => done(),
      (error) => done(error ?? new Error("The wire was closed")),
    );
  }

  pause(): void {
    if (this.#paused !== undefined) return;
    let resolve!: () => void;
    const promise = new Promise<void>((done) => resolve = done);
    this.#paused = { promise, resolve };
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  end(): void {
    this.resume();
    this.#writer.close().catch(() => {});
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.resume();
    this.#writer.abort().catch(() => {});
    this.#reader.cancel().catch(() => {});
  }
}

/** A new transport `mem`, with names of its own. */
export function memTransport(): Transport {
  const listeners = new Map<string, (wire: Wire) => void>();
  const fail = (code: string, address: string, why: string): never => {
    throw new ZmqError(code, `Cannot use "${address}": ${why}`, { address });
  };
  return {
    name: "mem",
    isAvailable: true,
    check(address) {
      if (restOf(address) === "") fail("EINVAL", address, "it has no name");
    },
    permit() {},
    // deno-lint-ignore require-await
    async connect(address) {
      const onWire = listeners.get(address);
      if (onWire === undefined) {
        return fail("ECONNREFUSED", address, "nothing listens there");
      }
      const [there, back] = [
        new TransformStream<Uint8Array, Uint8Array>(),
        new TransformStream<Uint8Array, Uint8Array>(),
      ];
      onWire(new StreamWire(there.readable, back.writable, address));
      return new StreamWire(back.readable, there.writable, address);
    },
    // deno-lint-ignore require-await
    async listen(address, _options, onWire): Promise<Listener> {
      const endpoint = restOf(address) === "*"
        ? `mem://${crypto.randomUUID()}`
        : address;
      if (listeners.has(endpoint)) fail("EADDRINUSE", address, "it is in use");
      listeners.set(endpoint, onWire);
      const close = () => {
        listeners.delete(endpoint);
        return Promise.resolve();
      };
      return { endpoint, close };
    },
  };
}
