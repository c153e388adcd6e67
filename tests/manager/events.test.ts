/** Tests publishSafe, recvEventSafe, setTopic and subscribe. */
import {
  AgentZeroSocketError,
  Event,
  SerializationError,
  type SocketManager,
  SocketNotFound,
  zmq,
} from "@agentzero/agentzero";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test, within } from "../support/harness.ts";
import {
  broadcast,
  inproc,
  managerFor,
  msOf,
  pipeline,
  subscription,
  turn,
} from "./fixtures.ts";

const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;

async function publish(sockets: SocketManager, ...topics: string[]) {
  for (const topic of topics) {
    assert(await sockets.publishSafe("pub", topic, `of ${topic}`));
  }
}

async function topicsOf(events: AsyncIterable<Event>): Promise<string[]> {
  const topics: string[] = [];
  for await (const { topic } of events) topics.push(topic);
  return topics;
}

test("publish_safe: returns true, and the event arrives with its topic and data", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "logs");
  assertStrictEquals(
    await sockets.publishSafe("pub", "logs:2016-06-20", { stdout: "hello" }),
    true,
  );
  const event = await sockets.recvEventSafe("sub");
  assert(event instanceof Event);
  assertEquals([event.topic, event.data], ["logs:2016-06-20", {
    stdout: "hello",
  }]);
});

test("publish_safe: waits for a slow subscriber on request, and returns false if that fails", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  const marks = { sendHighWaterMark: 1, receiveHighWaterMark: 1 };
  await sockets.ensureAndBind("pub", zmq.XPUB, address, undefined, {
    ...marks,
    noDrop: true,
  });
  await sockets.ensureAndConnect("sub", zmq.SUB, address, undefined, {
    receiveHighWaterMark: 1,
  });
  sockets.setTopic("sub", "");
  let count = 0;
  while (await sockets.publishSafe("pub", "a", count, { timeout: 0 })) count++;
  assertStrictEquals(
    await sockets.publishSafe("pub", "a", count, { timeout: 10 }),
    false,
  );
  const waiting = sockets.publishSafe("pub", "a", "last");
  const got: unknown[] = [];
  for (let i = 0; i <= count; i++) {
    got.push((await sockets.recvEventSafe("sub"))?.data);
  }
  assertStrictEquals(await waiting, true);
  assertEquals(got, [...Array.from({ length: count }, (_, i) => i), "last"]);
});

test("publish_safe: topics of bytes are sent unchanged", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const topic = Uint8Array.of(0, 0xff, 0xfe);
  sockets.setTopic("sub", topic.subarray(0, 2));
  await sockets.publishSafe("pub", topic, 1);
  const event = await sockets.recvEventSafe("sub");
  assertEquals(Uint8Array.from(event!.rawTopic), topic);
});

test("publish_safe: a value that cannot be packed is an error that names the socket", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "");
  await assertRejects(
    () => sockets.publishSafe("pub", "a", NaN),
    SerializationError,
    "for socket 'pub'",
  );
  await publish(sockets, "b");
  assertEquals((await sockets.recvEventSafe("sub"))?.topic, "b");
  await assertRejects(() => sockets.publishSafe("x", "a", 1), SocketNotFound);
});

test("recv_event_safe: the topic may be text, bytes, or left out", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const empty = { timeout: 0 };
  assertEquals(await sockets.recvEventSafe("sub", undefined, empty), undefined);
  await publish(sockets, "a");
  assertEquals(await sockets.recvEventSafe("sub", "a", empty), undefined);
  assertEquals(await subscription(sockets), "+a");
  await publish(sockets, "a1", "b");
  assertEquals((await sockets.recvEventSafe("sub", "a"))?.topic, "a1");
  const bytes = Uint8Array.of(0x63);
  assertEquals(await sockets.recvEventSafe("sub", bytes, empty), undefined);
  assertEquals(await subscription(sockets), "+c");
  await publish(sockets, "b", "c1");
  assertEquals((await sockets.recvEventSafe("sub"))?.topic, "c1");
});

test("recv_event_safe: subscribes once, however often it is called", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  for (let i = 0; i < 3; i++) {
    await sockets.recvEventSafe("sub", "a", { timeout: 0 });
    sockets.setTopic("sub", "a");
  }
  assertEquals(await subscription(sockets), "+a");
  // One cancellation ends it: there was one subscription.
  sockets.setSocketOption("sub", UNSUBSCRIBE, "a");
  assertEquals(await subscription(sockets), "-a");
});

