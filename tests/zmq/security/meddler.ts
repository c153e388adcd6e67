/**
 * Test support. Somebody in the middle of TCP connections, who passes on frame
 * by frame what the two sides say, as it is or altered.
 *
 * @module
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Alter, FrameStream } from "./frame_stream.ts";

/** What to do with the frames of each direction. */
export interface MeddlerOptions {
  readonly toServer?: Alter;
  readonly toClient?: Alter;
}

/** Both directions of one connection. */
export interface Meddled {
  readonly toServer: FrameStream;
  readonly toClient: FrameStream;
}

/** Stands between clients and one endpoint. */
export class Meddler implements AsyncDisposable {
  /** Where clients connect to. */
  readonly endpoint: string;
  /** The connections so far. */
  readonly connections: Meddled[] = [];
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as { port: number };
    this.endpoint = `tcp://127.0.0.1:${port}`;
  }

  /** Begins to listen. @param target The real endpoint, `tcp://127.0.0.1:…`. */
  static start(target: string, options: MeddlerOptions = {}): Promise<Meddler> {
    const server = createServer();
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const meddler = new Meddler(server);
        server.on("connection", (client) => {
          const port = Number(target.split(":").at(-1));
          meddler.#join(client, connect(port, "127.0.0.1"), options);
        });
        resolve(meddler);
      });
    });
  }

  /** Breaks the connections there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const all = [...this.#sockets].map((socket) =>
      new Promise((resolve) => socket.once("close", resolve))
    );
    this.cut();
    await Promise.all([closed, ...all]);
  }

  #join(client: Socket, server: Socket, options: MeddlerOptions): void {
    const toServer = new FrameStream(options.toServer);
    const toClient = new FrameStream(options.toClient);
    this.connections.push({ toServer, toClient });
    this.#pipe(client, server, toServer);
    this.#pipe(server, client, toClient);
  }

  #pipe(from: Socket, to: Socket, stream: FrameStream): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk: Uint8Array) => {
      const passed = stream.pass(new Uint8Array(chunk));
      if (passed.byteLength > 0) to.write(passed);
    });
    from.on("error", () => {}); // its "close" follows
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
