/**
 * Test support. A peer that the test controls: connects or listens, sends any
 * bytes, and reports what came and when its connection was closed. It knows
 * no protocol but for reading frames; what is sent is the test's business.
 *
 * @module
 */
import {
  connect as connectSocket,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { within } from "./deadline.ts";
import { bytes, handshake, LONG } from "./peers/zmtp_bytes.ts";

const DEADLINE_MS = 5000;

/** A frame as it came. */
export interface FakeFrame {
  readonly flags: number;
  readonly body: Uint8Array;
}

/** How a fake peer behaves. */
export interface FakeOptions {
  /** Whether it reads what comes; if not, its buffers fill and it sees no end. Default true. */
  readonly isReading?: boolean;
  /** Whether it leaves its own direction open when the other side ends. Default false. */
  readonly isHalfOpen?: boolean;
}

/** One end of a raw connection. */
export class FakePeer implements AsyncDisposable {
  /** Resolves when the connection is gone, however it went. */
  readonly closed: Promise<void>;
  /** The code of the error that the connection ended with. */
  errorCode: string | undefined;
  readonly #socket: Socket;
  #received: Uint8Array[] = [];
  #size = 0;
  #isClosed = false;
  #wake: () => void = () => {};

  /** Use {@link FakePeer.connect} or {@link FakeListener.accept}. */
  constructor(socket: Socket, { isReading = true }: FakeOptions = {}) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", (error: Error & { code?: string }) => {
      this.errorCode = error.code;
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
    if (isReading) this.startReading();
  }

  /** Connects to an endpoint, `tcp://…` or `ipc://…`. */
  static connect(
    endpoint: string,
    options: FakeOptions = {},
  ): Promise<FakePeer> {
    const { isHalfOpen = false } = options;
    return new Promise((resolve, reject) => {
      const socket = connectSocket({
        ...addressOf(endpoint),
        allowHalfOpen: isHalfOpen,
      });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new FakePeer(socket, options));
      });
    });
  }

  /** Begins to read, and to notice the other side's end. */
  startReading(): void {
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#received.push(chunk);
      this.#size += chunk.byteLength;
      this.#wake();
    });
  }

  /** Sends; resolves once the system has taken the bytes, rejects if it did not. */
  send(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(
        bytes(data),
        (error) => error ? reject(error) : resolve(),
      );
    });
  }

  /** Does its part of the handshake, and reads the engine's: greeting and READY. */
  async shakeHands(socketType: string, identity = ""): Promise<FakeFrame> {
    await this.send(handshake(socketType, identity));
    await this.read(64);
    return await this.readFrame();
  }

  /** Takes the next `size` bytes. */
  async read(size: number): Promise<Uint8Array> {
    await this.waitFor(size);
    const all = bytes(...this.#received);
    this.#received = [all.subarray(size)];
    this.#size -= size;
    return all.slice(0, size);
  }

  /** Waits until `size` bytes have arrived that have not been read, and leaves them unread. */
  async waitFor(size: number): Promise<void> {
    await this.#until(() => this.#size >= size, `${size} bytes`);
  }

  /** Takes the next frame. */
  async readFrame(): Promise<FakeFrame> {
    const [flags] = await this.read(1) as unknown as [number];
    const isLong = (flags & LONG) !== 0;
    const size = await this.read(isLong ? 8 : 1);
    const view = new DataView(size.buffer, size.byteOffset, size.byteLength);
    return {
      flags,
      body: await this.read(isLong ? Number(view.getBigUint64(0)) : size[0]!),
    };
  }

  /** How many bytes arrived that have not been read. */
  get unread(): number {
    return this.#size;
  }

  /** Whether the connection is gone. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends in order: a FIN behind what was sent. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks the connection: a RST, of which the other side sees an error. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Closes the connection at once; safe to call again. */
  async close(): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      if (this.#isClosed) {
        throw new Error(`The connection was closed before ${what} came`);
      }
      await within(
        new Promise<void>((resolve) => this.#wake = resolve),
        DEADLINE_MS,
        `${what} from the engine`,
      );
    }
  }
}

/** An address that fake peers answer at. */
export class FakeListener implements AsyncDisposable {
  /** Where it listens. */
  readonly endpoint: string;
  readonly #server: Server;
  readonly #peers: Set<FakePeer> = new Set();
  readonly #accepted: FakePeer[] = [];
  #wake: () => void = () => {};

  private constructor(server: Server, endpoint: string, options: FakeOptions) {
    this.#server = server;
    this.endpoint = endpoint;
    server.on("connection", (socket) => {
      const peer = new FakePeer(socket, options);
      this.#peers.add(peer);
      this.#accepted.push(peer);
      this.#wake();
    });
  }

  /** Listens on a free port, or at an `ipc://` path. */
  static listen(
    endpoint = "tcp://127.0.0.1:0",
    options: FakeOptions = {},
  ): Promise<FakeListener> {
    const { isHalfOpen = false } = options;
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: isHalfOpen });
      server.once("error", reject);
      server.listen(addressOf(endpoint), () => {
        const address = server.address();
        const real = address === null || typeof address === "string"
          ? endpoint
          : `tcp://${address.address}:${address.port}`;
        resolve(new FakeListener(server, real, options));
      });
    });
  }

  /** The next connection. */
  async accept(): Promise<FakePeer> {
    while (this.#accepted.length === 0) {
      await within(
        new Promise<void>((resolve) => this.#wake = resolve),
        DEADLINE_MS,
        "a connection of the engine",
      );
    }
    return this.#accepted.shift()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await Promise.all([...this.#peers].map((peer) => peer.close()));
    await closed;
  }
}

function addressOf(
  endpoint: string,
): { host: string; port: number } | { path: string } {
  const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(endpoint);
  return tcp
    ? { host: tcp[1]!, port: Number(tcp[2]) }
    : { path: endpoint.slice("ipc://".length) };
}
