// Messages that the engine makes: hello, hiccup and disconnect messages, and
// what a ROUTER is notified of.
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { test, type TestContext } from "../../support/harness.ts";
import { handshake } from "../../support/peers/zmtp_bytes.ts";
import { joined, once, TCP, texts, TRANSPORTS } from "./pairs.ts";

for (
  const { name, address, skip } of TRANSPORTS.filter(({ name }) =>
    ["tcp IPv4", "ipc", "inproc"].includes(name)
  )
) {
  const options = { skip: skip ?? false };

  test(
    `a connection starts with the hello message of each side (${name})`,
    options,
    async (t) => {
      const router = t.use(new zmq.Router({ helloMessage: "welcome" }));
      const dealer = t.use(
        new zmq.Dealer({
          routingId: "d",
          helloMessage: Uint8Array.of(0xff),
          probeRouter: true,
        }),
      );
      await joined(router, dealer, await address(t));
      await dealer.send("first");
      assertEquals((await router.receive()).map((frame) => [...frame]), [
        [100],
        [0xff],
      ]);
      assertEquals(texts(await router.receive()), ["d", ""]); // the probe
      assertEquals(texts(await router.receive()), ["d", "first"]);
      await router.send(["d", "second"]);
      assertEquals(texts(await dealer.receive()), ["welcome"]);
      assertEquals(texts(await dealer.receive()), ["second"]);
    },
  );

  test(
    `an accepted peer that disconnects yields the disconnect message (${name})`,
    options,
    async (t) => {
      const router = t.use(
        new zmq.Router({ disconnectMessage: "gone", receiveHighWaterMark: 1 }),
      );
      const dealer = new zmq.Dealer({ routingId: "d" });
      await joined(router, dealer, await address(t));
      for (const text of ["1", "2", "3"]) await dealer.send(text);
      await dealer.close();
      for (const text of ["1", "2", "3", "gone"]) {
        assertEquals(texts(await router.receive()), ["d", text]);
      }
    },
  );

  test(
    `a ROUTER is notified of connects and disconnects (${name})`,
    options,
    async (t) => {
      const router = t.use(
        new zmq.Router({
          routerNotify: ["connect", "disconnect"],
          disconnectMessage: "gone",
        }),
      );
      const dealer = new zmq.Dealer({ routingId: "d" });
      await joined(router, dealer, await address(t));
      assertEquals(texts(await router.receive()), ["d", ""]);
      await dealer.send("x");
      assertEquals(texts(await router.receive()), ["d", "x"]);
      await dealer.close();
      assertEquals(texts(await router.receive()), ["d", ""]);
      assertEquals(texts(await router.receive()), ["d", "gone"]);
      assertEquals(router.readable, false);
    },
  );

  test(
    `a connecting ROUTER is notified, too, and gets no disconnect message (${name})`,
    options,
    async (t) => {
      const router = t.use(
        new zmq.Router({
          routerNotify: ["connect", "disconnect"],
          disconnectMessage: "only of those that were accepted",
          linger: 0,
        }),
      );
      const dealer = new zmq.Dealer({ routingId: "d" });
      await joined(dealer, router, await address(t));
      assertEquals(texts(await router.receive()), ["d", ""]);
      await dealer.close();
      assertEquals(texts(await router.receive()), ["d", ""]);
      await router.send(["d", "unknown"]);
      assertEquals(router.readable, false);
    },
  );
}

test("only the notifications that were asked for are received", async (t) => {
  const router = t.use(new zmq.Router({ routerNotify: ["disconnect"] }));
  const dealer = new zmq.Dealer({ routingId: "d" });
  await joined(router, dealer);
  await dealer.send("x");
  assertEquals(texts(await router.receive()), ["d", "x"]);
  await dealer.close();
  assertEquals(texts(await router.receive()), ["d", ""]);
});

test("a refused peer causes no notification", async (t) => {
  const router = t.use(
    new zmq.Router({
      routerNotify: ["connect", "disconnect"],
      disconnectMessage: "gone",
    }),
  );
  const first = t.use(new zmq.Dealer({ routingId: "d" }));
  const endpoint = await joined(router, first);
  assertEquals(texts(await router.receive()), ["d", ""]);
  const second = t.use(
    new zmq.Dealer({ routingId: "d", reconnectInterval: -1 }),
  );
  const lost = once(second, "disconnect");
  second.connect(endpoint);
  await lost;
  await first.send("still there");
  assertEquals(texts(await router.receive()), ["d", "still there"]);
});

for (const isImmediate of [false, true]) {
  test(`a lost connection is a hiccup, and the next one begins with hello again (immediate: ${isImmediate})`, async (t) => {
    const first = new zmq.Router();
    const dealer = t.use(
      new zmq.Dealer({
        routingId: "d",
        helloMessage: "hello",
        hiccupMessage: "hiccup",
        reconnectInterval: 1,
        immediate: isImmediate,
      }),
    );
    const endpoint = await joined(first, dealer);
    assertEquals(texts(await first.receive()), ["d", "hello"]);
    await first.send(["d", "last words"]);
    await first.close();
    assertEquals(texts(await dealer.receive()), ["last words"]);
    assertEquals(texts(await dealer.receive()), ["hiccup"]);
    const second = t.use(new zmq.Router());
    await second.bind(endpoint);
    assertEquals(texts(await second.receive()), ["d", "hello"]);
  });
}

