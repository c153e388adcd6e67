// RFC 49, SCATTER and GATHER; and RFC 52, CHANNEL. The names quote their SHALL
// clauses.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { joined, once, TCP, texts } from "./pairs.ts";

for (const address of [TCP, "inproc://rfc49"]) {
  const over = address.slice(0, address.indexOf(":"));

  // RFC 49.SCATTER.1, 49.SCATTER.3, 49.SCATTER.9, 49.GATHER.9
  test(`SCATTER SHALL route outgoing messages using a round-robin strategy (${over})`, async (t) => {
    const scatter = t.use(new zmq.Scatter());
    const gathers = [1, 2, 3].map(() => t.use(new zmq.Gather()));
    for (const [i, gather] of gathers.entries()) {
      await gather.bind(address === TCP ? TCP : `${address}-${i}`);
      scatter.connect(gather.lastEndpoint!);
    }
    for (let i = 0; i < 9; i++) await scatter.send(`${i}`);
    for (const [i, gather] of gathers.entries()) {
      for (const n of [i, i + 3, i + 6]) {
        assertEquals(texts(await gather.receive()), [`${n}`]);
      }
    }
  });
}

// RFC 49.GATHER.1, 49.GATHER.8
test("GATHER SHALL receive using a fair-queuing strategy", async (t) => {
  const gather = t.use(new zmq.Gather());
  await gather.bind("inproc://fair-gather");
  for (let i = 0; i < 3; i++) {
    const scatter = t.use(new zmq.Scatter());
    scatter.connect("inproc://fair-gather");
    for (let n = 0; n < 5; n++) await scatter.send(`${i}`);
  }
  for (let round = 0; round < 5; round++) {
    const got = new Set<string>();
    for (let i = 0; i < 3; i++) got.add(texts(await gather.receive())[0]!);
    assertEquals(got.size, 3);
  }
});

// RFC 49.SCATTER.8, 49.SCATTER.10, 49.SCATTER.11, 49.SCATTER.12, 49.GATHER.6
test("SCATTER SHALL block on sending when it has no available peers, and SHALL NOT discard", async (t) => {
  const scatter = t.use(new zmq.Scatter({ sendHighWaterMark: 2 }));
  const gather = t.use(new zmq.Gather({ receiveHighWaterMark: 2 }));
  assertEquals(scatter.trySend("x"), false);
  await joined(scatter, gather, "inproc://full-gather");
  let sent = 0;
  while (scatter.trySend(`${sent}`)) sent++;
  assertEquals(sent, 4);
  const waiting = scatter.send("4");
  for (let i = 0; i <= sent; i++) {
    assertEquals(texts(await gather.receive()), [`${i}`]);
  }
  await waiting;
});

// RFC 49.SCATTER.13, 52.CHANNEL.14
test("SCATTER and CHANNEL MUST NOT send multipart messages", async (t) => {
  const scatter = t.use(new zmq.Scatter());
  const channel = t.use(new zmq.Channel());
  for (const socket of [scatter, channel]) {
    const error = await assertRejects(
      () => socket.send(["a", "b"]),
      zmq.ZmqError,
      "can only send messages of one frame, not of 2",
    );
    assertEquals(error.code, "EINVAL");
  }
});

test("conflate keeps only the newest message, on either side", async (t) => {
  for (const side of ["scatter", "gather"]) {
    const scatter = t.use(new zmq.Scatter({ conflate: side === "scatter" }));
    const gather = t.use(new zmq.Gather({ conflate: side === "gather" }));
    await joined(gather, scatter, `inproc://conflate-${side}`);
    for (let i = 0; i < 5; i++) await scatter.send(`${i}`);
    assertEquals(texts(await gather.receive()), ["4"]);
    assertEquals(gather.readable, false);
  }
});

test("a SCATTER's messages wait for a restarted GATHER", async (t) => {
  const scatter = t.use(new zmq.Scatter({ reconnectInterval: 1 }));
  const first = new zmq.Gather();
  const endpoint = await joined(first, scatter);
  await scatter.send("1");
  assertEquals(texts(await first.receive()), ["1"]);
  const lost = once(scatter, "disconnect");
  await first.close();
  await lost;
  await scatter.send("2");
  const second = t.use(new zmq.Gather());
  await second.bind(endpoint);
  assertEquals(texts(await second.receive()), ["2"]);
});

