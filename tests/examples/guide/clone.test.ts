/**
 * The example `guide/clone`: the scene, the frames of RFC 12 on the wire, clients
 * that come while others write, lost updates, and servers that are frozen.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import { CloneClient } from "../../../examples/guide/clone/client.ts";
import type { ServerAddresses } from "../../../examples/guide/clone/protocol.ts";
import {
  CloneServer,
  type CloneServerOptions,
} from "../../../examples/guide/clone/server.ts";
import { Child } from "../../../examples/guide/support/child.ts";
import { platform, test, type TestContext } from "../../support/harness.ts";
import { playScene, SCENE } from "./scene.ts";

const UUID = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";

test("clone: the scene", SCENE, async (t) => {
  const lines = await playScene(t, "clone");
  assertEquals(
    lines.at(-1),
    "600 updates, 2 servers killed, none lost; a client that connected later has them all",
  );
});

test("clone: the frames of a server are those of RFC 12", async (t) => {
  const server = await startServer(t);
  const { push, sub, dealer } = rawClient(t, server, "/a/");
  assertEquals(
    (await sub.receive()).map(String),
    ["HUGZ", number(0), "", "", ""],
  );

  await push.send(["/a/key", bytes(0), UUID, "ttl=60\n", "value"]);
  assertEquals(
    await next(sub),
    ["/a/key", number(1), UUID, "ttl=60\n", "value"],
  );
  await push.send(["/b/key", bytes(0), "", "", "elsewhere"]);
  await push.send(["/a/key2", bytes(0), "", "", "value"]);
  assertEquals(await next(sub), ["/a/key2", number(3), "", "", "value"]);

  await dealer.send(["ICANHAZ?", "/a/"]);
  const [key, sequence, empty, properties, value] = await next(dealer);
  assertEquals([key, sequence, empty, value], [
    "/a/key",
    number(3),
    "",
    "value",
  ]);
  assert(/^ttl=(59\.\d+|60)\n$/.test(properties!), properties);
  assertEquals(await next(dealer), ["/a/key2", number(3), "", "", "value"]);
  assertEquals(await next(dealer), ["KTHXBAI", number(3), "", "", "/a/"]);

  await push.send(["/a/key", bytes(0), "", "", ""]); // deleted
  assertEquals(await next(sub), ["/a/key", number(4), "", "", ""]);
  await dealer.send(["ICANHAZ?", "/a/"]);
  assertEquals((await next(dealer))[0], "/a/key2");
  assertEquals((await next(dealer))[0], "KTHXBAI");
});

test("clone: an update that comes twice counts once", async (t) => {
  const server = await startServer(t);
  const { push, sub } = rawClient(t, server, "/");
  assertEquals(String((await sub.receive())[0]), "HUGZ");
  const update = ["/k", bytes(0), UUID, "", "old"];
  await push.send(update);
  await push.send(["/k", bytes(0), "", "", "new"]);
  await push.send(update);
  assertEquals((await next(sub))[4], "old");
  assertEquals((await next(sub))[4], "new");
  // The client learns that it has arrived, and everybody what holds.
  assertEquals(await next(sub), ["/k", number(3), UUID, "", "new"]);
  // To one that knows that already nothing is sent.
  await push.send(["/k", bytes(1), UUID, "", "old"]);
  await push.send(["/end", bytes(0), "", "", "x"]);
  assertEquals(await next(sub), ["/end", number(4), "", "", "x"]);
});

test("clone: clients that come while others write miss nothing", async (t) => {
  const server = await startServer(t);
  const writer = t.use(new CloneClient([server]));
  const readers: CloneClient[] = [];
  for (let i = 0; i < 300; i++) {
    const writing = writer.set(`/${i % 2 ? "odd" : "even"}/${i}`, `${i}`);
    if (i % 20 === 0) {
      readers.push(t.use(new CloneClient([server])));
      readers.push(t.use(new CloneClient([server], { subtree: "/odd/" })));
    }
    if (i % 3 === 0) await writing;
    else writing.catch(() => {});
  }
  for (const [i, reader] of readers.entries()) {
    const count = i % 2 ? 150 : 300;
    await reader.until(() => reader.size === count);
    for (const key of reader.keys()) {
      assertEquals(reader.get(key), key.split("/").at(-1));
    }
  }
});

test("clone: what a client has set it can read", async (t) => {
  const server = await startServer(t);
  const client = t.use(new CloneClient([server], { subtree: "/mine/" }));
  await client.set("/mine/a", "1");
  assertEquals(client.get("/mine/a"), "1");
  await client.set("/mine/a", "");
  assertEquals(client.get("/mine/a"), undefined);
  await assertRejects(
    () => client.set("/yours/a", "1"),
    RangeError,
    "/yours/a",
  );
});

test("clone: a value expires, unless it was set again", async (t) => {
  const server = await startServer(t);
  const client = t.use(new CloneClient([server]));
  await client.set("/short", "x", 0.05);
  await client.set("/renewed", "x", 0.05);
  await client.set("/renewed", "y");
  await client.until(() => client.get("/short") === undefined);
  await client.set("/last", "z"); // whatever was due before has come
  assertEquals(client.keys().sort(), ["/last", "/renewed"]);
});

test("clone: a client that missed an update starts again", async (t) => {
  // A server that does only what the test does.
  const options = { linger: 0 };
  const publisher = t.use(
    new zmq.XPublisher({ ...options, verbosity: "allSubs" }),
  );
  const snapshots = t.use(new zmq.Router(options));
  const collector = t.use(new zmq.Pull());
  for (const socket of [publisher, snapshots, collector]) {
    await socket.bind("tcp://127.0.0.1:*");
  }
  const client = t.use(
    new CloneClient([{
      publisher: publisher.lastEndpoint!,
      snapshot: snapshots.lastEndpoint!,
      collector: collector.lastEndpoint!,
      state: "",
    }]),
  );
  const begin = async (...values: [string, number, string][]) => {
    while (String((await publisher.receive())[0]) !== "\x01HUGZ");
    await publisher.send(["HUGZ", bytes(0), "", "", ""]);
    const [id, hello] = await snapshots.receive();
    assertEquals(String(hello), "ICANHAZ?");
    for (const [key, sequence, value] of values) {
      await snapshots.send([id!, key, bytes(sequence), "", "", value]);
    }
    const last = values.at(-1)![1];
    await snapshots.send([id!, "KTHXBAI", bytes(last), "", "", ""]);
  };
  await begin(["/a", 7, "1"]);
  await publisher.send(["/old", bytes(7), "", "", "x"]); // is in the snapshot
  await publisher.send(["/b", bytes(8), "", "", "2"]);
  await client.until(() => client.get("/b") === "2");
  assertEquals(client.get("/old"), undefined);
  await publisher.send(["/d", bytes(10), "", "", "4"]); // 9 was dropped
  await begin(["/a", 7, "1"], ["/b", 8, "2"], ["/c", 9, "3"], ["/d", 10, "4"]);
  await client.until(() => client.size === 4);
  assertEquals(client.get("/c"), "3");
});

test("clone: a client waits for a server, and closes all the same", async (t) => {
  const server = t.use(new CloneServer());
  const addresses = await server.bind();
  await server[Symbol.asyncDispose]();
  const client = new CloneClient([addresses]);
  const setting = assertRejects(() => client.set("/a", "1"), Error, "closed");
  await client[Symbol.asyncDispose]();
  await setting;
});

test("clone: changes reach a single server that was started again", async (t) => {
  const first = new CloneServer({ heartbeatMs: 100 });
  t.use(first);
  const addresses = await first.bind();
  const client = t.use(new CloneClient([addresses], { heartbeatMs: 100 }));
  await client.set("/a", "1");
  await first[Symbol.asyncDispose]();
  const setting = client.set("/b", "2");
  await startServer(t, { heartbeatMs: 100 }, addresses);
  await setting;
  // The client had kept the first one, too: it might not have been known here.
  await client.until(() => client.get("/a") === "1");
});

test("clone: a primary that was frozen steps down and is in step again", {
  timeoutMs: 40_000,
  skip: platform === "win32" && "Windows cannot freeze a process",
}, async (t) => {
  const file = new URL(
    "../../../examples/guide/clone/server_process.ts",
    import.meta.url,
  );
  const heartbeatMs = 150;
  const primary = t.use(new Child(file, ["primary", `${heartbeatMs}`]));
  const backup = t.use(new Child(file, ["backup", `${heartbeatMs}`]));
  const servers: ServerAddresses[] = [];
  for (const server of [primary, backup]) {
    servers.push(JSON.parse((await server.line(/^at (.+)/))[1]!));
  }
  primary.writeLine(JSON.stringify(servers[1]));
  backup.writeLine(JSON.stringify(servers[0]));
  await Promise.all([primary.line(/^active/), backup.line(/^in sync/)]);

  const client = t.use(new CloneClient(servers, { heartbeatMs }));
  await client.set("/a", "1");
  primary.signal("SIGSTOP");
  await client.set("/b", "2"); // with the backup, once that is in charge
  await backup.line(/^active/);
  primary.signal("SIGCONT");
  await primary.line(/^in sync/);
  assertEquals(primary.lines.slice(1), ["active", "passive", "in sync"]);

  await backup.kill();
  await client.set("/c", "3");
  const late = t.use(new CloneClient(servers, { heartbeatMs }));
  await late.until(() => late.size === 3);
  assertEquals(late.keys().sort(), ["/a", "/b", "/c"]);
});

async function startServer(
  t: TestContext,
  options: CloneServerOptions = {},
  addresses?: ServerAddresses,
): Promise<ServerAddresses> {
  return await t.use(new CloneServer(options)).bind(addresses);
}

/** The sockets of a client. */
function rawClient(t: TestContext, server: ServerAddresses, subtree: string) {
  const push = t.use(new zmq.Push({ linger: 0 }));
  const sub = t.use(new zmq.Subscriber());
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  push.connect(server.collector);
  sub.subscribe(subtree, "HUGZ");
  sub.connect(server.publisher);
  dealer.connect(server.snapshot);
  return { push, sub, dealer };
}

/** The next message that is no mere sign of life. */
async function next(socket: zmq.Subscriber | zmq.Dealer): Promise<string[]> {
  while (true) {
    const message = (await socket.receive()).map(String);
    if (message[0] !== "HUGZ") return message;
  }
}

function bytes(sequence: number): Uint8Array {
  return new Uint8Array([0, 0, 0, 0, 0, 0, 0, sequence]);
}

function number(sequence: number): string {
  return String.fromCharCode(...bytes(sequence));
}