test("failed attempts cause no hiccup message", async (t) => {
  const dealer = t.use(
    new zmq.Dealer({ hiccupMessage: "hiccup", reconnectInterval: 1 }),
  );
  let count = 0;
  const twice = new Promise<void>((resolve) =>
    dealer.events.on("connect:retry", () => ++count === 2 && resolve())
  );
  dealer.connect("tcp://127.0.0.1:1");
  await twice;
  assertEquals(dealer.readable, false);
});

test("these messages arrive even if the queue is full", async (t) => {
  const first = new zmq.Router();
  const dealer = t.use(
    new zmq.Dealer({
      routingId: "d",
      hiccupMessage: "hiccup",
      receiveHighWaterMark: 1,
    }),
  );
  await joined(first, dealer);
  await dealer.send("x");
  await first.receive();
  for (const text of ["1", "2", "3"]) await first.send(["d", text]);
  await first.close();
  for (const text of ["1", "2", "3", "hiccup"]) {
    assertEquals(texts(await dealer.receive()), [text]);
  }
});

test("a disconnect message reports a peer that missed its heartbeats", async (t) => {
  const router = t.use(
    new zmq.Router({
      disconnectMessage: "gone",
      heartbeatInterval: 10,
      heartbeatTimeout: 20,
    }),
  );
  await router.bind(TCP);
  const silent = await silentDealer(t, router.lastEndpoint!);
  const [, message] = texts(await router.receive());
  assertEquals(message, "gone");
  await silent.closed;
});

/** A peer that passes its handshake and then says nothing. */
async function silentDealer(
  t: TestContext,
  endpoint: string,
): Promise<FakePeer> {
  const peer = t.use(await FakePeer.connect(endpoint));
  peer.send(handshake("DEALER"));
  return peer;
}

test("changing a received message does not change the option", async (t) => {
  const hello = Uint8Array.of(1, 2);
  const router = t.use(new zmq.Router({ helloMessage: hello }));
  hello.fill(9);
  const dealer = t.use(new zmq.Dealer());
  await joined(router, dealer);
  const [got] = await dealer.receive();
  assertEquals([...got!], [1, 2]);
  got!.fill(7);
  const other = t.use(new zmq.Dealer());
  other.connect(router.lastEndpoint!);
  assertEquals([...(await other.receive())[0]!], [1, 2]);
});

test("inproc: a socket that connects before bind sends hello first, too", async (t) => {
  const dealer = t.use(new zmq.Dealer({ routingId: "d", helloMessage: "hi" }));
  dealer.connect("inproc://later");
  await dealer.send("first");
  const router = t.use(new zmq.Router({ helloMessage: "welcome" }));
  await router.bind("inproc://later");
  assertEquals(texts(await router.receive()), ["d", "hi"]);
  assertEquals(texts(await router.receive()), ["d", "first"]);
  assertEquals(texts(await dealer.receive()), ["welcome"]);
});

test("a SERVER and a CLIENT receive hello, disconnect and hiccup messages", async (t) => {
  const server = new zmq.Server({
    helloMessage: "welcome",
    disconnectMessage: "gone",
  });
  const client = t.use(
    new zmq.Client({
      helloMessage: "hi",
      hiccupMessage: "hiccup",
      reconnectInterval: 5,
    }),
  );
  const endpoint = await joined(server, client);
  const [hi, from] = await server.receive();
  assertEquals(texts([hi]), ["hi"]);
  await server.send("answer", from);
  assertEquals(texts(await client.receive()), ["welcome"]);
  assertEquals(texts(await client.receive()), ["answer"]);
  const other = new zmq.Client();
  other.connect(endpoint);
  await other.send("1");
  assertEquals(texts([(await server.receive())[0]]), ["1"]);
  await other.close();
  assertEquals(texts([(await server.receive())[0]]), ["gone"]);
  await server.close();
  assertEquals(texts(await client.receive()), ["hiccup"]);
});

test("PEERs receive hello, disconnect and hiccup messages", async (t) => {
  const bound = new zmq.Peer({
    helloMessage: "welcome",
    disconnectMessage: "gone",
  });
  const peer = t.use(
    new zmq.Peer({ helloMessage: "hi", hiccupMessage: "hiccup" }),
  );
  const other = new zmq.Peer();
  const endpoint = await joined(bound, peer);
  assertEquals(texts([(await bound.receive())[0]]), ["hi"]);
  assertEquals(texts([(await peer.receive())[0]]), ["welcome"]);
  const routingId = other.connectPeer(endpoint);
  await other.send("1", { routingId });
  assertEquals(texts([(await bound.receive())[0]]), ["1"]);
  await other.close();
  assertEquals(texts([(await bound.receive())[0]]), ["gone"]);
  await bound.close();
  assertEquals(texts([(await peer.receive())[0]]), ["hiccup"]);
});
