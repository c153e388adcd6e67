/**
 * Benchmark peer over jszmq, the port of ZeroMQ for browsers, in Node.
 *
 * @module
 */
import { createRequire } from "node:module";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { Counted, report } from "./counted.ts";
import { answer, Orders, pause, play } from "./support.ts";

interface Socket {
  bind(address: string): Promise<void>;
  connect(address: string): void;
  on(event: "message", listener: () => void): void;
  send(message: Uint8Array): void;
}
interface Jszmq {
  socket(type: "pull" | "push"): Socket;
}

const jszmq: Jszmq = createRequire(import.meta.url)("jszmq");

/** It has no backpressure, so after so many bytes the event loop gets a turn. */
const EACH_BYTES = 65_536;

await play({
  async pull(args) {
    const address = `ws://127.0.0.1:${await freePort()}/bench`;
    const socket = jszmq.socket("pull");
    const counted = new Counted();
    socket.on("message", () => counted.message());
    await socket.bind(address);
    answer({ endpoint: address });
    await report(counted, args);
    process.exit(0);
  },

  async push(args) {
    const socket = jszmq.socket("push");
    socket.connect(args.text("connect"));
    const size = args.number("size");
    const message = Buffer.alloc(size, 97);
    const each = Math.max(1, Math.floor(EACH_BYTES / size));
    for (let sent = 0; sent < args.number("count"); sent++) {
      if (sent % each === 0) await pause();
      socket.send(message);
    }
    const orders = new Orders();
    await orders.next();
    process.exit(0);
  },
});

/** It cannot choose one itself. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
