/** Tests of `Proxy`: what passes, what waits, and how it ends. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { eventually, test, within } from "../../support/harness.ts";
import { joined, TCP, texts } from "../sockets/pairs.ts";

const soon = <T>(promise: Promise<T>, what: string) =>
  within(promise, 3000, what);

/** Gives everything that is possible now the time to happen. */
async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a proxy of ROUTER and DEALER brings each client its own answer", async (t) => {
  const proxy = t.use(new zmq.Proxy(new zmq.Router(), new zmq.Dealer()));
  await proxy.frontEnd.bind(TCP);
  await proxy.backEnd.bind(TCP);
  const ended = proxy.run();
  for (let i = 0; i < 2; i++) {
    const reply = t.use(new zmq.Reply());
    reply.connect(proxy.backEnd.lastEndpoint!);
    zmq.serve(reply, ([question]) => `${question}!`);
  }
  await Promise.all([1, 2, 3].map(async (client) => {
    const request = t.use(new zmq.Request());
    request.connect(proxy.frontEnd.lastEndpoint!);
    for (let i = 0; i < 20; i++) {
      await request.send(`${client}-${i}`);
      assertEquals(texts(await request.receive()), [`${client}-${i}!`]);
    }
  }));
  proxy.terminate();
  await soon(ended, "the end");
  assert(proxy.frontEnd.closed && proxy.backEnd.closed);
});

test("a proxy of PULL and PUSH passes everything on once, in order, and is held back", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(
      new zmq.Pull({ receiveHighWaterMark: 5 }),
      new zmq.Push({ sendHighWaterMark: 5 }),
    ),
  );
  proxy.run();
  const push = t.use(new zmq.Push({ sendHighWaterMark: 5 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 5 }));
  await joined(proxy.frontEnd, push);
  await joined(proxy.backEnd, pull);
  const sending = (async () => {
    for (let i = 0; i < 2000; i++) await push.send([`${i}`, "body"]);
  })();
  for (let i = 0; i < 2000; i++) {
    assertEquals(texts(await pull.receive()), [`${i}`, "body"]);
  }
  await sending;
});

test("a proxy takes no message that it cannot pass on", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(
      new zmq.Pull({ receiveHighWaterMark: 1 }),
      new zmq.Push({ sendHighWaterMark: 1 }),
    ),
  );
  proxy.run();
  const push = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 1 }));
  await joined(proxy.frontEnd, push, "inproc://proxy-front");
  const fill = async () => {
    let taken = 0;
    for (; push.trySend(`${taken}`); taken++) await turns();
    return taken;
  };
  // The marks of both ends of a pipe add up: two in each, none in the proxy.
  assertEquals(await fill(), 2);
  await joined(proxy.backEnd, pull, "inproc://proxy-back");
  await turns();
  assertEquals(await fill(), 2);
  await turns();
  assertEquals(push.trySend("one too many"), false);
  for (const expected of ["0", "1", "0", "1"]) {
    assertEquals(texts(await soon(pull.receive(), expected)), [expected]);
  }
});

test("a flood in one direction starves neither the other nor the event loop", async (t) => {
  const front = new zmq.Dealer({ receiveHighWaterMark: 0 });
  const back = new zmq.Dealer({ sendHighWaterMark: 0 });
  const proxy = t.use(new zmq.Proxy(front, back));
  const flooding = t.use(new zmq.Dealer({ sendHighWaterMark: 0 }));
  const quiet = t.use(new zmq.Dealer({ receiveHighWaterMark: 0 }));
  await joined(front, flooding, "inproc://flood");
  await joined(back, quiet, "inproc://quiet");
  for (let i = 0; i < 5000; i++) await flooding.send("flood");
  await quiet.send("here");
  let passed = 0;
  const countPassed = () => {
    while (quiet.tryReceive()) passed++;
    return passed;
  };
  const atTurn = new Promise<void>((resolve) => setImmediate(resolve))
    .then(countPassed);
  const atAnswer = flooding.receive().then(countPassed);
  proxy.run();
  assert(await atTurn < 1000, "the event loop had to wait");
  assert(await atAnswer < 1000, "the other direction had to wait");
  await eventually(() => countPassed() === 5000, 5000, "the whole flood");
});

