/** Tests of messages in the API of zeromq.js 5: events, callbacks, queues. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import process from "node:process";
import zmq from "../../../src/zmq/v5/mod.ts";
import { eventually, runtime, test } from "../../support/harness.ts";
import { called, codeOf, messages, next, socketsOf } from "./sockets.ts";

test("a REP that answers from timers gets every request of a burst over one REQ", async (t) => {
  const socket = socketsOf(t);
  const reply = socket("rep");
  reply.bindSync("tcp://127.0.0.1:*");
  reply.on("message", (question) => {
    setTimeout(() => reply.send(`${question}!`), 1);
  });
  const request = socket("req");
  request.connect(reply.last_endpoint);
  const answers = messages(request, 20);
  for (let i = 0; i < 20; i++) request.send(String(i));
  assertEquals(
    await answers,
    Array.from({ length: 20 }, (_, i) => [`${i}!`]),
  );
});

test("frames are Buffers, and a listener has the socket as this", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("inproc://buffers");
  const push = socket("push");
  push.connect("inproc://buffers");
  const got = new Promise<unknown[]>((resolve) => {
    pull.on("message", function (this: unknown, ...frames: unknown[]) {
      resolve([this, ...frames]);
    });
  });
  push.send(["a", Buffer.from("b")]);
  const [self, a, b] = await got;
  assert(self === pull);
  assert(Buffer.isBuffer(a) && Buffer.isBuffer(b));
  assertEquals([a.toString(), b.toString()], ["a", "b"]);
});

test("sent values: text, numbers, bytes, and anything else as text", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("inproc://kinds");
  const push = socket("push");
  push.connect("inproc://kinds");
  const got = messages(pull, 7);
  push.send("text").send(15.5).send(new Uint8Array([65, 66]));
  push.send(new Uint8Array([67]).buffer).send(null).send(undefined);
  push.send([true, "", ["nested"]]);
  assertEquals(await got, [
    ["text"],
    ["15.5"],
    ["AB"],
    ["C"],
    ["null"],
    ["undefined"],
    ["true", "", "nested"],
  ]);
});

test("frames sent with ZMQ_SNDMORE leave with the next ones, as one message", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("inproc://more");
  const push = socket("push");
  push.connect("inproc://more");
  const got = messages(pull, 2);
  let callbacks = 0;
  push.send(["a", "b"], zmq.ZMQ_SNDMORE, () => callbacks++);
  push.send("c", zmq.ZMQ_SNDMORE);
  assertEquals(callbacks, 0);
  push.send("d", 0, () => callbacks++);
  assertEquals(callbacks, 2);
  push.send([]); // nothing
  push.send("e");
  assertEquals(await got, [["a", "b", "c", "d"], ["e"]]);
});

test("a callback may send more, and the order is kept", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("inproc://again");
  const push = socket("push");
  push.connect("inproc://again");
  const got = messages(pull, 4);
  push.send("1", null, () => {
    push.send("2", null, () => push.send("4"));
    push.send("3");
  });
  assertEquals((await got).flat(), ["1", "2", "3", "4"]);
});

test("messages sent before there is a peer wait for one, without limit", async (t) => {
  const socket = socketsOf(t);
  const push = socket("push");
  push.setsockopt(zmq.ZMQ_SNDHWM, 2);
  push.bindSync("tcp://127.0.0.1:*");
  let done = 0;
  for (let i = 0; i < 3000; i++) push.send(String(i), null, () => done++);
  assertEquals(done, 0);
  const pull = socket("pull");
  pull.connect(push.last_endpoint);
  const got = await messages(pull, 3000);
  assertEquals(got.flat(), Array.from({ length: 3000 }, (_, i) => String(i)));
  assertEquals(done, 3000);
});

test("ROUTER and DEALER work by identity", async (t) => {
  const socket = socketsOf(t);
  const router = socket("router");
  router.bindSync("tcp://127.0.0.1:*");
  const dealer = socket("dealer", { identity: "worker-1" });
  assertEquals(dealer.identity, "worker-1");
  dealer.connect(router.last_endpoint);
  router.on("message", (id, ...frames) => router.send([id, "got", ...frames]));
  dealer.send(["a", "b"]);
  const [first] = await messages(dealer, 1);
  assertEquals(first, ["got", "a", "b"]);
  router.send(["worker-1", "by name"]);
  assertEquals(await messages(dealer, 1), [["by name"]]);
});

test("a SUB gets what it has subscribed to, until it no longer has", async (t) => {
  const socket = socketsOf(t);
  const publisher = socket("xpub");
  publisher.setsockopt(zmq.ZMQ_XPUB_VERBOSE, 1);
  publisher.bindSync("tcp://127.0.0.1:*");
  const subscriber = socket("sub");
  subscriber.connect(publisher.last_endpoint);
  const subscriptions = messages(publisher, 2);
  subscriber.subscribe("kitty").subscribe(Buffer.from("dog"));
  assertEquals((await subscriptions).flat(), ["\x01kitty", "\x01dog"]);
  const got = messages(subscriber, 2);
  publisher.send(["bird", "tweet"]);
  publisher.send(["kitty cats", "meow!"]);
  publisher.send(["dog", "wuff"]);
  assertEquals(await got, [["kitty cats", "meow!"], ["dog", "wuff"]]);
  const gone = messages(publisher, 1);
  subscriber.unsubscribe("kitty");
  assertEquals((await gone).flat(), ["\x00kitty"]);
  const last = messages(subscriber, 1);
  publisher.send("kitty");
  publisher.send("dog");
  assertEquals(await last, [["dog"]]);
});

test("a paused socket emits nothing; read takes what is there", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("inproc://paused");
  const push = socket("push");
  push.connect("inproc://paused");
  const got: string[] = [];
  pull.on("message", (frame) => got.push(String(frame)));
  pull.pause();
  for (const text of ["a", "b", "c"]) push.send(text);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assertEquals(got, []);
  assertEquals(pull.read()?.map(String), ["a"]);
  const rest = messages(pull, 2);
  pull.resume();
  assertEquals((await rest).flat(), ["b", "c"]);
  assertEquals(pull.read(), null);
  assertEquals(got, ["b", "c"]);
});

test("a listener may pause, and close, within an event", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("inproc://within");
  const push = socket("push");
  push.connect("inproc://within");
  const got: string[] = [];
  pull.on("message", (frame) => {
    got.push(String(frame));
    if (got.length === 1) {
      pull.pause();
      setImmediate(() => pull.resume());
    } else pull.close();
  });
  for (const text of ["a", "b", "c"]) push.send(text);
  await called((done) => {
    const look = () => pull.closed ? done() : setImmediate(look);
    look();
  });
  assertEquals(got, ["a", "b"]);
});

test(
  "an error in a listener is an uncaught exception, and costs no message",
  // Bun's runner takes uncaught exceptions for itself.
  { skip: runtime === "bun" && "bun test fails tests for uncaught exceptions" },
  async (t) => {
    const socket = socketsOf(t);
    const pull = socket("pull");
    pull.bindSync("inproc://throws");
    const push = socket("push");
    push.connect("inproc://throws");
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const seen: string[] = [];
    const onUncaught = (error: Error) => seen.push(error.message);
    process.on("uncaughtException", onUncaught);
    t.cleanup(() => {
      process.removeListener("uncaughtException", onUncaught);
      for (const other of others) process.on("uncaughtException", other);
    });
    pull.once("message", () => {
      throw new Error("from a listener");
    });
    push.send("a").send("b");
    const [b] = await next(pull);
    assertEquals(String(b), "b");
    await eventually(() => seen.length > 0);
    assertEquals(seen, ["from a listener"]);
  },
);

test("a ROUTER with mandatory reports an unknown peer: callback, event, or thrown", async (t) => {
  const socket = socketsOf(t);
  const router = socket("router");
  router.setsockopt(zmq.ZMQ_ROUTER_MANDATORY, 1);
  const error = await called((done) =>
    router.send(["unknown", "x"], null, done)
  ) as Error & { code: string; errno: number };
  assertEquals(error.message, "Host unreachable");
  assertEquals(error.code, "EHOSTUNREACH");
  assert(error.errno > 0);
  assertEquals(codeOf(() => router.send(["unknown", "x"])), "EHOSTUNREACH");
  const reported = called((done) => router.on("error", done));
  router.send(["unknown", "x"]);
  assertEquals((await reported)?.message, "Host unreachable");
});

test("a socket that cannot send throws", async (t) => {
  const socket = socketsOf(t);
  const error = await called((done) => socket("sub").send("x", null, done));
  assertEquals(error?.message, "Operation not supported");
});

test("callbacks of pending calls are called when the socket is closed", async (t) => {
  const socket = socketsOf(t);
  const push = socket("push");
  const errors: string[] = [];
  const take = (error?: Error) => errors.push(error ? "error" : "sent");
  push.send("a", null, take);
  push.send("b", null, take);
  push.send("c"); // has none, and is no error event
  push.close();
  await called((done) => push.send("d", null, done));
  await called((done) => {
    const look = () => errors.length === 2 ? done() : setImmediate(look);
    look();
  });
  assertEquals(errors, ["error", "error"]);
  push.send("e"); // without an effect
});