test("recv_event_safe: a timeout and an event of null are distinguished", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "");
  assertStrictEquals(
    await sockets.recvEventSafe("sub", "", { timeout: 5 }),
    undefined,
  );
  await sockets.publishSafe("pub", "a", null);
  assertStrictEquals((await sockets.recvEventSafe("sub"))!.data, null);
});

test("recv_event_safe: a message that is not an event rejects, and the next one is received", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "");
  const pub = sockets.getByName("pub", zmq.XPUB);
  const cases: [frames: string[], reason: string][] = [
    [["a"], "the message has 1 frame, expected 2: topic and data"],
    [["a", "1", "2"], "the message has 3 frames"],
    [["a", "{"], "Cannot unpack a message as JSON for socket 'sub'"],
  ];
  for (const [frames, reason] of cases) {
    assert(pub.trySend(frames));
    await publish(sockets, "next");
    const error = await assertRejects(
      () => sockets.recvEventSafe("sub"),
      SerializationError,
      reason,
    );
    assertEquals([error.code, error.socketName], ["UNPACK_FAILED", "sub"]);
    assertEquals((await sockets.recvEventSafe("sub"))?.topic, "next");
  }
});

test("recv_event_safe: works with every type that receives, and XSUB subscribes", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  await sockets.publishSafe("out", "a", 1);
  assertEquals([...(await sockets.recvEventSafe("in"))!], ["a", 1]);
  await assertRejects(
    () => sockets.recvEventSafe("in", "a"),
    AgentZeroSocketError,
    "The socket 'in' is of type PULL: it cannot have topics.",
  );
  const address = inproc();
  await sockets.ensureAndBind("pub", zmq.XPUB, address);
  await sockets.ensureAndConnect("xsub", zmq.XSUB, address);
  await sockets.recvEventSafe("xsub", "a", { timeout: 0 });
  assertEquals(await subscription(sockets), "+a");
  await publish(sockets, "a");
  assertEquals((await sockets.recvEventSafe("xsub"))?.topic, "a");
});

test("set_topic: subscribes, and so does libzmq's option number", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "a");
  sockets.setTopic("sub", Uint8Array.of(0x62));
  sockets.setSocketOption("sub", SUBSCRIBE, "c");
  sockets.setSocketOption("sub", UNSUBSCRIBE, "b");
  for (const change of ["+a", "+b", "+c", "-b"]) {
    assertEquals(await subscription(sockets), change);
  }
  assertThrows(() => sockets.setTopic("x", "a"), SocketNotFound);
  assertThrows(
    () => sockets.setTopic("pub", "a"),
    AgentZeroSocketError,
    "The socket 'pub' is of type XPUB: it cannot have topics.",
  );
});

test("subscribe: subscribes at the call, not at the first next", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const events = sockets.subscribe("sub", "output");
  assertEquals(await subscription(sockets), "+output");
  await publish(sockets, "output:0", "other", "output:1");
  assertEquals([...(await events.next()).value!], ["output:0", "of output:0"]);
  for await (const [topic, data] of events) {
    assertEquals([topic, data], ["output:1", "of output:1"]);
    break;
  }
  assertThrows(() => sockets.subscribe("x"), SocketNotFound);
});

test("subscribe: cancels its subscription when the loop is left", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "a");
  assertEquals(await subscription(sockets), "+a");
  const ends: ((events: AsyncIterableIterator<Event>) => unknown)[] = [
    (events) => events.return!(),
    async (events) => {
      await publish(sockets, "b");
      for await (const _ of events) break;
    },
    async (events) => {
      await using _ = events as AsyncIterableIterator<Event> & AsyncDisposable;
    },
  ];
  for (const end of ends) {
    const events = sockets.subscribe("sub", "b");
    assertEquals(await subscription(sockets), "+b");
    await end(events);
    assertEquals(await subscription(sockets), "-b");
    assertEquals(await events.next(), { value: undefined, done: true });
    await events.return!();
  }
  // The same topic twice: what setTopic has done stays.
  await sockets.subscribe("sub", "a").return();
  await publish(sockets, "a");
  assertEquals((await sockets.recvEventSafe("sub"))?.topic, "a");
});

