// RFC 30: PUSH and PULL, and RFC 31: PAIR. The names quote their SHALL clauses.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { joined, once, TCP, texts } from "./pairs.ts";

// RFC 30.PUSH.7, 30.PUSH.9
test("PUSH SHALL route to its peers by round-robin", async (t) => {
  const push = t.use(new zmq.Push());
  const pulls = [1, 2, 3].map(() => t.use(new zmq.Pull()));
  for (const [i, pull] of pulls.entries()) {
    await joined(pull, push, `inproc://rr${i}`);
  }
  for (let i = 0; i < 9; i++) await push.send(String(i));
  for (const [i, pull] of pulls.entries()) {
    for (const expected of [i, i + 3, i + 6]) {
      assertEquals(texts(await pull.receive()), [String(expected)]);
    }
  }
});

// RFC 30.PUSH.3, 30.PUSH.8
test("PUSH skips a peer whose queue is full", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const full = t.use(new zmq.Pull({ receiveHighWaterMark: 1 }));
  const open = t.use(new zmq.Pull({ receiveHighWaterMark: 0 }));
  await joined(full, push, "inproc://full");
  await joined(open, push, "inproc://open");
  for (let i = 0; i < 10; i++) await push.send(String(i));
  let taken = 0;
  while (open.tryReceive()) taken++;
  assertEquals(taken, 8);
});

// RFC 30.PUSH.10
test("PUSH SHALL block on sending when it has no peers", async (t) => {
  const push = t.use(new zmq.Push());
  await push.bind(TCP);
  assertEquals(push.writable, false);
  const error = await assertRejects(
    () => push.send("x", { timeout: 0 }),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EAGAIN");
  const waiting = push.send("sent later");
  const pull = t.use(new zmq.Pull());
  pull.connect(push.lastEndpoint!);
  await waiting;
  assertEquals(texts(await pull.receive()), ["sent later"]);
});

// RFC 30.PULL.7, 30.PULL.8
test("PULL SHALL receive by fair-queuing: a flood starves no peer", async (t) => {
  const pull = t.use(new zmq.Pull());
  const [flood, quiet] = [1, 2].map(() => t.use(new zmq.Push()));
  await joined(pull, flood!, "inproc://fair");
  quiet!.connect("inproc://fair");
  for (let i = 0; i < 1000; i++) await flood!.send("flood");
  await quiet!.send("quiet");
  const first = [
    texts(await pull.receive())[0],
    texts(await pull.receive())[0],
  ];
  assert(first.includes("quiet"), `got ${first}`);
});

// RFC 30.PUSH.11
test("a message to a disconnected peer does not count as sent", async (t) => {
  const push = t.use(new zmq.Push());
  const gone = new zmq.Pull();
  await joined(push, gone, "inproc://gone");
  await push.send("1");
  await gone.close();
  assertEquals(push.writable, false);
  const waiting = push.send("2");
  const pull = t.use(new zmq.Pull());
  pull.connect("inproc://gone");
  await waiting;
  assertEquals(texts(await pull.receive()), ["2"]);
});

// RFC 30.PULL.5
test("what a peer sent before it closed can still be received", async (t) => {
  for (const address of [TCP, "inproc://late"]) {
    const pull = t.use(new zmq.Pull());
    const push = new zmq.Push();
    await joined(pull, push, address);
    for (let i = 0; i < 10; i++) await push.send(String(i));
    await push.close();
    for (let i = 0; i < 10; i++) {
      assertEquals(texts(await pull.receive()), [String(i)]);
    }
  }
});

// RFC 31.PAIR.1
test("PAIR SHALL be connected to one peer; further ones are refused", async (t) => {
  for (const address of [TCP, "inproc://pair-one"]) {
    const pair = t.use(new zmq.Pair());
    const first = new zmq.Pair();
    const second = t.use(new zmq.Pair({ reconnectInterval: 5 }));
    const endpoint = await joined(pair, first, address);
    await first.send("1");
    assertEquals(texts(await pair.receive()), ["1"]);
    if (address === TCP) {
      second.connect(endpoint);
      await once(second, "disconnect");
    }
    await pair.send("to the first");
    assertEquals(texts(await first.receive()), ["to the first"]);
    const left = new Promise((resolve) =>
      pair.events.once("disconnect", resolve)
    );
    await first.close();
    if (address !== TCP) {
      second.connect(endpoint);
    } else await left;
    await second.send("2");
    assertEquals(texts(await pair.receive()), ["2"]);
  }
});
