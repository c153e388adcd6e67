// The option reconnectStop: when a connected address is given up.
import { assert, assertEquals } from "@std/assert";
import { createServer } from "node:net";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext } from "../../support/harness.ts";
import { joined, once, TCP, texts } from "./pairs.ts";

const CLOSED_PORT = "tcp://127.0.0.1:1";

/** The types of the events of a socket, from now on until it gives an address up. */
async function untilGivenUp(socket: zmq.Socket): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of socket.events) {
    types.push(type);
    if (type === "close") break;
  }
  return types;
}

test("refused: the address is given up when nothing listens there", async (t) => {
  const push = t.use(
    new zmq.Push({ reconnectStop: ["refused"], reconnectInterval: 1 }),
  );
  const events = untilGivenUp(push);
  push.connect(CLOSED_PORT);
  assertEquals(await events, ["connect:delay", "close:error", "close"]);
  assertEquals(push.writable, false);
});

test("without the option, the address is retried", async (t) => {
  const push = t.use(
    new zmq.Push({
      reconnectStop: ["handshake", "disconnected"],
      reconnectInterval: 1,
    }),
  );
  let count = 0;
  const retried = new Promise<void>((resolve) =>
    push.events.on("connect:retry", () => ++count === 3 && resolve())
  );
  push.connect(CLOSED_PORT);
  await retried;
  assertEquals(push.writable, true);
});

test("a lost connection is retried until it is refused", async (t) => {
  const pull = new zmq.Pull();
  const push = t.use(
    new zmq.Push({
      reconnectStop: ["refused", "handshake"],
      reconnectInterval: 1,
    }),
  );
  await joined(pull, push);
  await push.send("x");
  await pull.receive();
  const events = untilGivenUp(push);
  await pull.close();
  const types = await events;
  assert(types.includes("disconnect") && types.includes("connect:retry"));
  assertEquals(types.slice(-2), ["close:error", "close"]);
});

test("handshake: the address is given up when the peer disconnects during the handshake", async (t) => {
  const endpoint = await hangingUp(t);
  const push = t.use(
    new zmq.Push({ reconnectStop: ["handshake"], reconnectInterval: 1 }),
  );
  const events = untilGivenUp(push);
  push.connect(endpoint);
  assertEquals(
    (await events).filter((type) =>
      /^(connect:retry|close|handshake:error)/.test(type)
    ),
    ["handshake:error:other", "close:error", "close"],
  );
});

test("handshake: the address is given up when the peer is incompatible", async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind(TCP);
  const push = t.use(new zmq.Push({ reconnectStop: ["handshake"] }));
  const events = untilGivenUp(push);
  push.connect(router.lastEndpoint!);
  const types = await events;
  assertEquals(types.includes("handshake:error:protocol"), true);
  assertEquals(types.includes("connect:retry"), false);
});

test("handshake: the address is given up when the peer refuses us", async (t) => {
  const pull = t.use(
    new zmq.Pull({ plainServer: true, authenticate: () => false }),
  );
  await pull.bind(TCP);
  const push = t.use(
    new zmq.Push({ plainUsername: "me", reconnectStop: ["handshake"] }),
  );
  const events = untilGivenUp(push);
  push.connect(pull.lastEndpoint!);
  assertEquals((await events).includes("connect:retry"), false);
});

test("disconnected: messages remaining after disconnect are dropped without a connection", async (t) => {
  const push = t.use(
    new zmq.Push({
      reconnectStop: ["disconnected"],
      reconnectInterval: 60_000,
    }),
  );
  const retried = once(push, "connect:retry");
  push.connect(CLOSED_PORT);
  await push.send("no one will ever get this");
  await retried;
  await push.disconnect(CLOSED_PORT);
});

test("without the option, messages remaining after disconnect wait for their peer", async (t) => {
  const push = t.use(new zmq.Push({ reconnectInterval: 5 }));
  const pull = t.use(new zmq.Pull());
  const first = new zmq.Pull();
  await first.bind(TCP);
  const endpoint = first.lastEndpoint!;
  await first.close();
  const retried = once(push, "connect:retry");
  push.connect(endpoint);
  await push.send("kept");
  await retried;
  const gone = push.disconnect(endpoint);
  await pull.bind(endpoint);
  assertEquals(texts(await pull.receive()), ["kept"]);
  await gone;
});

test("closing does not count as disconnecting: linger decides", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind(TCP);
  const endpoint = pull.lastEndpoint!;
  await pull.unbind(endpoint);
  const push = new zmq.Push({
    reconnectStop: ["disconnected"],
    reconnectInterval: 5,
  });
  const retried = once(push, "connect:retry");
  push.connect(endpoint);
  await push.send("kept");
  await retried;
  const closing = push.close();
  await pull.bind(endpoint);
  assertEquals(texts(await pull.receive()), ["kept"]);
  await closing;
});

/** A server that hangs up at once. */
async function hangingUp(t: TestContext): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.cleanup(() => new Promise((resolve) => server.close(resolve)));
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`;
}
