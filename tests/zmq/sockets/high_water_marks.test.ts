// High-water marks: what they count, when a full pipe opens again, and that
// memory stays bounded by them.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { joined, TCP, texts, TRANSPORTS } from "./pairs.ts";

/** Sends until that would have to wait; returns how many were taken. */
function fill(push: zmq.Push, frames: string[] = ["x"]): number {
  let count = 0;
  while (push.trySend(frames)) {
    if (++count > 1_000_000) throw new Error("no bound");
  }
  return count;
}

// RFC 28.DEALER.4, 30.PUSH.4, 37.SOCKET.2
test("a peer that is not connected yet gets exactly sendHighWaterMark messages", (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 7, linger: 0 }));
  push.connect("tcp://127.0.0.1:1");
  assertEquals(fill(push), 7);
});

// RFC 30.PUSH.6
test("a mark counts messages, not frames", (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 7, linger: 0 }));
  push.connect("tcp://127.0.0.1:1");
  assertEquals(fill(push, ["a", "b", "c"]), 7);
});

test("the mark of inproc is the sum of both ends, bound first or last", async (t) => {
  for (const isBoundFirst of [true, false]) {
    const push = t.use(new zmq.Push({ sendHighWaterMark: 3 }));
    const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 4 }));
    const address = `inproc://sum-${isBoundFirst}`;
    if (!isBoundFirst) {
      push.connect(address);
      assertEquals(fill(push), 3);
    }
    await pull.bind(address);
    if (isBoundFirst) push.connect(address);
    assertEquals(fill(push), isBoundFirst ? 7 : 4);
  }
});

for (const [sendHighWaterMark, receiveHighWaterMark] of [[0, 4], [4, 0]]) {
  test(`0 on either end of inproc is no limit (${sendHighWaterMark} and ${receiveHighWaterMark})`, async (t) => {
    const push = t.use(new zmq.Push({ sendHighWaterMark }));
    const pull = t.use(new zmq.Pull({ receiveHighWaterMark }));
    await joined(pull, push, "inproc://unlimited");
    for (let i = 0; i < 10_000; i++) assert(push.trySend(`${i}`));
    for (let i = 0; i < 10_000; i++) {
      assertEquals(String(pull.tryReceive()), `${i}`);
    }
    assertEquals(pull.tryReceive(), undefined);
  });
}

test("a full pipe accepts messages again at half its high-water mark, not before", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 5 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 5 }));
  await joined(pull, push, "inproc://half");
  assertEquals(fill(push), 10);
  let isSent = false;
  const waiting = push.send("waits").then(() => isSent = true);
  for (let left = 10; left > 5; left--) {
    assertEquals(isSent, false);
    await pull.receive();
    await Promise.resolve();
  }
  await waiting;
});

// RFC 30.PULL.6, 30.PUSH.12
test("a slow receiver blocks its sender, and loses nothing", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 10 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 10 }));
  await joined(pull, push);
  const body = new Uint8Array(10_000);
  let sent = 0;
  const total = 3000;
  const sending = (async () => {
    for (; sent < total; sent++) await push.send([String(sent), body]);
  })();
  // No one receives: what fits into the queues and the system's buffers is far
  // less than all, and then nothing moves any more.
  let before = -1;
  while (before !== sent) {
    before = sent;
    for (let i = 0; i < 50; i++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  assert(sent < total, "the sender was never held up");
  for (let i = 0; i < total; i++) {
    const [number] = await pull.receive();
    assertEquals(String(number), String(i));
  }
  await sending;
});

test("pending sends are limited by the high-water mark", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 3 }));
  const waiting = [1, 2, 3].map(() => assertRejects(() => push.send("x")));
  const error = await assertRejects(() => push.send("x"), zmq.ZmqError);
  assertEquals(error.code, "EAGAIN");
  await push.close();
  await Promise.all(waiting);
});