test("XSUB and XPUB: subscriptions travel up, what matches travels down", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(new zmq.XSubscriber(), new zmq.XPublisher()),
  );
  proxy.run();
  const publisher = t.use(new zmq.XPublisher());
  const subscriber = t.use(new zmq.Subscriber());
  await joined(proxy.frontEnd, publisher);
  await joined(proxy.backEnd, subscriber);
  subscriber.subscribe("a");
  assertEquals(texts(await publisher.receive()), ["\x01a"]);
  await publisher.send(["b", "not wanted"]);
  await publisher.send(["a", "wanted"]);
  assertEquals(texts(await subscriber.receive()), ["a", "wanted"]);
  subscriber.unsubscribe("a");
  assertEquals(texts(await publisher.receive()), ["\x00a"]);
});

test("a paused proxy leaves messages where they are, a resumed one passes them on", async (t) => {
  const proxy = t.use(new zmq.Proxy(new zmq.Pull(), new zmq.Push()));
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(proxy.frontEnd, push, "inproc://pause-front");
  await joined(proxy.backEnd, pull, "inproc://pause-back");
  proxy.pause();
  proxy.run();
  await push.send("1");
  await turns();
  assertEquals([proxy.frontEnd.readable, pull.readable], [true, false]);
  proxy.resume();
  assertEquals(texts(await soon(pull.receive(), "1")), ["1"]);
  proxy.pause();
  proxy.pause();
  await push.send("2");
  await turns();
  assertEquals([proxy.frontEnd.readable, pull.readable], [true, false]);
  proxy.resume();
  assertEquals(texts(await soon(pull.receive(), "2")), ["2"]);
});

test("the capture socket gets what passes in both directions, and may hold it up", async (t) => {
  const capture = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const proxy = t.use(
    new zmq.Proxy(new zmq.Dealer(), new zmq.Dealer(), { capture }),
  );
  proxy.run();
  const [front, back] = [t.use(new zmq.Dealer()), t.use(new zmq.Dealer())];
  await joined(proxy.frontEnd, front, "inproc://capture-front");
  await joined(proxy.backEnd, back, "inproc://capture-back");
  await front.send(["to", "back"]);
  await turns();
  assertEquals(back.readable, false);
  const pull = t.use(new zmq.Pull());
  await joined(capture, pull, "inproc://captured");
  assertEquals(texts(await soon(back.receive(), "to back")), ["to", "back"]);
  assertEquals(texts(await pull.receive()), ["to", "back"]);
  await back.send(["to", "front"]);
  assertEquals(texts(await soon(front.receive(), "to front")), ["to", "front"]);
  assertEquals(texts(await pull.receive()), ["to", "front"]);
  await proxy.close();
  assertEquals(capture.closed, false);
});

test("a proxy ends with either of its sockets, or with the capture socket, even paused", async (t) => {
  for (const which of [0, 1, 2]) {
    for (const isPaused of [false, true]) {
      const capture = t.use(new zmq.Publisher());
      const proxy = t.use(
        new zmq.Proxy(new zmq.Router(), new zmq.Dealer(), { capture }),
      );
      if (isPaused) proxy.pause();
      const ended = proxy.run();
      await turns(2);
      await [proxy.frontEnd, proxy.backEnd, capture][which]!.close();
      await soon(ended, `the end of ${which}`);
      assert(proxy.frontEnd.closed && proxy.backEnd.closed);
    }
  }
});

test("terminate ends a proxy that is paused, waits, was never run, or has ended", async (t) => {
  for (const state of ["paused", "waiting", "not run", "ended"]) {
    const proxy = t.use(new zmq.Proxy(new zmq.Router(), new zmq.Dealer()));
    await proxy.frontEnd.bind(TCP);
    if (state === "paused") proxy.pause();
    if (state !== "not run") proxy.run();
    await turns(2);
    proxy.terminate();
    await soon(proxy.run(), state);
    if (state === "ended") proxy.terminate();
    assert(proxy.frontEnd.closed && proxy.backEnd.closed, state);
    // The address is free again.
    const next = t.use(new zmq.Router());
    await next.bind(proxy.frontEnd.lastEndpoint!);
  }
});

