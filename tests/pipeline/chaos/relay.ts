/**
 * Test support. A cable that can be cut: passes TCP connections on, as long as
 * it is let. Connections belong to cables; what is done is done to all
 * connections of one.
 *
 * @module
 */
import { connect, createServer, type Server, type Socket } from "node:net";

/** A host and a port. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

interface Cable {
  readonly servers: Map<string, Server>;
  readonly sockets: Set<Socket>;
  isRefusing: boolean;
  isStalled: boolean;
}

/** Passes connections on. */
export class Relay implements AsyncDisposable {
  readonly #cables: Map<string, Cable> = new Map();

  /**
   * Listens, and passes on what comes.
   *
   * @param from Port 0 is any.
   * @param to Port 0 is the one on which it listens.
   * @returns The port on which it listens.
   */
  async open(cable: string, from: Place, to: Place): Promise<number> {
    const it = this.#cable(cable);
    const server = createServer(
      { pauseOnConnect: true, noDelay: true },
      (socket) =>
        this.#pass(it, socket, { ...to, port: to.port || portOf(server) }),
    );
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(from.port, from.host, resolve);
    });
    const port = portOf(server);
    it.servers.set(`${from.host}:${port}`, server);
    return port;
  }

  /** Listens there no more. */
  close(cable: string, { host, port }: Place): void {
    const { servers } = this.#cable(cable);
    servers.get(`${host}:${port}`)?.close();
    servers.delete(`${host}:${port}`);
  }

  /** Destroys all connections; new ones can be made at once. Returns how many there were. */
  cut(cable: string): number {
    const { sockets } = this.#cable(cable);
    const count = sockets.size;
    for (const socket of [...sockets]) socket.destroy();
    return count;
  }

  /** Destroys all connections, and every new one; or does that no more. */
  refuse(cable: string, isRefusing: boolean): void {
    this.#cable(cable).isRefusing = isRefusing;
    if (isRefusing) this.cut(cable);
  }

  /** Lets connections be, and lets nothing pass; or lets it pass again. */
  stall(cable: string, isStalled: boolean): void {
    const it = this.#cable(cable);
    it.isStalled = isStalled;
    for (const socket of it.sockets) {
      if (isStalled) socket.pause();
      else socket.resume();
    }
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closing = [...this.#cables].flatMap(([name, { servers }]) => {
      this.refuse(name, true);
      return [...servers.values()].map((server) =>
        new Promise((resolve) => server.close(resolve))
      );
    });
    await Promise.all(closing);
  }

  #cable(name: string): Cable {
    let cable = this.#cables.get(name);
    if (cable === undefined) {
      cable = {
        servers: new Map(),
        sockets: new Set(),
        isRefusing: false,
        isStalled: false,
      };
      this.#cables.set(name, cable);
    }
    return cable;
  }

  #pass(cable: Cable, socket: Socket, to: Place): void {
    if (cable.isRefusing) {
      socket.destroy();
      return;
    }
    const other = connect({ ...to, noDelay: true });
    for (const [one, its] of [[socket, other], [other, socket]] as const) {
      cable.sockets.add(one);
      one.on("data", (bytes) => {
        if (!its.write(bytes)) one.pause();
      });
      one.on("drain", () => {
        if (!cable.isStalled) its.resume();
      });
      one.on("error", () => {}); // "close" follows
      one.on("close", () => {
        cable.sockets.delete(one);
        its.destroySoon(); // what has come still arrives
      });
    }
    if (cable.isStalled) other.pause();
    else socket.resume();
  }
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}
