// Binding, unbinding, closing, lingering: addresses are free when they are said
// to be, and what was sent leaves.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import * as zmq from "../../../src/zmq/mod.ts";
import { platform, test } from "../../support/harness.ts";
import { joined, once, TCP, texts } from "./pairs.ts";

const unix = platform === "win32" &&
  "Windows has no Unix domain sockets in node:net";

test("lastEndpoint is the actual address, and null at first", async (t) => {
  const pull = t.use(new zmq.Pull());
  assertEquals(pull.lastEndpoint, null);
  await pull.bind("tcp://*:*");
  const port = /^tcp:\/\/0\.0\.0\.0:(\d+)$/.exec(pull.lastEndpoint!)![1]!;
  pull.connect("tcp://127.0.0.1:1");
  assertEquals(pull.lastEndpoint, "tcp://127.0.0.1:1");
  await pull.unbind(`tcp://*:${port}`);
});

test("a port can be bound again as soon as close resolves", async () => {
  let endpoint = TCP;
  for (let i = 0; i < 20; i++) {
    const pull = new zmq.Pull();
    const push = new zmq.Push();
    await pull.bind(endpoint);
    endpoint = pull.lastEndpoint!;
    push.connect(endpoint);
    await push.send("x");
    await pull.receive();
    await pull.close();
    await push.close();
  }
});

test(
  "an ipc path can be bound again, and leaves no file",
  { skip: unix },
  async (t) => {
    const path = join(await t.tempDir(), "socket");
    for (let i = 0; i < 20; i++) {
      const pull = new zmq.Pull();
      await pull.bind(`ipc://${path}`);
      await pull.close();
    }
    await assertRejects(() => stat(path));
  },
);

test(
  "the socket file of a dead owner is replaced, that of a living one is not",
  { skip: unix },
  async (t) => {
    const path = join(await t.tempDir(), "socket");
    const owner = t.use(new zmq.Pull());
    await owner.bind(`ipc://${path}`);
    const other = t.use(new zmq.Pull());
    const error = await assertRejects(
      () => other.bind(`ipc://${path}`),
      zmq.ZmqError,
    );
    assertEquals([error.code, error.address], ["EADDRINUSE", `ipc://${path}`]);
  },
);

test(
  "a file that is not a socket is not replaced",
  { skip: unix },
  async (t) => {
    const path = join(await t.tempDir(), "file");
    await writeFile(path, "precious");
    const pull = t.use(new zmq.Pull());
    await assertRejects(() => pull.bind(`ipc://${path}`), zmq.ZmqError);
    assertEquals((await stat(path)).size, 8);
  },
);

test("ipc://* finds a path by itself", { skip: unix }, async (t) => {
  const pull = t.use(new zmq.Pull());
  const push = t.use(new zmq.Push());
  await joined(pull, push, "ipc://*");
  await push.send("x");
  await pull.receive();
});

test("a busy port is EADDRINUSE with its address, and no other address suffers", async (t) => {
  const first = t.use(new zmq.Pull());
  await first.bind(TCP);
  const second = t.use(new zmq.Pull());
  await second.bind(TCP);
  const endpoint = second.lastEndpoint;
  const error = await assertRejects(
    () => second.bind(first.lastEndpoint!),
    zmq.ZmqError,
  );
  assertEquals([error.code, error.address], ["EADDRINUSE", first.lastEndpoint]);
  assertEquals(second.lastEndpoint, endpoint);
  const named = t.use(new zmq.Pull());
  await named.bind("inproc://busy");
  assertEquals(
    (await assertRejects(() => second.bind("inproc://busy"), zmq.ZmqError))
      .code,
    "EADDRINUSE",
  );
});

test("disconnect still sends earlier messages", async (t) => {
  const pull = t.use(new zmq.Pull());
  const push = t.use(new zmq.Push());
  const endpoint = await joined(pull, push);
  for (let i = 0; i < 100; i++) await push.send(String(i));
  await push.disconnect(endpoint);
  assertEquals(push.writable, false);
  for (let i = 0; i < 100; i++) {
    assertEquals(texts(await pull.receive()), [String(i)]);
  }
  assertEquals(
    assertThrows(() => push.disconnect(endpoint), zmq.ZmqError).code,
    "ENOENT",
  );
  push.connect(endpoint);
  await push.send("again");
  assertEquals(texts(await pull.receive()), ["again"]);
});

