/**
 * Two ends of a TCP connection in this process, of which one sends back what it
 * gets: shows how long the event loop leaves I/O waiting.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** The end that asks. */
export interface EchoPair extends AsyncDisposable {
  /** Sends a byte; resolves once it is back. */
  exchange(): Promise<void>;
}

/** Connects the two. */
export async function echoPair(): Promise<EchoPair> {
  const far: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    far.push(socket);
    socket.on("data", (bytes) => socket.write(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  near.setNoDelay(true);
  await once(near, "connect");
  return {
    async exchange() {
      const answer = once(near, "data");
      near.write("x");
      await answer;
    },
    async [Symbol.asyncDispose]() {
      const all = [near, ...far];
      const closed = all.map((socket) => once(socket, "close"));
      for (const socket of all) socket.destroy();
      await Promise.all([...closed, new Promise((done) => server.close(done))]);
    },
  };
}

/** Blocks the event loop for so many milliseconds. */
export function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
