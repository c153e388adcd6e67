// RFC 41: CLIENT and SERVER; and RFC 51, PEER, which does for its peers what a
// SERVER does. The names quote their SHALL clauses.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { joined, once, TCP } from "./pairs.ts";

const CLOSED_PORT = "tcp://127.0.0.1:1";

/** The code that a call rejects with. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => call, zmq.ZmqError)).code;
}

/** The frames or the body as text. */
function text([body]: readonly [Uint8Array, ...unknown[]]): string {
  return String(body);
}

for (const address of [TCP, "inproc://rfc41"]) {
  const over = address.slice(0, address.indexOf(":"));

  // RFC 41.SERVER.1, 41.SERVER.7, 41.SERVER.11, 41.SERVER.12, 41.SERVER.15, 41.SERVER.16
  test(`SERVER SHALL identify each peer by a non-zero 32-bit integer (${over})`, async (t) => {
    const server = t.use(new zmq.Server());
    await server.bind(address);
    const ids = new Map<string, number>();
    for (const name of ["a", "b", "c"]) {
      const client = t.use(new zmq.Client());
      client.connect(server.lastEndpoint!);
      await client.send(name);
      const [body, { routingId }] = await server.receive();
      ids.set(String(body), routingId);
      await client.send("again");
      assertEquals((await server.receive())[1], { routingId });
      await server.send(`you are ${name}`, { routingId });
      assertEquals(String(await client.receive()), `you are ${name}`);
    }
    assertEquals(new Set(ids.values()).size, 3);
    for (const id of ids.values()) {
      assert(Number.isInteger(id) && id > 0 && id <= 0xffffffff, `${id}`);
    }
  });

  test(`answers need no order, and no request (${over})`, async (t) => {
    const server = t.use(new zmq.Server());
    const client = t.use(new zmq.Client());
    await joined(server, client, address);
    for (const body of ["1", "2", "3"]) await client.send(body);
    const from = [];
    for (let i = 0; i < 3; i++) from.push((await server.receive())[1]);
    for (const body of ["3", "2", "1", "0"]) await server.send(body, from[0]!);
    for (const body of ["3", "2", "1", "0"]) {
      assertEquals(String(await client.receive()), body);
    }
  });

  // RFC 41.CLIENT.1, 41.CLIENT.10, 41.CLIENT.16
  test(`CLIENT SHALL route outgoing messages using a round-robin strategy (${over})`, async (t) => {
    const client = t.use(new zmq.Client());
    const servers = [1, 2, 3].map(() => t.use(new zmq.Server()));
    for (const [i, server] of servers.entries()) {
      await server.bind(address === TCP ? TCP : `${address}-${i}`);
      client.connect(server.lastEndpoint!);
    }
    for (let i = 0; i < 9; i++) await client.send(`${i}`);
    for (const [i, server] of servers.entries()) {
      for (const n of [i, i + 3, i + 6]) {
        assertEquals(text(await server.receive()), `${n}`);
      }
    }
  });

  // RFC 41.SERVER.17
  test(`SERVER SHALL return an error if the peer does not exist (${over})`, async (t) => {
    const server = t.use(new zmq.Server());
    const client = new zmq.Client();
    await joined(server, client, address);
    await client.send("here");
    const [, from] = await server.receive();
    assertEquals(
      await codeOf(
        server.send("x", {
          routingId: from.routingId === 1 ? 2 : from.routingId - 1,
        }),
      ),
      "EHOSTUNREACH",
    );
    await client.close();
    while (await server.send("?", from).then(() => true, () => false)) {
      await server.poll(zmq.POLLIN, { timeout: 1 }); // until it is seen to be gone
    }
    assertEquals(await codeOf(server.send("x", from)), "EHOSTUNREACH");
  });
}

// RFC 41.SERVER.10
test("SERVER SHALL receive using a fair-queuing strategy", async (t) => {
  const server = t.use(new zmq.Server());
  const clients = [1, 2, 3].map(() => t.use(new zmq.Client()));
  await server.bind("inproc://fair-server");
  for (const [i, client] of clients.entries()) {
    client.connect("inproc://fair-server");
    for (let n = 0; n < 5; n++) await client.send(`${i}`);
  }
  for (let round = 0; round < 5; round++) {
    const got = new Set<string>();
    for (let i = 0; i < 3; i++) got.add(text(await server.receive()));
    assertEquals(got.size, 3);
  }
});

