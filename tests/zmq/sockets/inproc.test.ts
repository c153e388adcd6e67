/**
 * Tests of inproc, where messages cross by reference: that must not be noticed,
 * whether the receiver was waiting or not. And of names that come and go.
 */
import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, sameBytes, texts, utf8 } from "../../support/bytes.ts";
import { test, within } from "../../support/harness.ts";
import { once } from "./pairs.ts";

const name = () => `inproc://${crypto.randomUUID()}`;

async function pushPull(t: { use<T extends AsyncDisposable>(r: T): T }) {
  const address = name();
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await pull.bind(address);
  push.connect(address);
  return { push, pull };
}

for (const isWaiting of [false, true]) {
  const when = isWaiting ? "waits already" : "comes later";

  test(`the sender may use a small buffer again, if the receiver ${when}`, async (t) => {
    const { push, pull } = await pushPull(t);
    const reused = pattern(100);
    const waiting = isWaiting ? pull.receive() : undefined;
    await push.send(["head", reused]);
    reused.fill(0);
    const [, got] = await (waiting ?? pull.receive());
    assert(sameBytes(got!, pattern(100)));
  });

  for (const size of [0, 10, 2048, 2049, 100_000]) {
    test(`a frame of ${size} bytes is a Buffer, if the receiver ${when}`, async (t) => {
      const { push, pull } = await pushPull(t);
      const waiting = isWaiting ? pull.receive() : undefined;
      await push.send([pattern(size), "x"]);
      const frames = await (waiting ?? pull.receive());
      assertEquals(frames.map((f) => Buffer.isBuffer(f)), [true, true]);
      assert(sameBytes(frames[0]!, pattern(size)));
    });
  }

  for (const size of [10, 5000]) {
    test(`subscribers share no array of a message of ${size} bytes, if they ${isWaiting ? "wait already" : "receive later"}`, async (t) => {
      const address = name();
      const xpub = t.use(new zmq.XPublisher());
      const subs = [t.use(new zmq.Subscriber()), t.use(new zmq.Subscriber())];
      await xpub.bind(address);
      for (const sub of subs) {
        sub.connect(address);
        sub.subscribe("");
      }
      const waiting = isWaiting ? subs.map((sub) => sub.receive()) : undefined;
      const sent = [pattern(size), utf8("x")];
      await xpub.send(sent);
      const [a, b] = await Promise.all(
        waiting ?? subs.map((sub) => sub.receive()),
      );
      assertNotStrictEquals(a, b);
      assertNotStrictEquals(a, sent as zmq.Message);
      a!.shift();
      assertEquals([a!.length, b!.length, sent.length], [1, 2, 2]);
    });
  }

  test(`a subscriber that changes a small frame does not affect another, if they ${isWaiting ? "wait already" : "receive later"}`, async (t) => {
    const address = name();
    const xpub = t.use(new zmq.XPublisher());
    const subs = [t.use(new zmq.Subscriber()), t.use(new zmq.Subscriber())];
    await xpub.bind(address);
    for (const sub of subs) {
      sub.connect(address);
      sub.subscribe("");
    }
    const waiting = isWaiting ? subs.map((sub) => sub.receive()) : undefined;
    await xpub.send("abc");
    const [a, b] = await Promise.all(
      waiting ?? subs.map((sub) => sub.receive()),
    );
    a![0]!.fill(0);
    assertEquals(texts(b!), ["abc"]);
  });
}

test("a SUB can connect to a name again after its owner has closed", async (t) => {
  const address = name();
  const sub = t.use(new zmq.Subscriber());
  sub.subscribe("");
  for (const round of ["first", "second"]) {
    const xpub = new zmq.XPublisher();
    await xpub.bind(address);
    sub.connect(address);
    await within(
      xpub.receive(),
      1000,
      `the subscription in the ${round} round`,
    );
    await xpub.send(round);
    assertEquals(texts(await sub.receive()), [round]);
    await xpub.close();
  }
});

test("a DEALER, too, can connect to a name again", async (t) => {
  const address = name();
  const dealer = t.use(new zmq.Dealer());
  for (const round of ["first", "second"]) {
    const router = new zmq.Router();
    await router.bind(address);
    dealer.connect(address);
    await within(dealer.send(round), 1000, `room in the ${round} round`);
    assertEquals(texts((await router.receive()).slice(1)), [round]);
    await router.close();
  }
});

test("disconnect cancels a pending connection", async (t) => {
  const address = name();
  const push = t.use(new zmq.Push());
  push.connect(address);
  await push.disconnect(address);
  const pull = t.use(new zmq.Pull());
  await pull.bind(address);
  assertEquals(push.writable, false);
});

test("what was sent before a late bind arrives, even if the sender has closed", async (t) => {
  const address = name();
  const push = new zmq.Push();
  push.connect(address);
  await push.send("waits");
  const pull = t.use(new zmq.Pull());
  await pull.bind(address);
  await push.close();
  assertEquals(texts(await within(pull.receive(), 1000, "the message")), [
    "waits",
  ]);
});

test("a refused ROUTER leaves no connection behind", async (t) => {
  // Two peers of the same identity: the second connection is refused by the
  // connecting side, and the bound side must not keep it.
  const [first, second] = ["same", "same"].map((routingId) =>
    t.use(new zmq.Router({ routingId, mandatory: true, sendTimeout: 200 }))
  ) as [zmq.Router, zmq.Router];
  const [one, two] = [name(), name()];
  await first.bind(one);
  await second.bind(two);
  const caller = t.use(new zmq.Router({ routingId: "caller" }));
  caller.connect(one);
  caller.connect(two);
  await first.send(["caller", "x"]);
  const error = await second.send(["caller", "x"]).catch((e: zmq.ZmqError) =>
    e.code
  );
  assertEquals(error, "EHOSTUNREACH");
});

