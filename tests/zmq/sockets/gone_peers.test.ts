// Peers that disconnected while messages of theirs are still to be read: nothing
// is sent to them, nothing that they sent is lost, and reconnecting peers are
// served.
import { assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { joined, once, TCP, texts, TRANSPORTS } from "./pairs.ts";

/** What a socket receives until it has so many messages: their last frames. */
async function take(
  socket: { receive(): Promise<unknown[]> },
  count: number,
): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) {
    const message = await socket.receive() as Uint8Array[];
    const frames = message.filter((frame) => frame instanceof Uint8Array);
    all.push(texts(frames).at(-1)!);
  }
  return all;
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

for (const { name, address, skip } of TRANSPORTS) {
  test(
    `a ROUTER with mandatory cannot reach a peer that disconnected with unread messages (${name})`,
    {
      skip,
    },
    async (t) => {
      const router = t.use(new zmq.Router({ mandatory: true }));
      await router.bind(await address(t));
      const [gone, here] = ["gone", "here"].map((routingId) => {
        const dealer = t.use(new zmq.Dealer({ routingId }));
        dealer.connect(router.lastEndpoint!);
        return dealer;
      });
      await gone!.send("1");
      await gone!.send("2");
      assertEquals(texts(await router.receive()), ["gone", "1"]);
      const left = isInproc(router) ? undefined : once(router, "disconnect");
      await gone!.close();
      await left;
      await here!.send("hi");
      const unread = router.send(["gone", "answer"]);
      const behind = router.send(["here", "answer"]);
      const error = await assertRejects(() => unread, zmq.ZmqError);
      assertEquals(error.code, "EHOSTUNREACH");
      const [first, second] = [await router.receive(), await router.receive()];
      assertEquals(
        [texts(first), texts(second)].map((m) => m.join()).sort(),
        ["gone,2", "here,hi"],
      );
      await behind;
      assertEquals(texts(await here!.receive()), ["answer"]);
    },
  );
}

test("without mandatory, messages to such a peer are dropped", async (t) => {
  const router = t.use(new zmq.Router());
  const dealer = new zmq.Dealer({ routingId: "gone" });
  await joined(router, dealer);
  await dealer.send("1");
  await dealer.send("2");
  await router.receive();
  const left = once(router, "disconnect");
  await dealer.close();
  await left;
  await router.send(["gone", "answer"]);
  assertEquals(texts(await router.receive()), ["gone", "2"]);
});

test("a send that waits for room at a peer ends when that peer disconnects, and the next is sent", async (t) => {
  const router = t.use(
    new zmq.Router({ mandatory: true, sendHighWaterMark: 2 }),
  );
  await router.bind("inproc://full-and-gone");
  const slow = new zmq.Dealer({ routingId: "slow", receiveHighWaterMark: 1 });
  const other = t.use(new zmq.Dealer({ routingId: "other" }));
  for (const dealer of [slow, other]) {
    dealer.connect("inproc://full-and-gone");
    await dealer.send("1");
    await dealer.send("2");
  }
  await router.receive();
  for (const body of numbers(1, 4)) await router.send(["slow", body]);
  const waiting = assertRejects(
    () => router.send(["slow", "4"]),
    zmq.ZmqError,
  );
  const behind = router.send(["other", "a"]);
  await slow.close();
  const error = await waiting;
  assertEquals(error.code, "EHOSTUNREACH");
  await behind;
  assertEquals(texts(await other.receive()), ["a"]);
});