test("close delivers everything that was sent to a receiver that starts slowly", async (t) => {
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 5 }));
  const push = new zmq.Push();
  await joined(pull, push);
  const body = new Uint8Array(20_000);
  for (let i = 0; i < 500; i++) {
    await push.send([String(i), body], { timeout: 50 }).catch(() => {});
  }
  const closing = push.close();
  let count = 0;
  for await (const _ of pull) if (++count === 500 || pull.closed) break;
  await closing;
});

test("with linger, close gives up after its time; with 0, at once", async () => {
  for (const linger of [0, 20]) {
    const push = new zmq.Push({ linger });
    push.connect("tcp://127.0.0.1:1");
    await push.send("no one takes this");
    await push.close();
  }
});

test("a peer that does not read delays close no longer than linger", async (t) => {
  const server = createServer((socket) => t.cleanup(() => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.cleanup(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const push = new zmq.Push({ linger: 20 });
  push.connect(`tcp://127.0.0.1:${port}`);
  await push.send("x");
  await push.close();
});

test("several binds and connects of one socket work together", async (t) => {
  const pull = t.use(new zmq.Pull());
  const pushes = [1, 2, 3, 4].map(() => t.use(new zmq.Push()));
  await joined(pull, pushes[0]!, TCP);
  await joined(pull, pushes[1]!, TCP);
  await joined(pushes[2]!, pull, TCP);
  await joined(pushes[3]!, pull, "inproc://several");
  for (const [i, push] of pushes.entries()) await push.send(String(i));
  const got: string[] = [];
  for (const _ of pushes) got.push(texts(await pull.receive())[0]!);
  assertEquals(got.sort(), ["0", "1", "2", "3"]);
});

test("inproc: connecting before bind works, and types must be compatible", async (t) => {
  const push = t.use(new zmq.Push());
  push.connect("inproc://later");
  await push.send("early");
  const sub = t.use(new zmq.Subscriber());
  sub.connect("inproc://later");
  const refused = once(sub, "handshake:error:other");
  const pull = t.use(new zmq.Pull());
  await pull.bind("inproc://later");
  assertEquals(texts(await pull.receive()), ["early"]);
  await refused;
  const rep = t.use(new zmq.Reply());
  assertEquals(
    assertThrows(() => rep.connect("inproc://later"), zmq.ZmqError).code,
    "EINVAL",
  );
});

test("inproc names belong to their context", async (t) => {
  const context = t.use(new zmq.Context());
  const here = t.use(new zmq.Pull({ context }));
  const there = t.use(new zmq.Pull());
  await here.bind("inproc://name");
  await there.bind("inproc://name");
});

test("a closed context creates no more sockets, and an open one no more than maxSockets", async () => {
  const context = new zmq.Context({ maxSockets: 2 });
  const sockets = [new zmq.Pull({ context }), new zmq.Push({ context })];
  assertEquals(
    assertThrows(() => new zmq.Pull({ context }), zmq.ZmqError).code,
    "EMFILE",
  );
  await context.close();
  assertEquals(sockets.map((socket) => socket.closed), [true, true]);
  assertEquals(
    assertThrows(() => new zmq.Pull({ context }), zmq.ZmqError).code,
    "ETERM",
  );
});

test("closing while binding leaves nothing behind", async (t) => {
  const pull = new zmq.Pull();
  const binding = pull.bind(TCP);
  await pull.close();
  await binding; // it was finished first
  const other = t.use(new zmq.Pull());
  await other.bind(pull.lastEndpoint!);
});

for (
  const address of [
    "",
    "foo",
    "tcp",
    "tcp:/",
    "tcp://",
    "tcp://:",
    "tcp://:5",
    "tcp://host",
    "tcp://host:",
    "tcp://host:x",
    "tcp://host:65536",
    "tcp://host:-1",
    "tcp://a b:1",
    "tcp://[::1:5",
    "tcp://[nonsense]:5",
    "tcp://1.2.3.4:5;x",
    "ipc://",
    "ipc://@",
    "inproc://",
    `inproc://${"x".repeat(300)}`,
    "pgm://127.0.0.1:5",
    "tcp://host:5 ",
  ]
) {
  test(`the address ${JSON.stringify(address.slice(0, 30))} is refused`, async (t) => {
    const pull = t.use(new zmq.Pull());
    const expected = address.startsWith("pgm") ? "EPROTONOSUPPORT" : "EINVAL";
    const bound = await assertRejects(() => pull.bind(address), zmq.ZmqError);
    const connected = assertThrows(() => pull.connect(address), zmq.ZmqError);
    assertEquals([bound.code, connected.code], [expected, expected]);
  });
}
