/** Tests of `Proxy`: what passes, what waits, and how it ends. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
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

test("a proxy of PULL and PUSH forwards everything once, in order, with backpressure", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(
      new zmq.Pull({ receiveHighWaterMark: 5 }),
      new zmq.Push({ sendHighWaterMark: 5 }),
    ),
  );
  const push = t.use(new zmq.Push({ sendHighWaterMark: 5 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 5 }));
  await joined(proxy.frontEnd, push);
  await joined(proxy.backEnd, pull);
  proxy.run();
  const sending = (async () => {
    for (let i = 0; i < 2000; i++) await push.send([`${i}`, "body"]);
  })();
  for (let i = 0; i < 2000; i++) {
    assertEquals(texts(await pull.receive()), [`${i}`, "body"]);
  }
  await sending;
});

test("a proxy receives no message that it cannot forward", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(
      new zmq.Pull({ receiveHighWaterMark: 1 }),
      new zmq.Push({ sendHighWaterMark: 1 }),
    ),
  );
  const push = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 1 }));
  await joined(proxy.frontEnd, push, "inproc://proxy-front");
  await proxy.backEnd.bind("inproc://proxy-back");
  proxy.run();
  const fill = async () => {
    let taken = 0;
    for (; push.trySend(`${taken}`); taken++) await turns();
    return taken;
  };
  // The marks of both ends of a pipe add up: two in each, none in the proxy.
  assertEquals(await fill(), 2);
  pull.connect("inproc://proxy-back");
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

test("XSUB and XPUB: subscriptions go upstream, matching messages downstream", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(new zmq.XSubscriber(), new zmq.XPublisher()),
  );
  const publisher = t.use(new zmq.XPublisher());
  const subscriber = t.use(new zmq.Subscriber());
  await joined(proxy.frontEnd, publisher);
  await joined(proxy.backEnd, subscriber);
  proxy.run();
  subscriber.subscribe("a");
  assertEquals(texts(await publisher.receive()), ["\x01a"]);
  await publisher.send(["b", "not wanted"]);
  await publisher.send(["a", "wanted"]);
  assertEquals(texts(await subscriber.receive()), ["a", "wanted"]);
  subscriber.unsubscribe("a");
  assertEquals(texts(await publisher.receive()), ["\x00a"]);
});

test("a paused proxy leaves messages where they are, a resumed one forwards them", async (t) => {
  const proxy = t.use(new zmq.Proxy(new zmq.Pull(), new zmq.Push()));
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(proxy.frontEnd, push, "inproc://pause-front");
  await joined(proxy.backEnd, pull, "inproc://pause-back");
  proxy.run();
  proxy.pause();
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

test("the capture socket gets the messages of both directions, and its backpressure applies", async (t) => {
  const capture = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const proxy = t.use(
    new zmq.Proxy(new zmq.Dealer(), new zmq.Dealer(), { capture }),
  );
  const [front, back] = [t.use(new zmq.Dealer()), t.use(new zmq.Dealer())];
  await joined(proxy.frontEnd, front, "inproc://capture-front");
  await joined(proxy.backEnd, back, "inproc://capture-back");
  proxy.run();
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
      await proxy.frontEnd.bind(TCP);
      await proxy.backEnd.bind(TCP);
      const ended = proxy.run();
      if (isPaused) proxy.pause();
      await turns(2);
      await [proxy.frontEnd, proxy.backEnd, capture][which]!.close();
      await soon(ended, `the end of ${which}`);
      assert(proxy.frontEnd.closed && proxy.backEnd.closed);
    }
  }
});

test("terminate ends a proxy that is paused or waits; close ends any", async (t) => {
  for (const state of ["paused", "waiting", "not run", "not bound", "ended"]) {
    const proxy = t.use(new zmq.Proxy(new zmq.Router(), new zmq.Dealer()));
    await proxy.frontEnd.bind(TCP);
    if (state !== "not bound") await proxy.backEnd.bind(TCP);
    const ended = state.startsWith("not") ? undefined : proxy.run();
    if (state === "paused") proxy.pause();
    await turns(2);
    if (ended !== undefined) proxy.terminate();
    if (state === "ended") await soon(ended!, state);
    await soon(proxy.close(), state);
    await soon(ended ?? proxy.run(), state);
    assert(proxy.frontEnd.closed && proxy.backEnd.closed, state);
    // The address is free again.
    const next = t.use(new zmq.Router());
    await next.bind(proxy.frontEnd.lastEndpoint!);
  }
});

test("a proxy does not run with a socket that is bound to nothing, or closed; it may be run later", async (t) => {
  const proxy = t.use(new zmq.Proxy(new zmq.Router(), new zmq.Dealer()));
  const run = async () => {
    const error = await assertRejects(() => proxy.run(), zmq.ZmqError);
    return [error.code, error.message.match(/(front|back) end/)?.[0]];
  };
  assertEquals(await run(), ["EINVAL", "front end"]);
  await proxy.frontEnd.bind(TCP);
  assertEquals(await run(), ["EINVAL", "back end"]);
  proxy.backEnd.connect("inproc://not-bound-yet");
  const ended = proxy.run();
  await turns(2);
  proxy.terminate();
  await soon(ended, "the end");

  const other = t.use(new zmq.Proxy(new zmq.Router(), new zmq.Dealer()));
  await other.frontEnd.bind(TCP);
  await other.backEnd.bind(TCP);
  await other.backEnd.close();
  const error = await assertRejects(() => other.run(), zmq.ZmqError, "closed");
  assertEquals(error.code, "EINVAL");
  assertEquals(other.frontEnd.closed, false);
});

test("a proxy that does not run cannot be paused, resumed or terminated", async (t) => {
  const proxy = t.use(new zmq.Proxy(new zmq.Router(), new zmq.Dealer()));
  const codes = () =>
    [() => proxy.pause(), () => proxy.resume(), () => proxy.terminate()]
      .map((call) => assertThrows(call, zmq.ZmqError).code);
  assertEquals(codes(), ["EBADF", "EBADF", "EBADF"]);
  await proxy.frontEnd.bind(TCP);
  await proxy.backEnd.bind(TCP);
  const ended = proxy.run();
  proxy.pause();
  proxy.resume();
  proxy.terminate();
  proxy.terminate(); // it goes on until its sockets are closed
  await soon(ended, "the end");
  assertEquals(codes(), ["EBADF", "EBADF", "EBADF"]);
});

test("invalid sockets or options are a TypeError", (t) => {
  const Any = zmq.Proxy as unknown as new (...args: unknown[]) => zmq.Proxy;
  const dealer = t.use(new zmq.Dealer());
  for (
    const [args, text] of [
      [[], "front end"],
      [[{}, {}], "front end"],
      [[dealer, null], "back end"],
      [[dealer, "dealer"], "back end"],
      [[dealer, dealer, dealer], "options"],
      [[dealer, dealer, 5], "options"],
      [[dealer, dealer, { capture: {} }], "capture"],
    ] as const
  ) {
    const error = assertThrows(() => new Any(...args), TypeError, text);
    assert(error instanceof zmq.ZmqError);
    assertEquals((error as { code?: string }).code, "EINVAL");
  }
});

test("messages forwarded before the end are still sent", async (t) => {
  const proxy = t.use(new zmq.Proxy(new zmq.Pull(), new zmq.Push()));
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(proxy.frontEnd, push);
  await joined(proxy.backEnd, pull);
  proxy.run();
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
  const worker = t.use(new zmq.Dealer());
  const client = t.use(new zmq.Dealer({ routingId: "client" }));
  await joined(proxy.frontEnd, client);
  await joined(proxy.backEnd, worker);
  proxy.run();
  await client.send("question");
  await worker.receive();
  await worker.send(["gone", "answer"]);
  await worker.send(["client", "answer"]);
  assertEquals(texts(await soon(client.receive(), "an answer")), ["answer"]);
  assertEquals(lost, [[["gone", "answer"], "EHOSTUNREACH"]]);
});

test("a proxy waits for room in a client's queue at a ROUTER with mandatory", async (t) => {
  const router = new zmq.Router({ mandatory: true, sendHighWaterMark: 1 });
  const proxy = t.use(new zmq.Proxy(router, new zmq.Dealer()));
  const worker = t.use(new zmq.Dealer());
  const client = t.use(
    new zmq.Dealer({ routingId: "client", receiveHighWaterMark: 1 }),
  );
  await joined(router, client, "inproc://mandatory-front");
  await joined(proxy.backEnd, worker, "inproc://mandatory-back");
  proxy.run();
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

test("a publisher behind a proxy is notified when all subscribers disconnect without cancelling", async (t) => {
  const proxy = t.use(
    new zmq.Proxy(
      new zmq.XSubscriber(),
      new zmq.XPublisher({ verbosity: "allSubsUnsubs" }),
    ),
  );
  const publisher = t.use(new zmq.XPublisher());
  await joined(proxy.frontEnd, publisher);
  await proxy.backEnd.bind(TCP);
  proxy.run();
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