test("what was passed on before the end still leaves", async (t) => {
  const proxy = t.use(new zmq.Proxy(new zmq.Pull(), new zmq.Push()));
  proxy.run();
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(proxy.frontEnd, push);
  await joined(proxy.backEnd, pull);
  await push.send("passed on");
  await eventually(
    () => proxy.frontEnd.readable || pull.readable,
    3000,
    "the message",
  );
  await turns();
  await proxy.close();
  assertEquals(texts(await soon(pull.receive(), "passed on")), ["passed on"]);
});

test("an answer for a client that has gone is reported and does not end the proxy", async (t) => {
  const lost: [string[], unknown][] = [];
  const proxy = t.use(
    new zmq.Proxy(new zmq.Router({ mandatory: true }), new zmq.Dealer(), {
      onUndeliverable: (message, error) =>
        lost.push([texts(message), (error as zmq.ZmqError).code]),
    }),
  );
  proxy.run();
  const worker = t.use(new zmq.Dealer());
  const client = t.use(new zmq.Dealer({ routingId: "client" }));
  await joined(proxy.frontEnd, client);
  await joined(proxy.backEnd, worker);
  await client.send("question");
  await worker.receive();
  await worker.send(["gone", "answer"]);
  await worker.send(["client", "answer"]);
  assertEquals(texts(await soon(client.receive(), "an answer")), ["answer"]);
  assertEquals(lost, [[["gone", "answer"], "EHOSTUNREACH"]]);
});

test("a ROUTER with mandatory that has no room for a client is waited for", async (t) => {
  const router = new zmq.Router({ mandatory: true, sendHighWaterMark: 1 });
  const proxy = t.use(new zmq.Proxy(router, new zmq.Dealer()));
  proxy.run();
  const worker = t.use(new zmq.Dealer());
  const client = t.use(
    new zmq.Dealer({ routingId: "client", receiveHighWaterMark: 1 }),
  );
  await joined(router, client, "inproc://mandatory-front");
  await joined(proxy.backEnd, worker, "inproc://mandatory-back");
  for (let i = 0; i < 50; i++) await worker.send(["client", `${i}`]);
  await turns();
  for (let i = 0; i < 50; i++) {
    assertEquals(texts(await soon(client.receive(), `${i}`)), [`${i}`]);
  }
});

test("sockets between which nothing can pass are refused", (t) => {
  const [a, b] = [t.use(new zmq.Pull()), t.use(new zmq.Pull())];
  const error = assertThrows(() => new zmq.Proxy(a, b), zmq.ZmqError);
  assertEquals(error.code, "EINVAL");
});

test("a publisher behind a proxy is told when all subscribers have gone without a word", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(
      new zmq.XSubscriber(),
      new zmq.XPublisher({ verbosity: "allSubsUnsubs" }),
    ),
  );
  proxy.run();
  const publisher = t.use(new zmq.XPublisher());
  await joined(proxy.frontEnd, publisher);
  await proxy.backEnd.bind(TCP);
  const subs = [new zmq.XSubscriber(), new zmq.XSubscriber()];
  for (const sub of subs) {
    sub.connect(proxy.backEnd.lastEndpoint!);
    await sub.send("\x01t");
  }
  assertEquals(texts(await soon(publisher.receive(), "the first")), ["\x01t"]);
  // The second has arrived when a topic that it subscribes to later has.
  await subs[1]!.send("\x01u");
  assertEquals(texts(await soon(publisher.receive(), "the other")), ["\x01u"]);
  await Promise.all(subs.map((sub) => sub.close()));
  const ends = [
    texts(await soon(publisher.receive(), "the first end")),
    texts(await soon(publisher.receive(), "the second end")),
  ];
  assertEquals(ends.map((end) => end.join()).sort(), ["\x00t", "\x00u"]);
});
