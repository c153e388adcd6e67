/**
 * Test support. A TCP relay between two peers that reports what passes, replaces
 * it if asked to, and can fall silent as a network does
 * that has lost its route: nothing passes, nothing is closed.
 *
 * @module
 */
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * Called with each piece of data; what it returns, if anything, is passed on in its
 * place.
 *
 * @param isClient whether the connecting side sent it
 * @param offset how many bytes that side has sent before on this connection
 */
export type RelayListener = (
  chunk: Uint8Array,
  isClient: boolean,
  offset: number,
) => Uint8Array | void;

/** Relays connections to one endpoint. */
export class Relay implements AsyncDisposable {
  /** Where clients connect to. */
  readonly endpoint: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  readonly #silent: WeakSet<Socket> = new WeakSet();
  readonly #closed: Promise<void>[] = [];
  #bytesPerSecond = Infinity;

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.endpoint = `tcp://${host}:${port}`;
  }

  /**
   * Starts to relay to `target`, such as `tcp://127.0.0.1:5555`.
   *
   * @param host Where it listens.
   * @param port There; any, if it is 0.
   */
  static start(
    target: string,
    onData: RelayListener,
    host = "127.0.0.1",
    port = 0,
  ): Promise<Relay> {
    const server = createServer();
    return new Promise((resolve) => {
      server.listen(port, host, () => {
        const relay = new Relay(
          server,
          host,
          (server.address() as { port: number }).port,
        );
        server.on(
          "connection",
          (client) => relay.#join(client, target, onData),
        );
        resolve(relay);
      });
    });
  }

  /** From now on nothing passes on the connections there are; new ones are relayed. */
  silence(): void {
    for (const socket of this.#sockets) {
      this.#silent.add(socket);
      // Read on and drop: a full buffer would be noticed sooner than silence.
      socket.removeAllListeners("data").resume();
    }
  }

  /** From now on no more than so many bytes pass each way in a second, on each connection that is made. */
  slowDown(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#closed);
    await closed;
  }

  #join(client: Socket, target: string, onData: RelayListener): void {
    const server = connect(Number(target.split(":").at(-1)), "127.0.0.1");
    this.#pipe(client, server, (chunk, at) => onData(chunk, true, at));
    this.#pipe(server, client, (chunk, at) => onData(chunk, false, at));
  }

  #pipe(
    from: Socket,
    to: Socket,
    onData: (chunk: Uint8Array, offset: number) => Uint8Array | void,
  ): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    let offset = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    from.on("data", (chunk: Uint8Array) => {
      to.write(onData(chunk, offset) ?? chunk);
      offset += chunk.byteLength;
      const tookMs = chunk.byteLength / this.#bytesPerSecond * 1000;
      if (tookMs === 0) return;
      from.pause();
      timer = setTimeout(() => from.resume(), tookMs);
    });
    from.on("error", () => {}); // its "close" follows
    this.#closed.push(
      new Promise((resolve) =>
        from.on("close", () => {
          clearTimeout(timer);
          this.#sockets.delete(from);
          if (!this.#silent.has(from)) to.destroy();
          resolve();
        })
      ),
    );
  }
}