test("subscribe: without a topic, it is what the socket is subscribed to", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const everything = sockets.subscribe("sub");
  assertEquals(await subscription(sockets), "+");
  await publish(sockets, "a");
  assertEquals((await everything.next()).value!.topic, "a");
  await everything.return();
  assertEquals(await subscription(sockets), "-");
  sockets.setTopic("sub", "b");
  assertEquals(await subscription(sockets), "+b");
  const events = sockets.subscribe("sub");
  await publish(sockets, "a", "b");
  assertEquals((await events.next()).value!.topic, "b");
});

test("subscribe: a signal ends it promptly, waiting or not", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = topicsOf(sockets.subscribe("sub", "a", { signal }));
  const idle = sockets.subscribe("sub", "b", { signal });
  assertEquals(await subscription(sockets), "+a");
  assertEquals(await subscription(sockets), "+b");
  await publish(sockets, "a");
  await turn();
  controller.abort();
  assertEquals(await within(waiting, 1000, "the end of the loop"), ["a"]);
  assertEquals(
    [await subscription(sockets), await subscription(sockets)].sort(),
    ["-a", "-b"],
  );
  assertEquals((await idle.next()).done, true);
  const late = sockets.subscribe("sub", "c", { signal });
  assertEquals((await late.next()).done, true);
  assertEquals(await subscription(sockets, 5), "");
});

test("subscribe: keepPolling ends it, after an event and while it waits", async (t) => {
  const sockets = managerFor(t, { pollingTimeout: 10_000 });
  await broadcast(sockets);
  let count = 0;
  const keepPolling = () => ++count <= 2;
  const loop = topicsOf(sockets.subscribe("sub", "", { keepPolling }));
  await publish(sockets, "a", "b", "c");
  assertEquals(await within(loop, 1000, "the end after two"), ["a", "b"]);
  let isGoingOn = true;
  const idle = topicsOf(
    sockets.subscribe("sub", "x", { keepPolling: () => isGoingOn }),
  );
  await turn();
  isGoingOn = false;
  const ms = await msOf(() => idle);
  assert(ms < 1000, `${ms} ms`); // Python blocks until the next event
  assertEquals(
    await topicsOf(sockets.subscribe("sub", "x", { keepPolling: () => false })),
    [],
  );
});

test("subscribe: a keepPolling that throws ends it with that error", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const reason = new Error("broken");
  const events = sockets.subscribe("sub", "a", {
    keepPolling() {
      throw reason;
    },
  });
  assertEquals(await subscription(sockets), "+a");
  assertStrictEquals(await assertRejects(() => events.next()), reason);
  assertEquals(await subscription(sockets), "-a");
  assertEquals((await events.next()).done, true);
});

test("subscribe: a timeout ends it when no event comes for so long", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const events = sockets.subscribe("sub", "", { timeout: 30 });
  await publish(sockets, "a");
  assertEquals(await within(topicsOf(events), 1000, "the end"), ["a"]);
  assertThrows(
    () => sockets.subscribe("sub", "", { timeout: NaN }),
    RangeError,
  );
});

test("subscribe: ends when the socket is closed, by the manager or directly", async (t) => {
  const sockets = managerFor(t);
  for (const close of ["manager", "socket"]) {
    await broadcast(sockets);
    const loops = [sockets.subscribe("sub", "a"), sockets.subscribe("sub", "b")]
      .map(topicsOf);
    const idle = sockets.subscribe("sub", "c");
    await turn();
    if (close === "manager") await sockets.close("sub");
    else await sockets.getByName("sub").close();
    assertEquals(await within(Promise.all(loops), 1000, "the end"), [[], []]);
    assertEquals((await idle.next()).done, true);
    await sockets.close("pub");
  }
});

test("subscribe: two loops over one socket each get the events of their topics", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const options = { timeout: 50 };
  const logs = sockets.subscribe("sub", "logs", options);
  const metrics = sockets.subscribe("sub", "metrics", options);
  const all = sockets.subscribe("sub", "", options);
  const sent = [
    "logs:1",
    "metrics:1",
    "metrics:2",
    "logs:2",
    "other",
    "logs:3",
  ];
  const got = Promise.all([logs, metrics, all].map(topicsOf));
  await publish(sockets, ...sent);
  assertEquals(await got, [
    ["logs:1", "logs:2", "logs:3"],
    ["metrics:1", "metrics:2"],
    sent,
  ]);
});