// RFC 41.SERVER.9, 41.SERVER.18, 41.SERVER.19
test("SERVER SHALL block on sending if the peer's queue is full", async (t) => {
  const server = t.use(new zmq.Server({ sendHighWaterMark: 2 }));
  const client = t.use(new zmq.Client({ receiveHighWaterMark: 2 }));
  await joined(server, client, "inproc://full-server");
  await client.send("here");
  const [, from] = await server.receive();
  for (let i = 0; i < 4; i++) {
    await server.send(`${i}`, { ...from, timeout: 0 });
  }
  assertEquals(
    await codeOf(server.send("4", { ...from, timeout: 0 })),
    "EAGAIN",
  );
  const waiting = server.send("5", from);
  for (const expected of ["0", "1", "2", "3", "5"]) {
    assertEquals(String(await client.receive()), expected);
  }
  await waiting;
});

test("a pending send rejects when the client disconnects", async (t) => {
  const server = t.use(new zmq.Server({ sendHighWaterMark: 1 }));
  const client = new zmq.Client({ receiveHighWaterMark: 1 });
  await joined(server, client, "inproc://going");
  await client.send("here");
  const [, from] = await server.receive();
  await client.send("unread"); // the server need not read it to be notified
  for (let i = 0; i < 2; i++) await server.send(`${i}`, from);
  const waiting = codeOf(server.send("2", from));
  await client.close();
  assertEquals(await waiting, "EHOSTUNREACH");
  assertEquals(text(await server.receive()), "unread");
});

// RFC 41.CLIENT.9, 41.CLIENT.11, 41.CLIENT.12, 41.CLIENT.13
test("CLIENT SHALL block on sending when it has no available peers", async (t) => {
  const client = t.use(new zmq.Client({ sendHighWaterMark: 2, linger: 0 }));
  assertEquals(await codeOf(client.send("x", { timeout: 0 })), "EAGAIN");
  client.connect(CLOSED_PORT);
  for (let i = 0; i < 2; i++) await client.send("x");
  assertEquals(await codeOf(client.send("x", { timeout: 1 })), "EAGAIN");
});

// RFC 41.CLIENT.14, 41.SERVER.20
test("CLIENT and SERVER MUST NOT send multipart messages", async (t) => {
  const server = t.use(new zmq.Server());
  const client = t.use(new zmq.Client());
  await joined(server, client);
  const error = await assertRejects(
    () => client.send(["a", "b"]),
    zmq.ZmqError,
    "A CLIENT can only send messages of one frame, not of 2",
  );
  assertEquals(error.code, "EINVAL");
  await client.send(["an array of one"]);
  const [body, from] = await server.receive();
  assertEquals(String(body), "an array of one");
  const two = ["a", "b"] as unknown as [string];
  assertEquals(await codeOf(server.send(two, from)), "EINVAL");
  await server.send(["one"], from);
  assertEquals(String(await client.receive()), "one");
});

test("an invalid routing id is refused", async (t) => {
  const server = t.use(new zmq.Server());
  for (const routingId of [0, -1, 1.5, 2 ** 32, NaN, "1", undefined]) {
    const options = { routingId } as unknown as zmq.RoutingId;
    assertEquals(await codeOf(server.send("x", options)), "EINVAL");
  }
  const nothing = undefined as unknown as zmq.RoutingId;
  assertEquals(await codeOf(server.send("x", nothing)), "EINVAL");
});

// RFC 41.SERVER.8, 51.PEER.10
test("SERVER and PEER SHALL NOT allow the peer to specify its routing id", (t) => {
  for (const [name, Type] of [["CLIENT", zmq.Client], ["PEER", zmq.Peer]]) {
    const make = Type as typeof zmq.Client;
    assertThrows(
      () => t.use(new make({ routingId: "me" } as object)),
      zmq.ZmqError,
      `A ${name} socket does not have the option routingId`,
    );
  }
});

test("a SERVER is iterated over, until it is closed", async (t) => {
  const server = new zmq.Server();
  const client = t.use(new zmq.Client());
  await joined(server, client);
  const got: string[] = [];
  const loop = (async () => {
    for await (const [body, from] of server) {
      got.push(String(body));
      await server.send(`re ${body}`, from);
    }
  })();
  for (const body of ["1", "2"]) {
    await client.send(body);
    assertEquals(String(await client.receive()), `re ${body}`);
  }
  await server.close();
  await loop;
  assertEquals(got, ["1", "2"]);
});

test("a CLIENT's messages wait for a restarted SERVER, where it has a new routing id", async (t) => {
  const first = new zmq.Server();
  const client = t.use(new zmq.Client({ reconnectInterval: 1 }));
  const endpoint = await joined(first, client);
  await client.send("1");
  const [, from] = await first.receive();
  await first.send("1", from);
  await client.receive();
  const lost = once(client, "disconnect");
  await first.close();
  await lost;
  await client.send("2");
  const second = t.use(new zmq.Server());
  await second.bind(endpoint);
  const [body, again] = await within(second.receive(), 5000, "the message");
  assertEquals(String(body), "2");
  await second.send("2", again);
  assertEquals(String(await client.receive()), "2");
});

