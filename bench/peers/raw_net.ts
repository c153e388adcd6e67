/**
 * Benchmark peer over node:net and nothing else: what the runtime itself takes
 * for a round trip and for a connection.
 *
 * @module
 */
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { answer, Orders, percentiles, play, settledMemory } from "./support.ts";

const BATCH = 50;

/** Takes connections, echoes what comes, and ends when the suite says so. */
async function echo(): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) =>
    server.listen({ host: "127.0.0.1", port: 0, backlog: 511 }, resolve)
  );
  answer({
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
    answer({ ready: true, memory: await settledMemory() - before });
    while (await orders.next() !== "stop");
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