test("subscribe: a loop that is not iterated does not hold up others, and counts what it drops", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const slow = sockets.subscribe("sub", "a");
  const quick = sockets.subscribe("sub", "a");
  for (let i = 0; i < 1200; i++) {
    await sockets.publishSafe("pub", "a", i);
    assertEquals((await quick.next()).value!.data, i);
  }
  assertEquals([slow.dropped, quick.dropped], [200, 0]);
  assertEquals((await slow.next()).value!.data, 0);
});

test("subscribe: with dropOldest a slow loop continues with the newest events", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const slow = sockets.subscribe("sub", "a", { dropOldest: true });
  const quick = sockets.subscribe("sub", "a");
  for (let i = 0; i < 1200; i++) {
    await sockets.publishSafe("pub", "a", i);
    await quick.next();
  }
  assertEquals(slow.dropped, 200);
  for (let i = 200; i < 1200; i++) {
    assertEquals((await slow.next()).value!.data, i);
  }
});

test("subscribe: concurrent next() calls get the events in order", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const events = sockets.subscribe("sub", "");
  const calls = [events.next(), events.next(), events.next()];
  await publish(sockets, "a", "b");
  const [one, two] = await Promise.all(calls.slice(0, 2));
  assertEquals([one!.value!.topic, two!.value!.topic], ["a", "b"]);
  await events.return();
  assertEquals((await within(calls[2]!, 1000, "the end")).done, true);
});

test("subscribe: a message that cannot be read rejects; the next next() goes on", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const events = sockets.subscribe("sub", "");
  const pub = sockets.getByName("pub", zmq.XPUB);
  assert(pub.trySend(["bad", "{"]));
  await publish(sockets, "good");
  const error = await assertRejects(() => events.next(), SerializationError);
  assertEquals([new TextDecoder().decode(error.raw), error.socketName], [
    "{",
    "sub",
  ]);
  assertEquals((await events.next()).value!.topic, "good");
  assert(pub.trySend(["bad", "{"]));
  await publish(sockets, "good");
  await assertRejects(() => topicsOf(events), SerializationError);
  for await (const { topic } of events) { // a new loop over the same stream
    assertEquals(topic, "good");
    break;
  }
});

test("subscribe: with onError the loop goes on over messages that cannot be read", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const events = sockets.subscribe("sub", "", { onError, timeout: 50 });
  assert(sockets.getByName("pub", zmq.XPUB).trySend(["bad", "{"]));
  await publish(sockets, "good");
  assertEquals(await topicsOf(events), ["good"]);
  assert(errors.length === 1 && errors[0] instanceof SerializationError);
});

test("subscribe: the remaining events go to the next receiver", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "");
  const controller = new AbortController();
  const loop = topicsOf(sockets.subscribe("sub", undefined, controller));
  await turn();
  const received = sockets.recvEventSafe("sub"); // behind the loop
  controller.abort();
  assertEquals(await loop, []);
  await publish(sockets, "a");
  assertEquals((await received)?.topic, "a");
});

test("subscribe: a socket that cannot receive, or has no topics, is an error at once", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  assertThrows(
    () => sockets.subscribe("out"),
    AgentZeroSocketError,
    "it cannot receive",
  );
  assertThrows(
    () => sockets.subscribe("in", "a"),
    AgentZeroSocketError,
    "it cannot have topics",
  );
  const events = sockets.subscribe("in");
  await sockets.publishSafe("out", "a", 1);
  assertEquals([...(await events.next()).value!], ["a", 1]);
});

test("subscribe: over TCP, as in the documentation", async (t) => {
  const sockets = managerFor(t);
  const sub = await sockets.ensureAndBind(
    "logs",
    zmq.SUB,
    "tcp://127.0.0.1:*",
    zmq.POLLIN,
  );
  const events = sockets.subscribe("logs", "output");
  await sockets.ensureAndConnect("pub", zmq.XPUB, sub.lastEndpoint!);
  assertEquals(await subscription(sockets), "+output");
  await publish(sockets, "output:0", "output:1");
  const lines: string[] = [];
  for await (const [topic, data] of events) {
    if (lines.push(`${topic} ==> ${data}`) === 2) break;
  }
  assertEquals(lines, [
    "output:0 ==> of output:0",
    "output:1 ==> of output:1",
  ]);
});