test("a REQ asks a DEALER that binds the name later", async (t) => {
  const address = name();
  const request = t.use(new zmq.Request());
  request.connect(address);
  await request.send("q");
  const reply = t.use(new zmq.Reply());
  await reply.bind(address);
  assertEquals(texts(await reply.receive()), ["q"]);
  await reply.send("a");
  assertEquals(texts(await request.receive()), ["a"]);
});

test("a closing peer gives up its queue space, not what it sent", async (t) => {
  const address = name();
  const pull = t.use(new zmq.Pull());
  await pull.bind(address);
  for (let i = 0; i < 3; i++) {
    const push = new zmq.Push();
    push.connect(address);
    await push.send(String(i));
    await push.close();
  }
  const got = [];
  for (let i = 0; i < 3; i++) got.push(...texts(await pull.receive()));
  assertEquals(got.sort(), ["0", "1", "2"]);
});

test("a closing socket receives nothing more, however long it lingers", async (t) => {
  const address = name();
  const closing = new zmq.Dealer({ linger: 300 });
  closing.connect("tcp://127.0.0.1:1");
  await closing.send("for a peer that never comes");
  await closing.bind(address);
  const peer = t.use(new zmq.Dealer());
  peer.connect(address);
  assertEquals(peer.writable, true);
  const closed = closing.close();
  assertEquals(peer.writable, false, "it would be lost");
  await closed;
});

for (const how of ["close", "disconnect"] as const) {
  test(`what was sent before the name was bound arrives after ${how}`, async (t) => {
    const address = name();
    const push = new zmq.Push(); // lingers for ever
    t.cleanup(() => push.close());
    push.connect(address);
    await push.send("a");
    await push.send("b");
    let isGone = false;
    const gone = (how === "close" ? push.close() : push.disconnect(address))
      .then(() => isGone = true);
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(isGone, false);
    const pull = t.use(new zmq.Pull());
    await pull.bind(address);
    await gone;
    assertEquals(texts(await pull.receive()), ["a"]);
    assertEquals(texts(await pull.receive()), ["b"]);
    assertEquals(await pull.receive({ timeout: 0 }).catch(codeOf), "EAGAIN");
  });

  test(`close does not wait for a name without messages to send: ${how}`, async (t) => {
    for (const socket of [new zmq.Push(), new zmq.Dealer(), new zmq.Pull()]) {
      t.use(socket);
      socket.connect(name());
      await within(
        how === "close"
          ? socket.close()
          : socket.disconnect(socket.lastEndpoint!),
        1000,
        how,
      );
    }
  });
}

test("messages of peers that closed before the name was bound are received, and not answered", async (t) => {
  const address = name();
  const closing = ["a", "b"].map((routingId) => {
    const dealer = new zmq.Dealer({ routingId });
    dealer.connect(address);
    return dealer.send(`from ${routingId}`).then(() => dealer.close());
  });
  const router = t.use(new zmq.Router({ mandatory: true }));
  await router.bind(address);
  await Promise.all(closing);
  for (const id of ["a", "b"]) {
    assertEquals(texts(await router.receive()), [id, `from ${id}`]);
  }
  assertEquals(await router.send(["a", "x"]).catch(codeOf), "EHOSTUNREACH");
});

test("close waits for a name that is never bound no longer than linger says", async () => {
  for (const linger of [0, 20]) {
    const push = new zmq.Push({ linger });
    push.connect(name());
    await push.send("x");
    await within(push.close(), 2000, "close");
  }
});

test("a closed socket of an incompatible type releases the name", async (t) => {
  const address = name();
  const push = new zmq.Push();
  push.connect(address);
  await push.send("x");
  const closed = push.close();
  await t.use(new zmq.Publisher()).bind(address);
  await within(closed, 2000, "close");
});

test("a name bound by an incompatible type is reported, and is the last error", async (t) => {
  const address = name();
  const push = t.use(new zmq.Push({ sendTimeout: 0 }));
  push.connect(address);
  const failed = once(push, "handshake:error:other");
  await t.use(new zmq.Publisher()).bind(address);
  const { error } = await failed;
  assertEquals(push.lastConnectError, error);
  const late = await push.send("x").catch((error) => error);
  assertEquals([late.code, late.cause], ["EAGAIN", error]);
});

test("context.close gives up names that are not bound, as libzmq does", async () => {
  const context = new zmq.Context();
  const push = new zmq.Push({ context });
  push.connect(name());
  await push.send("x");
  const gone = push.disconnect(push.lastEndpoint!);
  const other = new zmq.Push({ context });
  other.connect(name());
  await other.send("x");
  await within(Promise.all([context.close(), gone]), 2000, "close");
  assertEquals([push.closed, other.closed], [true, true]);
});

function codeOf(error: unknown): string {
  return (error as zmq.ZmqError).code;
}

test("a name can be bound and unbound any number of times, in one turn and in many", async () => {
  const address = name();
  for (let i = 0; i < 5; i++) {
    const push = new zmq.Push({ linger: 0 });
    push.connect(address);
    void push.close();
    const pull = new zmq.Pull();
    await pull.bind(address);
    const other = new zmq.Push({ linger: 0 });
    await pull.unbind(address);
    other.connect(address); // waits, and the name is bound again
    await pull.bind(address);
    await other.send(String(i));
    assertEquals(texts(await pull.receive()), [String(i)]);
    if (i % 2 === 0) await pull.close();
    else void pull.close();
    await other.close();
  }
});