test("a small buffer may be used again at once, even if its message waits", async (t) => {
  for (const address of [TCP, "inproc://reuse"]) {
    const push = t.use(new zmq.Push());
    const pull = t.use(new zmq.Pull());
    const scratch = new Uint8Array(1);
    await push.bind(address);
    pull.connect(push.lastEndpoint!);
    for (let i = 0; i < 100; i++) {
      scratch[0] = i;
      await push.send(scratch);
    }
    for (let i = 0; i < 100; i++) {
      assertEquals((await pull.receive())[0]![0], i);
    }
  }
});

test("a small message that is kept does not keep a large read buffer", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(pull, push);
  for (let i = 0; i < 1000; i++) await push.send(new Uint8Array(100));
  for (let i = 0; i < 1000; i++) {
    const [frame] = await pull.receive();
    assert(
      frame!.buffer.byteLength <= 16_384,
      `${frame!.buffer.byteLength} bytes`,
    );
  }
});

test("conflate keeps only the newest message, whichever side sets it", async (t) => {
  for (const end of ["sender", "receiver"]) {
    const push = t.use(new zmq.Push({ conflate: end === "sender" }));
    const pull = t.use(new zmq.Pull({ conflate: end === "receiver" }));
    await joined(pull, push, `inproc://conflate-${end}`);
    for (let i = 0; i < 5000; i++) assert(push.trySend(String(i)));
    assertEquals(String((await pull.receive())[0]), "4999");
    assertEquals(pull.tryReceive(), undefined);
  }
});

test("with conflate the newest message waits for a peer that is not connected yet", async (t) => {
  const push = t.use(new zmq.Push({ conflate: true, reconnectInterval: 5 }));
  const probe = t.use(new zmq.Pull());
  await probe.bind(TCP);
  const endpoint = probe.lastEndpoint!;
  await probe.unbind(endpoint);
  push.connect(endpoint);
  for (let i = 0; i < 10; i++) await push.send(String(i));
  const pull = t.use(new zmq.Pull());
  await pull.bind(endpoint);
  assertEquals(String((await pull.receive())[0]), "9");
});

test("a SUB that conflates loses no subscription", async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  const sub = t.use(new zmq.Subscriber({ conflate: true }));
  sub.subscribe("a", "b", "c");
  await joined(xpub, sub);
  for (let i = 0; i < 3; i++) await xpub.receive();
  await xpub.send("a 1");
  assertEquals(String((await sub.receive())[0]), "a 1");
});

for (const { name, address, skip } of TRANSPORTS) {
  test(
    `new marks apply at once to existing and new connections (${name})`,
    {
      skip,
    },
    async (t) => {
      const endpoint = await address(t);
      const push = t.use(new zmq.Push({ sendHighWaterMark: 1, linger: 0 }));
      const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 1 }));
      await joined(pull, push, endpoint);
      const large = new Uint8Array(4096); // what buffers hold is little beside all
      while (push.trySend(large));
      const waiting = push.send(large);
      push.sendHighWaterMark = pull.receiveHighWaterMark = 50_000;
      await waiting;
      let sent = 0;
      while (sent < 20_000 && push.trySend(large)) sent++;
      assertEquals(sent, 20_000);
      const later = t.use(new zmq.Push({ linger: 0 }));
      later.connect(pull.lastEndpoint!);
      later.sendHighWaterMark = 0;
      for (let i = 0; i < 2000; i++) assertEquals(later.trySend("x"), true);
    },
  );
}

test("a lower mark drops nothing, and applies from the next message on", async (t) => {
  const push = t.use(new zmq.Push({ linger: 0 }));
  const pull = t.use(new zmq.Pull());
  await joined(pull, push, "inproc://lower");
  for (let i = 0; i < 10; i++) assertEquals(push.trySend(`${i}`), true);
  push.sendHighWaterMark = pull.receiveHighWaterMark = 2;
  assertEquals(push.trySend("more"), false);
  for (let i = 0; i < 10; i++) {
    assertEquals(texts(await pull.receive()), [`${i}`]);
  }
  assertEquals(push.trySend("more"), true);
});
