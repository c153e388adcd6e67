/**
 * Benchmark peer over node:net and nothing else: what the runtime itself takes
 * for a stream of bytes, for a round trip and for a connection.
 *
 * @module
 */
import {
  type AddressInfo,
  connect,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { answer, Orders, percentiles, play, settledMemory } from "./support.ts";

const BATCH = 50;
/** As much is written at a time, as the engine does. */
const WRITE_BYTES = 65536;

/** Listens, and says where. */
async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ noDelay: true }, onConnection);
  await new Promise<void>((resolve) =>
    server.listen({ host: "127.0.0.1", port: 0, backlog: 511 }, resolve)
  );
  const { port } = server.address() as AddressInfo;
  answer({ endpoint: `tcp://127.0.0.1:${port}` });
  return server;
}

/** Takes connections, echoes what comes, and ends when the suite says so. */
async function echo(): Promise<void> {
  const sockets = new Set<Socket>();
  const server = await listen((socket) => {
    sockets.add(socket);
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  const orders = new Orders();
  while (await orders.next() !== "stop") {
    answer({ memory: await settledMemory() });
  }
  orders.close();
  for (const socket of sockets) socket.destroy();
  server.close();
}

await play({
  /** As `pull` and `push` of the engine, but the bytes have no frames. */
  async pull(args) {
    const size = args.number("size");
    const [warm, count] = [args.number("warm"), args.number("count")];
    const socket = await new Promise<Socket>((resolve) => {
      const server = listen(async (socket) => {
        resolve(socket);
        (await server).close();
      });
    });
    let [received, expected, resolve] = [0, 0, () => {}];
    socket.on("data", (chunk) => {
      received += chunk.byteLength;
      if (received >= expected) resolve();
    });
    const come = (count: number) =>
      new Promise<void>((done) => {
        expected += count * size;
        if (received >= expected) done();
        else resolve = done;
      });
    await come(warm);
    const start = performance.now();
    await come(count - warm);
    answer({ ms: performance.now() - start });
    socket.destroy();
  },

  async push(args) {
    const socket = await open(args.text("connect"));
    const size = args.number("size");
    const each = Math.max(1, Math.floor(WRITE_BYTES / size));
    const chunk = new Uint8Array(each * size).fill(97);
    let before = Promise.resolve();
    for (let left = args.number("count"); left > 0; left -= each) {
      const written = new Promise<void>((resolve) =>
        socket.write(chunk, () => resolve())
      );
      await before; // one is under way while the next waits
      before = written;
    }
    await new Promise<void>((resolve) => socket.end(resolve));
  },

  rep: echo,
  router: echo,

  async req(args) {
    const socket = await open(args.text("connect"));
    const size = args.number("size");
    const question = new Uint8Array(size).fill(97);
    let [missing, resolve] = [0, () => {}];
    socket.on("data", (chunk) => {
      missing -= chunk.byteLength;
      if (missing === 0) resolve();
    });
    const times: number[] = [];
    for (let i = -args.number("warm"); i < args.number("count"); i++) {
      const start = performance.now();
      const answered = new Promise<void>((done) => resolve = done);
      missing = size;
      socket.write(question);
      await answered;
      if (i >= 0) times.push((performance.now() - start) * 1000);
    }
    answer(percentiles(times));
    socket.destroy();
  },

  async dealers(args) {
    const orders = new Orders();
    await orders.next();
    const before = await settledMemory();
    const sockets: Socket[] = [];
    const endpoint = args.text("connect");
    for (let left = args.number("peers"); left > 0; left -= BATCH) {
      const batch = await Promise.all(
        Array.from({ length: Math.min(BATCH, left) }, () => greeted(endpoint)),
      );
      sockets.push(...batch);
    }
    answer({ ready: true });
    while (await orders.next() !== "stop") {
      answer({ memory: await settledMemory() - before });
    }
    orders.close();
    for (const socket of sockets) socket.destroy();
  },
});

function open(endpoint: string): Promise<Socket> {
  const { hostname: host, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), noDelay: true });
    socket.once("error", reject).once("connect", () => resolve(socket));
  });
}

/** A connection over which one message has gone forth and back. */
async function greeted(endpoint: string): Promise<Socket> {
  const socket = await open(endpoint);
  await new Promise<void>((resolve) => {
    socket.on("data", () => resolve());
    socket.write("hello");
  });
  return socket;
}
