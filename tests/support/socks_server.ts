/**
 * Test support. A SOCKS5 proxy over `node:net` (RFC 1928, RFC 1929): it really
 * connects. Or it sends given bytes instead, to see what that does.
 *
 * @module
 */
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "./harness.ts";

/** How the proxy behaves. */
export interface SocksServerOptions {
  /** Who may use it; absent for everybody. */
  readonly login?: readonly [username: string, password: string];
  /** Addresses of names, which it alone knows. */
  readonly names?: Readonly<Record<string, string>>;
  /** Sent instead of an answer to the first, second, … thing that the client says. */
  readonly script?: readonly (readonly number[] | "hang up")[];
  /** Sends its answers byte by byte. */
  readonly isSlow?: boolean;
}

/** A proxy at work. */
export interface SocksServer {
  /** `host:port`, for the option `socksProxy`. */
  readonly address: string;
  /** What it was asked to connect to, in order: `type host:port`. */
  readonly requests: readonly string[];
  /** Closes all connections that it has made. */
  dropAll(): void;
}

/** Starts a proxy that ends with the test. */
export async function socksServer(
  t: TestContext,
  options: SocksServerOptions = {},
): Promise<SocksServer> {
  const requests: string[] = [];
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    track(socket);
    void serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const dropAll = () => {
    for (const socket of open) socket.destroy();
  };
  t.cleanup(async () => {
    dropAll();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { port: number };
  return { address: `127.0.0.1:${port}`, requests, dropAll };

  function track(socket: Socket): void {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  }

  async function serve(socket: Socket): Promise<void> {
    const script = [...options.script ?? []];
    const say = async (...answer: number[]) => {
      const scripted = script.shift();
      if (scripted === "hang up") return void socket.destroy();
      const bytes = Uint8Array.from(scripted ?? answer);
      if (!options.isSlow) return void socket.write(bytes);
      for (const byte of bytes) {
        socket.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const read = reader(socket);
    try {
      const [, count] = await read(2);
      const methods = [...await read(count!)];
      const method = options.login === undefined ? 0 : 2;
      await say(5, methods.includes(method) ? method : 0xff);
      if (method === 2) {
        const name = String.fromCharCode(...await read((await read(2))[1]!));
        const secret = String.fromCharCode(...await read((await read(1))[0]!));
        const isRight = name === options.login![0] &&
          secret === options.login![1];
        await say(1, isRight ? 0 : 1);
        if (!isRight) return void socket.end();
      }
      const [, , , type] = await read(4);
      const size = type === 1 ? 4 : type === 4 ? 16 : (await read(1))[0]!;
      const raw = [...await read(size)];
      const asked = type === 1
        ? raw.join(".")
        : type === 3
        ? String.fromCharCode(...raw)
        : raw.map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const [high, low] = await read(2);
      const port = high! << 8 | low!;
      requests.push(`${type} ${asked}:${port}`);
      if (script.length > 0) return void await say();
      const host = options.names?.[asked] ?? (type === 4 ? "::1" : asked);
      const target = connect({ host, port, noDelay: true });
      track(target);
      target.once("error", () => void say(5, 5, 0, 1, 0, 0, 0, 0, 0, 0));
      target.once("connect", async () => {
        // An address of the longest kind, as if the proxy had a long name.
        await say(5, 0, 0, 3, 255, ...new Array(255).fill(120), 1, 2);
        socket.on("close", () => target.destroy());
        target.on("close", () => socket.destroy());
        socket.pipe(target).pipe(socket);
      });
    } catch {
      socket.destroy(); // the client has gone
    }
  }
}

/** Reads an exact number of bytes from a socket. */
function reader(socket: Socket): (size: number) => Promise<Uint8Array> {
  return (size) =>
    new Promise((resolve, reject) => {
      const attempt = () => {
        const bytes = size === 0
          ? new Uint8Array(0)
          : socket.read(size) as Uint8Array | null;
        if (bytes === null) return;
        settle();
        resolve(bytes);
      };
      const onEnd = () => {
        settle();
        reject(new Error("the client has gone"));
      };
      const settle = () => {
        socket.off("readable", attempt).off("end", onEnd).off("close", onEnd);
      };
      socket.on("readable", attempt).on("end", onEnd).on("close", onEnd);
      attempt();
    });
}