test("an aborted receive takes no message", async (t) => {
  const server = t.use(new zmq.Server());
  const client = t.use(new zmq.Client());
  await joined(server, client);
  assertEquals(await codeOf(server.receive({ timeout: 1 })), "EAGAIN");
  const controller = new AbortController();
  const given = server.receive({ signal: controller.signal });
  controller.abort(new Error("given up"));
  await assertRejects(() => given, Error, "given up");
  await client.send("still there");
  assertEquals(text(await server.receive()), "still there");
});

// RFC 51

for (const address of [TCP, "inproc://rfc51"]) {
  const over = address.slice(0, address.indexOf(":"));

  // RFC 51.PEER.8, 51.PEER.9, 51.PEER.13, 51.PEER.14, 51.PEER.17, 51.PEER.18
  test(`PEER: connectPeer gives the routing id at once (${over})`, async (t) => {
    const there = t.use(new zmq.Peer());
    const here = t.use(new zmq.Peer());
    await there.bind(address);
    const routingId = here.connectPeer(there.lastEndpoint!);
    await here.send("ping", { routingId });
    const [ping, from] = await there.receive();
    assertEquals(String(ping), "ping");
    await there.send("pong", from);
    assertEquals(await here.receive().then(text), "pong");
    await there.send("and another", from);
    assertEquals((await here.receive())[1], { routingId });
  });
}

// RFC 51.PEER.1, 51.PEER.2
test("a PEER sends to many peers, each by its routing id", async (t) => {
  const here = t.use(new zmq.Peer());
  const others = [1, 2, 3].map(() => t.use(new zmq.Peer()));
  const ids = [];
  for (const other of others) {
    await other.bind(TCP);
    ids.push(here.connectPeer(other.lastEndpoint!));
  }
  assertEquals(new Set(ids).size, 3);
  for (const [i, routingId] of ids.entries()) {
    await here.send(`${i}`, { routingId });
  }
  for (const [i, other] of others.entries()) {
    const [body, from] = await other.receive();
    assertEquals(String(body), `${i}`);
    await other.send(`re ${i}`, from);
  }
  const answers = new Map<number, string>();
  for (let i = 0; i < 3; i++) {
    const [body, { routingId }] = await here.receive();
    answers.set(routingId, String(body));
  }
  assertEquals(ids.map((id) => answers.get(id)), ["re 0", "re 1", "re 2"]);
});

test("a PEER keeps the routing id of an address when it reconnects", async (t) => {
  const first = new zmq.Peer();
  const here = t.use(new zmq.Peer({ reconnectInterval: 1 }));
  await first.bind(TCP);
  const endpoint = first.lastEndpoint!;
  const routingId = here.connectPeer(endpoint);
  await here.send("1", { routingId });
  await first.receive();
  const lost = once(here, "disconnect");
  await first.close();
  await lost;
  const second = t.use(new zmq.Peer());
  await second.bind(endpoint);
  await here.send("2", { routingId });
  const [body, from] = await within(second.receive(), 5000, "the message");
  assertEquals(String(body), "2");
  await second.send("back", from);
  assertEquals((await here.receive())[1], { routingId });
});

// RFC 51.PEER.20, 51.PEER.21
test("messages to a PEER that is not connected yet wait, up to the high-water mark", async (t) => {
  const here = t.use(new zmq.Peer({ sendHighWaterMark: 2, linger: 0 }));
  const routingId = here.connectPeer("inproc://a-peer-that-comes-later");
  for (const body of ["1", "2"]) await here.send(body, { routingId });
  assertEquals(
    await codeOf(here.send("3", { routingId, timeout: 0 })),
    "EAGAIN",
  );
  const there = t.use(new zmq.Peer());
  await there.bind("inproc://a-peer-that-comes-later");
  assertEquals(text(await there.receive()), "1");
  assertEquals(text(await there.receive()), "2");
});

test("with immediate connectPeer has no routing id to return", (t) => {
  const here = t.use(new zmq.Peer({ immediate: true }));
  const error = assertThrows(() => here.connectPeer(CLOSED_PORT), zmq.ZmqError);
  assertEquals(error.code, "EINVAL");
});

// RFC 51.PEER.19
test("after disconnect the routing id is unknown", async (t) => {
  const here = t.use(new zmq.Peer({ linger: 0 }));
  const there = t.use(new zmq.Peer());
  await there.bind(TCP);
  const routingId = here.connectPeer(there.lastEndpoint!);
  await here.send("1", { routingId });
  await there.receive();
  await here.disconnect(there.lastEndpoint!);
  assertEquals(await codeOf(here.send("2", { routingId })), "EHOSTUNREACH");
});
