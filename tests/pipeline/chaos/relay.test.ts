/** Unit: the relay of the chaos test passes on, cuts, refuses and stalls. */
import { assertEquals } from "@std/assert";
import { connect, createServer, type Socket } from "node:net";
import {
  deferred,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { Relay } from "./relay.ts";

const HOST = "127.0.0.1";

/** An echo behind a relay. */
async function open(t: TestContext): Promise<{ relay: Relay; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (bytes) => socket.write(bytes)).on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  const { promise, resolve } = deferred();
  server.listen(0, HOST, () => resolve());
  await promise;
  t.cleanup(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const relay: Relay = t.use(new Relay());
  const { port: to } = server.address() as { port: number };
  const from = { host: HOST, port: 0 };
  return { relay, port: await relay.open("a", from, { host: HOST, port: to }) };
}

class Peer {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #got: string[] = [];
  #arrived: () => void = () => {};

  constructor(t: TestContext, port: number) {
    this.#socket = connect({ port, host: HOST });
    const closed = deferred();
    this.closed = closed.promise;
    this.#socket.on("error", () => {}).on("close", () => closed.resolve());
    this.#socket.on("data", (bytes) => {
      this.#got.push(String(bytes));
      this.#arrived();
    });
    t.cleanup(async () => {
      this.#socket.destroy();
      await this.closed;
    });
  }

  /** What has come, without waiting. */
  get got(): readonly string[] {
    return this.#got;
  }

  /** Sends, and waits for the echo. */
  async ask(text: string): Promise<string> {
    const { promise, resolve } = deferred();
    this.#arrived = resolve;
    this.send(text);
    await within(promise, 5000, "an echo");
    return this.#got.pop()!;
  }

  send(text: string): void {
    this.#socket.write(text);
  }
}

test("a relay forwards both ways, and a cut closes both ends", async (t) => {
  const { relay, port } = await open(t);
  const peer = new Peer(t, port);
  assertEquals(await peer.ask("one"), "one");
  assertEquals(relay.cut("b"), 0);
  assertEquals(relay.cut("a"), 2); // both halves of it
  await within(peer.closed, 5000, "the end");
  assertEquals(await new Peer(t, port).ask("two"), "two");
});

test("a relay refuses connections until it accepts them again", async (t) => {
  const { relay, port } = await open(t);
  const before = new Peer(t, port);
  assertEquals(await before.ask("one"), "one");
  relay.refuse("a", true);
  await within(before.closed, 5000, "the end");
  await within(new Peer(t, port).closed, 5000, "a refusal");
  relay.refuse("a", false);
  assertEquals(await new Peer(t, port).ask("two"), "two");
});

test("a relay stalls: nothing passes, nothing is lost, nothing is closed", async (t) => {
  const { relay, port } = await open(t);
  const [here, there] = [new Peer(t, port), await open(t)];
  assertEquals(await here.ask("one"), "one");
  relay.stall("a", true);
  here.send("two");
  // A round trip of another relay: enough time for this one.
  assertEquals(await new Peer(t, there.port).ask("x"), "x");
  assertEquals(here.got, []);
  relay.stall("a", false);
  assertEquals(await here.ask(""), "two");
});
