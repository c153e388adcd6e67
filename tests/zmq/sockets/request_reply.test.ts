// RFC 28: REQ, REP, DEALER, ROUTER. The names quote its SHALL clauses.
import { assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { joined, once, TCP, texts } from "./pairs.ts";

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(() => "done", (error: zmq.ZmqError) => error.code);

for (const address of [TCP, "inproc://rfc28"]) {
  const over = address.slice(0, address.indexOf(":"));

  // RFC 28.REQ.2
  test(`REQ SHALL send and then receive exactly one message at a time (${over})`, async (t) => {
    const req = t.use(new zmq.Request());
    const rep = t.use(new zmq.Reply());
    await joined(rep, req, address);
    assertEquals(req.tryReceive(), undefined);
    assertEquals(await codeOf(req.receive({ timeout: 0 })), "EFSM");
    await req.send("one");
    assertEquals(req.trySend("two"), false);
    assertEquals(await codeOf(req.send("two", { timeout: 0 })), "EFSM");
    assertEquals(await codeOf(req.send("two", { timeout: 2 })), "EFSM");
    assertEquals(texts(await rep.receive()), ["one"]);
    await rep.send("answer");
    assertEquals(texts(await req.receive()), ["answer"]);
  });

  // RFC 28.REP.3, 28.REP.8
  test(`REP SHALL wait for a single reply before it takes the next request (${over})`, async (t) => {
    const rep = t.use(new zmq.Reply());
    const req = t.use(new zmq.Request());
    await joined(rep, req, address);
    assertEquals(rep.trySend("x"), false);
    assertEquals(await codeOf(rep.send("x", { timeout: 0 })), "EFSM");
    await req.send("q");
    await rep.receive();
    assertEquals(rep.tryReceive(), undefined);
    assertEquals(await codeOf(rep.receive({ timeout: 0 })), "EFSM");
    assertEquals(await codeOf(rep.receive({ timeout: 2 })), "EFSM");
    await rep.send("a");
    assertEquals(texts(await req.receive()), ["a"]);
  });

  // RFC 28.REQ.3
  test(`REQ SHALL prefix the outgoing message with an empty delimiter frame (${over})`, async (t) => {
    const router = t.use(new zmq.Router());
    const req = t.use(new zmq.Request());
    await joined(router, req, address);
    await req.send(["a", "b"]);
    const [id, ...frames] = await router.receive();
    assertEquals(texts(frames), ["", "a", "b"]);
    await router.send([id!, "", "answer"]);
    assertEquals(texts(await req.receive()), ["answer"]);
  });

  // RFC 28.REQ.1, 28.REQ.5
  test(`REQ SHALL route outgoing messages to available peers by round-robin (${over})`, async (t) => {
    const req = t.use(new zmq.Request());
    const reps = [new zmq.Reply(), new zmq.Reply()].map((rep) => t.use(rep));
    for (const [i, rep] of reps.entries()) {
      await joined(rep, req, over === "tcp" ? TCP : `inproc://rfc28-${i}`);
    }
    for (const rep of [...reps, ...reps]) {
      await req.send("q");
      await rep.receive();
      await rep.send("a");
      await req.receive();
    }
  });

  // RFC 27.SOCKET.3, 28.REP.1, 28.REP.6, 28.REP.7, 28.REP.9
  test(`REP SHALL keep the envelope and prepend it to the reply (${over})`, async (t) => {
    const dealer = t.use(new zmq.Dealer());
    const rep = t.use(new zmq.Reply());
    await joined(rep, dealer, address);
    await dealer.send(["hop 1", "hop 2", "", "body"]);
    assertEquals(texts(await rep.receive()), ["body"]);
    await rep.send("answer");
    assertEquals(texts(await dealer.receive()), [
      "hop 1",
      "hop 2",
      "",
      "answer",
    ]);
  });

  test(`REP drops a request without delimiter, and takes the next (${over})`, async (t) => {
    const dealer = t.use(new zmq.Dealer());
    const rep = t.use(new zmq.Reply());
    await joined(rep, dealer, address);
    await dealer.send(["no", "delimiter"]);
    await dealer.send(["", "good"]);
    assertEquals(texts(await rep.receive()), ["good"]);
  });

  // RFC 28.ROUTER.7, 28.ROUTER.10, 37.METADATA.3
  test(`ROUTER SHALL prefix each message with the identity of its peer (${over})`, async (t) => {
    const router = t.use(new zmq.Router());
    const named = t.use(new zmq.Dealer({ routingId: "a name" }));
    const unnamed = t.use(new zmq.Dealer());
    const endpoint = await joined(router, named, address);
    await named.send("1");
    assertEquals(texts(await router.receive()), ["a name", "1"]);
    unnamed.connect(endpoint);
    await unnamed.send("2");
    const [id, body] = await router.receive();
    assertEquals(texts([body!]), ["2"]);
    assertEquals([id!.byteLength, id![0]], [5, 0]);
    await router.send([id!, "back"]);
    assertEquals(texts(await unnamed.receive()), ["back"]);
  });

  // RFC 28.ROUTER.14
  test(`ROUTER SHALL drop the message, or return an error, if the peer is unknown (${over})`, async (t) => {
    const router = t.use(new zmq.Router());
    await router.send(["later", "dropped"]);
    router.mandatory = true;
    const error = await assertRejects(
      () => router.send(["later", "refused"]),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EHOSTUNREACH");
    // Neither was queued for a peer that takes this routing id afterwards.
    const dealer = t.use(new zmq.Dealer({ routingId: "later" }));
    await joined(router, dealer, address);
    await dealer.send("here");
    await router.receive();
    await router.send(["later", "first"]);
    assertEquals(texts(await dealer.receive()), ["first"]);
  });

  test(`REQ with relaxed and correlate takes the answer to its last request only (${over})`, async (t) => {
    const router = t.use(new zmq.Router());
    const req = t.use(new zmq.Request({ relaxed: true, correlate: true }));
    await joined(router, req, address);
    await req.send("first");
    const first = await router.receive();
    await req.send("second");
    const second = await router.receive();
    assertEquals(texts(first.slice(2)), ["", "first"]);
    await router.send([...first.slice(0, 3), "late"]);
    await router.send([...second.slice(0, 3), "right"]);
    assertEquals(texts(await req.receive()), ["right"]);
  });
}

// RFC 28.REQ.9
test("REQ SHALL discard silently any message of a peer that it did not ask", async (t) => {
  const req = t.use(new zmq.Request());
  const routers = [1, 2].map(() => t.use(new zmq.Router({ mandatory: true })));
  for (const router of routers) await joined(router, req);
  await req.send("one");
  const [id, delimiter] = await routers[0]!.receive();
  await routers[0]!.send([id!, delimiter!, "a"]);
  await req.receive();
  await req.send("two"); // to the second
  const [id2] = await routers[1]!.receive();
  await routers[0]!.send([id!, "", "not asked"]);
  await routers[1]!.send([id2!, "", "asked"]);
  assertEquals(texts(await req.receive()), ["asked"]);
});

test("a reply without delimiter disconnects the peer, and the REQ works on", async (t) => {
  const req = t.use(new zmq.Request({ reconnectInterval: 1, relaxed: true }));
  const router = t.use(new zmq.Router());
  await joined(router, req);
  await req.send("q");
  const [id] = await router.receive();
  const failed = once(req, "handshake:error:protocol");
  await router.send([id!, "no delimiter"]);
  await failed;
  await req.send("again");
  const [id2, , body] = await router.receive();
  assertEquals(texts([body!]), ["again"]);
  await router.send([id2!, "", "fine"]);
  assertEquals(texts(await req.receive()), ["fine"]);
});

// RFC 28.ROUTER.6
test("ROUTER refuses a second peer of the same identity until the first disconnects", async (t) => {
  const router = t.use(new zmq.Router());
  const first = new zmq.Dealer({ routingId: "same", linger: 0 });
  const second = t.use(
    new zmq.Dealer({ routingId: "same", reconnectInterval: 5 }),
  );
  const endpoint = await joined(router, first);
  await first.send("1");
  await router.receive();
  second.connect(endpoint);
  await once(second, "disconnect");
  await router.send(["same", "for the first"]);
  assertEquals(texts(await first.receive()), ["for the first"]);
  await first.close();
  await second.send("2");
  assertEquals(texts(await router.receive()), ["same", "2"]);
});

test("ROUTER with handover serves the newer peer of the same identity", async (t) => {
  const router = t.use(new zmq.Router({ handover: true, mandatory: true }));
  const first = t.use(
    new zmq.Dealer({ routingId: "same", reconnectInterval: -1 }),
  );
  const second = t.use(new zmq.Dealer({ routingId: "same" }));
  const endpoint = await joined(router, first);
  await first.send("1");
  await router.receive();
  second.connect(endpoint);
  await second.send("2");
  assertEquals(texts(await router.receive()), ["same", "2"]);
  await router.send(["same", "hello"]);
  assertEquals(texts(await second.receive()), ["hello"]);
});

// RFC 28.ROUTER.3
test("ROUTER can be given the identity of a peer that it connects to", async (t) => {
  const dealer = t.use(new zmq.Dealer());
  const router = t.use(new zmq.Router({ mandatory: true }));
  await dealer.bind(TCP);
  router.connect(dealer.lastEndpoint!, { routingId: "chosen" });
  await router.send(["chosen", "before the connection is there"]);
  assertEquals(texts(await dealer.receive()), [
    "before the connection is there",
  ]);
});

// RFC 28.ROUTER.14
test("ROUTER with mandatory waits for a peer whose queue is full", async (t) => {
  const router = t.use(
    new zmq.Router({ mandatory: true, sendHighWaterMark: 1 }),
  );
  const dealer = t.use(
    new zmq.Dealer({ routingId: "slow", receiveHighWaterMark: 1 }),
  );
  await joined(router, dealer, "inproc://mandatory");
  await router.send(["slow", "1"]);
  await router.send(["slow", "2"]);
  const error = await assertRejects(
    () => router.send(["slow", "3"], { timeout: 0 }),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EAGAIN");
  const waiting = router.send(["slow", "3"]);
  for (const expected of ["1", "2", "3"]) {
    assertEquals(texts(await dealer.receive()), [expected]);
  }
  await waiting;
});

test("probeRouter makes a ROUTER know its peer before the first message", async (t) => {
  const router = t.use(new zmq.Router());
  const dealer = t.use(
    new zmq.Dealer({ routingId: "probe", probeRouter: true }),
  );
  await joined(router, dealer);
  assertEquals(texts(await router.receive()), ["probe", ""]);
  await router.send(["probe", "welcome"]);
  assertEquals(texts(await dealer.receive()), ["welcome"]);
});
