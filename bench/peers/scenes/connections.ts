/**
 * Benchmark peers. Many connections at one bound socket: what each costs in
 * memory, and what a message costs when there are many.
 *
 * @module
 */
import type { Library } from "../library.ts";
import {
  answer,
  type Arguments,
  Orders,
  pause,
  type Scene,
  settledMemory,
} from "../support.ts";

/** So many connections are made at a time: the backlog of libzmq is 100. */
const BATCH = 50;
/** So many messages are on their way at a time. */
const WINDOW = 64;

/**
 * `router bind=`: echoes; on `memory` it prints that, on `stop` it ends.
 * `dealers connect= peers=`: connects, one echo each; on a number it times so
 * many echoes, on `memory` it prints what its sockets take.
 */
export function connectionScenes(zmq: Library): Record<string, Scene> {
  return { router, dealers };

  async function router(args: Arguments): Promise<void> {
    const socket = new zmq.Router();
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    const orders = new Orders();
    let isOver = false;
    const echo = async () => {
      while (!isOver) {
        try {
          await socket.send(await socket.receive());
        } catch (error) {
          if (!isOver) throw error;
        }
      }
    };
    const echoing = echo();
    while (await orders.next() !== "stop") {
      answer({ memory: await settledMemory() });
    }
    isOver = true;
    orders.close();
    await socket.close();
    await echoing;
  }

  async function dealers(args: Arguments): Promise<void> {
    const orders = new Orders();
    await orders.next();
    const before = await settledMemory();
    const sockets: InstanceType<Library["Dealer"]>[] = [];
    for (let left = args.number("peers"); left > 0;) {
      const batch = Array.from(
        { length: Math.min(BATCH, left) },
        () => new zmq.Dealer(),
      );
      left -= batch.length;
      sockets.push(...batch);
      await Promise.all(batch.map(async (socket) => {
        socket.connect(args.text("connect"));
        await socket.send("hello");
        await socket.receive();
      }));
    }
    answer({ ready: true });
    for (;;) {
      const order = await orders.next();
      if (order === "stop") break;
      if (order === "memory") {
        answer({ memory: await settledMemory() - before });
      } else answer({ ms: await echoes(sockets, Number(order)) });
    }
    orders.close();
    await Promise.all(sockets.map((socket) => socket.close()));
  }

  async function echoes(
    sockets: InstanceType<Library["Dealer"]>[],
    count: number,
  ): Promise<number> {
    let [next, left] = [0, count];
    const message = new Uint8Array(64).fill(97);
    const start = performance.now();
    // Each worker has sockets of its own, and goes through all of them.
    const workers = Math.min(WINDOW, sockets.length);
    await Promise.all(Array.from({ length: workers }, async (_, i) => {
      for (let at = i; left > 0; at += workers) {
        if (at >= sockets.length) at = i;
        left--;
        const socket = sockets[at]!;
        await socket.send(message);
        await socket.receive();
        if (++next % 1024 === 0) await pause();
      }
    }));
    return performance.now() - start;
  }
}
