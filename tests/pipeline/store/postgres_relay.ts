/**
 * Test support. A TCP relay before a server, which can lose a request or its
 * answer together with the connection.
 *
 * @module
 */
import { connect, createServer, type Server, type Socket } from "node:net";

/** A relay to a port at 127.0.0.1. */
export class Relay implements AsyncDisposable {
  /** Its own port. */
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets: Set<Socket> = new Set();
  /**
   * What happens to the next request: it and its connection are lost
   * (`"request"`), its answer is lost (`"answer"`), or it arrives only once
   * `deliver` is called, long after its connection was lost (`"late"`).
   */
  lose: "nothing" | "request" | "answer" | "late" | "silence" = "nothing";
  /** Whether new connections are closed at once. */
  isDown = false;
  /** Whether nothing passes any more, as when a network is cut. */
  isFrozen = false;
  #late: (() => Promise<void>) | undefined;

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on("connection", (client) => this.#relay(client));
  }

  /** Starts one. */
  static async create(target: number): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve())
    );
    const { port } = server.address() as { port: number };
    return new Relay(server, port, target);
  }

  /** How many connections go through it. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Delivers what is late, and waits for the server's answer. */
  async deliver(): Promise<void> {
    await this.#late?.();
  }

  #relay(client: Socket): void {
    if (this.isDown) {
      client.destroy();
      return;
    }
    const server = connect(this.#target, "127.0.0.1");
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
    }
    let isCut = false;
    let isMute = false;
    client.on("data", (request) => {
      if (this.isFrozen) return;
      const { lose } = this;
      this.lose = "nothing";
      if (lose === "request") {
        client.destroy();
        return;
      }
      if (lose === "silence") isMute = true;
      if (lose === "answer") isCut = true;
      if (lose !== "late") {
        server.write(request);
        return;
      }
      isCut = true;
      this.#late = () =>
        new Promise((resolve) => {
          server.once("data", () => resolve());
          server.write(request);
        });
      client.destroy();
    });
    server.on("data", (answer) => {
      if (isCut) client.destroy();
      else if (!isMute) client.write(answer);
    });
    client.on("close", () => isCut || server.destroy());
    server.on("close", () => client.destroy());
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
