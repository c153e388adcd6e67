/**
 * Benchmark peer over the library ws and nothing else: what a WebSocket takes
 * for binary messages, without ZeroMQ. It is the ws that jszmq brings along.
 *
 * @module
 */
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Counted, report } from "./counted.ts";
import process from "node:process";
import { answer, play } from "./support.ts";

interface Socket {
  readonly bufferedAmount: number;
  send(message: Uint8Array, done?: () => void): void;
  on(event: string, listener: () => void): void;
  close(): void;
}
interface Server {
  address(): AddressInfo;
  on(event: string, listener: (socket: Socket) => void): void;
  close(): void;
}
type Ws = (new (address: string) => Socket) & {
  readonly Server: new (options: object) => Server;
};

const require = createRequire(import.meta.url);
const WebSocket: Ws = createRequire(require.resolve("jszmq"))("ws");

/** So much may wait to be written. */
const MOST_BYTES = 1024 * 1024;

await play({
  async pull(args) {
    const server = new WebSocket.Server({
      host: "127.0.0.1",
      port: 0,
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve) =>
      server.on("listening", () => resolve())
    );
    const counted = new Counted();
    server.on("connection", (socket) => {
      socket.on("message", () => counted.message());
    });
    answer({ endpoint: `ws://127.0.0.1:${server.address().port}` });
    await report(counted, args);
    server.close();
    process.exit(0); // its connections would go on
  },

  async push(args) {
    const socket = new WebSocket(args.text("connect"));
    await new Promise<void>((resolve) => socket.on("open", resolve));
    const message = new Uint8Array(args.number("size")).fill(97);
    for (let left = args.number("count"); left > 0; left--) {
      if (socket.bufferedAmount < MOST_BYTES) socket.send(message);
      else await new Promise<void>((done) => socket.send(message, done));
    }
    await new Promise<void>((resolve) => socket.on("close", resolve));
  },
});