test("a SERVER and a PEER cannot reach a peer that disconnected with unread messages", async (t) => {
  for (
    const [bound, gone] of [
      [new zmq.Server(), new zmq.Client()],
      [new zmq.Peer(), new zmq.Peer()],
    ] as const
  ) {
    t.use(bound);
    await joined(bound, gone);
    if (gone instanceof zmq.Client) {
      for (const body of ["1", "2"]) await gone.send(body);
    } else {
      const routingId = gone.connectPeer(bound.lastEndpoint!);
      for (const body of ["1", "2"]) await gone.send(body, { routingId });
    }
    const [, from] = await bound.receive();
    const left = once(bound, "disconnect");
    await gone.close();
    await left;
    const error = await assertRejects(
      () => bound.send("answer", from),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EHOSTUNREACH");
    assertEquals(texts([(await bound.receive())[0]]), ["2"]);
  }
});

test("a DEALER skips a peer that disconnected with unread messages", async (t) => {
  const dealer = t.use(new zmq.Dealer());
  await dealer.bind(TCP);
  const gone = new zmq.Dealer();
  gone.connect(dealer.lastEndpoint!);
  await gone.send("unread");
  await dealer.poll(zmq.POLLIN);
  const left = once(dealer, "disconnect");
  await gone.close();
  await left;
  const here = t.use(new zmq.Dealer());
  here.connect(dealer.lastEndpoint!);
  for (const body of ["1", "2"]) await dealer.send(body);
  assertEquals(await take(here, 2), ["1", "2"]);
  assertEquals(await take(dealer, 1), ["unread"]);
});

test("an XPUB with noDrop does not wait for a disconnected subscriber", async (t) => {
  // With a mark of 1 the events of the first subscriber are not read on.
  const xpub = t.use(
    new zmq.XPublisher({ noDrop: true, receiveHighWaterMark: 1 }),
  );
  await xpub.bind("inproc://no-drop");
  const sub = new zmq.XSubscriber();
  sub.connect("inproc://no-drop");
  for (const topic of ["a", "b", "c"]) await sub.send(`\x01${topic}`);
  await sub.close();
  assertEquals(xpub.writable, true);
  await xpub.send("a");
});

/** Pairs of sockets whose messages one of them receives, and how these are sent. */
const SENDERS: readonly {
  readonly name: string;
  readonly bound: () => zmq.Socket & { receive(): Promise<unknown[]> };
  readonly sender: () => zmq.Socket;
  readonly send: (socket: zmq.Socket, text: string) => Promise<void>;
}[] = [
  {
    name: "PUSH to PULL",
    bound: () => new zmq.Pull(),
    sender: () => new zmq.Push(),
    send: (socket, text) => (socket as zmq.Push).send(text),
  },
  {
    name: "DEALER to DEALER",
    bound: () => new zmq.Dealer(),
    sender: () => new zmq.Dealer(),
    send: (socket, text) => (socket as zmq.Dealer).send(text),
  },
  {
    name: "DEALER to ROUTER",
    bound: () => new zmq.Router(),
    sender: () => new zmq.Dealer({ routingId: "it" }),
    send: (socket, text) => (socket as zmq.Dealer).send(text),
  },
  {
    name: "DEALER to ROUTER with handover",
    bound: () => new zmq.Router({ handover: true }),
    sender: () => new zmq.Dealer({ routingId: "it" }),
    send: (socket, text) => (socket as zmq.Dealer).send(text),
  },
  {
    name: "PAIR to PAIR",
    bound: () => new zmq.Pair(),
    sender: () => new zmq.Pair(),
    send: (socket, text) => (socket as zmq.Pair).send(text),
  },
  {
    name: "CLIENT to SERVER",
    bound: () => new zmq.Server(),
    sender: () => new zmq.Client(),
    send: (socket, text) => (socket as zmq.Client).send(text),
  },
  {
    name: "SCATTER to GATHER",
    bound: () => new zmq.Gather(),
    sender: () => new zmq.Scatter(),
    send: (socket, text) => (socket as zmq.Scatter).send(text),
  },
];

for (const { name, bound, sender, send } of SENDERS) {
  test(`messages stay in order when the sender reconnects (${name})`, async (t) => {
    const socket = t.use(bound());
    await socket.bind(TCP);
    for (const start of [0, 5, 10]) {
      const peer = sender();
      const left = once(socket, "disconnect");
      peer.connect(socket.lastEndpoint!);
      for (const text of numbers(start, start + 5)) await send(peer, text);
      await peer.close();
      await left; // all that it sent has come
    }
    assertEquals(await take(socket, 15), numbers(0, 15));
  });
}

test("a reconnected peer is served although others always have messages", async (t) => {
  const pull = t.use(new zmq.Pull());
  const left = once(pull, "disconnect");
  const first = new zmq.Push();
  const endpoint = await joined(pull, first);
  for (const text of ["1", "2"]) await first.send(text);
  await first.close();
  await left;
  const busy = t.use(new zmq.Push({ linger: 0 }));
  const again = t.use(new zmq.Push());
  await pull.bind("inproc://busy");
  busy.connect("inproc://busy");
  for (let i = 0; i < 100; i++) await busy.send("busy");
  const shaken = once(pull, "handshake");
  again.connect(endpoint);
  await again.send("3");
  await shaken;
  const received: string[] = [];
  while (!received.includes("3")) {
    await busy.send("busy");
    received.push(...await take(pull, 1));
  }
  assertEquals(received.filter((text) => text !== "busy"), ["1", "2", "3"]);
});

test("with handover, no message of the first connection is lost", async (t) => {
  const router = t.use(new zmq.Router({ handover: true, mandatory: true }));
  const first = t.use(
    new zmq.Dealer({ routingId: "same", reconnectInterval: -1 }),
  );
  const endpoint = await joined(router, first);
  for (const text of numbers(0, 5)) await first.send(text);
  await router.poll(zmq.POLLIN);
  const second = t.use(new zmq.Dealer({ routingId: "same" }));
  const replaced = once(router, "disconnect");
  second.connect(endpoint);
  await second.send("5");
  const { error } = await replaced;
  assertEquals((error as zmq.ZmqError).code, "EEXIST");
  assertEquals(await take(router, 6), numbers(0, 6));
  await router.send(["same", "for the second"]);
  assertEquals(texts(await second.receive()), ["for the second"]);
});

test("the event of a refused peer has a reason", async (t) => {
  for (
    const [bound, peers] of [
      [
        new zmq.Router(),
        [
          new zmq.Dealer({ routingId: "same" }),
          new zmq.Dealer({ routingId: "same", reconnectInterval: -1 }),
        ],
      ],
      [new zmq.Pair(), [
        new zmq.Pair(),
        new zmq.Pair({ reconnectInterval: -1 }),
      ]],
    ] as const
  ) {
    t.use(bound);
    await bound.bind(TCP);
    const refused = once(bound, "disconnect");
    for (const peer of peers) {
      t.use(peer);
      const shaken = once(bound, "handshake");
      peer.connect(bound.lastEndpoint!);
      await shaken;
    }
    const { error } = await refused;
    assertEquals((error as zmq.ZmqError).code, "EEXIST");
  }
});

function isInproc(socket: zmq.Socket): boolean {
  return socket.lastEndpoint!.startsWith("inproc");
}