test("PUSH and GATHER are similar, but not compatible", async (t) => {
  const gather = t.use(new zmq.Gather());
  await gather.bind(TCP);
  const push = t.use(new zmq.Push({ linger: 0, reconnectInterval: 60_000 }));
  // Either side may be the first to see it, and hang up.
  const refused = new Promise<string>((resolve) => {
    for (const socket of [push, gather]) {
      socket.events.once(
        "handshake:error:protocol",
        ({ error }) => resolve(error.message),
      );
    }
  });
  push.connect(gather.lastEndpoint!);
  const message = await within(refused, 5000, "the refusal");
  assert(
    message === "PUSH and GATHER are not compatible" ||
      message === "GATHER and PUSH are not compatible",
    message,
  );
  await gather.bind("inproc://no-push");
  assertThrows(
    () => push.connect("inproc://no-push"),
    zmq.ZmqError,
    "not compatible",
  );
});

// RFC 52

for (const address of [TCP, "inproc://rfc52"]) {
  const over = address.slice(0, address.indexOf(":"));

  // RFC 52.CHANNEL.2, 52.CHANNEL.15, 52.CHANNEL.16
  test(`CHANNEL sends and receives in any order (${over})`, async (t) => {
    const here = t.use(new zmq.Channel());
    const there = t.use(new zmq.Channel());
    await joined(here, there, address);
    for (const body of ["1", "2", "3"]) await here.send(body);
    for (const body of ["a", "b"]) await there.send(body);
    for (const body of ["1", "2", "3"]) {
      assertEquals(texts(await there.receive()), [body]);
    }
    for (const body of ["a", "b"]) {
      assertEquals(texts(await here.receive()), [body]);
    }
  });

  // RFC 52.CHANNEL.1
  test(`CHANNEL has one peer: the second waits until the first has gone (${over})`, async (t) => {
    const here = t.use(new zmq.Channel());
    const first = new zmq.Channel();
    const endpoint = await joined(here, first, address);
    await first.send("first");
    assertEquals(texts(await here.receive()), ["first"]);
    const second = t.use(new zmq.Channel({ reconnectInterval: 1, linger: 0 }));
    second.connect(endpoint);
    await here.send("for the first");
    assertEquals(texts(await first.receive()), ["for the first"]);
    await first.close();
    if (address !== TCP) second.connect(endpoint); // inproc does not try again
    // What it says is lost while it is turned away.
    while (!here.readable) {
      second.trySend("second");
      await here.poll(zmq.POLLIN, { timeout: 5 });
    }
    assertEquals(texts(await here.receive()), ["second"]);
  });
}

// RFC 52.CHANNEL.10, 52.CHANNEL.11, 52.CHANNEL.12, 52.CHANNEL.13
test("CHANNEL SHALL block on sending when it has no peer", async (t) => {
  const here = t.use(new zmq.Channel({ sendTimeout: 0 }));
  const error = await assertRejects(() => here.send("x"), zmq.ZmqError);
  assertEquals(error.code, "EAGAIN");
  assertEquals([here.readable, here.writable], [false, false]);
  const there = t.use(new zmq.Channel({ receiveHighWaterMark: 1 }));
  here.sendHighWaterMark = 1;
  await joined(here, there, "inproc://full-channel");
  let sent = 0;
  while (here.trySend("x")) sent++;
  assertEquals(sent, 2);
  await there.receive();
  await there.receive();
  assert(here.writable);
});

test("there is no socket type that libzmq does not have", () => {
  let error: zmq.ZmqError | undefined;
  try {
    zmq.createSocket(21 as unknown as typeof zmq.PAIR);
  } catch (thrown) {
    error = thrown as zmq.ZmqError;
  }
  assertEquals(error?.code, "EINVAL");
});

test("every type is created by its number in libzmq, and knows its name", (t) => {
  const numbers = {
    STREAM: 11,
    SERVER: 12,
    CLIENT: 13,
    RADIO: 14,
    DISH: 15,
    GATHER: 16,
    SCATTER: 17,
    PEER: 19,
    CHANNEL: 20,
  };
  for (const [name, number] of Object.entries(numbers)) {
    assertEquals(
      (zmq as unknown as Record<string, number>)[name],
      number,
    );
    assertEquals(zmq.SOCKET_TYPE_NAMES[number], name);
    const socket = t.use(zmq.createSocket(number as zmq.SocketType));
    assertEquals([socket.type, socket.constructor.name.toUpperCase()], [
      number,
      name,
    ]);
  }
});
