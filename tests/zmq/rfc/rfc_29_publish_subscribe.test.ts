// RFC 29: PUB, SUB, XPUB, XSUB. What the tests of tests/zmq/sockets leave open;
// tests/rfc has the clauses.
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakeListener } from "../../support/fake_peer.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { bytes, COMMAND, command } from "../../support/peers/zmtp_bytes.ts";
import { once, texts } from "../sockets/pairs.ts";
import { allRead, join, readTexts, say, STEP_MS } from "./raw.ts";

// RFC 29.PUB.1, 29.PUB.7, 29.PUB.12, 29.PUB.14
test("a PUB only sends: what a subscriber sends is dropped", async (t) => {
  const pub = t.use(new zmq.Publisher({ linger: 0 }));
  assertEquals("receive" in pub, false);
  const sub = await join(t, pub, "SUB");
  await say(sub, "a message");
  await say(sub, "\x01of two", "frames");
  await sub.send(command("SUBSCRIBE", "news"));
  await allRead(sub);
  await pub.send("news");
  assertEquals(await readTexts(sub), ["news"]);
});

/** Publishes while the connection that it made is lost. */
async function publishesMeanwhile(
  t: TestContext,
  pub: zmq.Publisher | zmq.XPublisher,
): Promise<void> {
  t.use(pub);
  const listener = t.use(await FakeListener.listen());
  pub.connect(listener.endpoint);
  const first = await listener.accept();
  await first.shakeHands("SUB");
  await first.send(command("SUBSCRIBE", "a"));
  await allRead(first);
  const lost = once(pub, "disconnect");
  await first.close();
  await lost;
  await pub.send("a, while no peer was there");
  const second = await listener.accept();
  await second.shakeHands("SUB");
  assertEquals(await readTexts(second), ["a, while no peer was there"]);
}

// RFC 29.PUB.3
test("a PUB keeps the queue of a connection that it made", (t) =>
  publishesMeanwhile(
    t,
    new zmq.Publisher({ reconnectInterval: 1, linger: 0 }),
  ));

// RFC 29.XPUB.3
test("an XPUB keeps the queue of a connection that it made", (t) =>
  publishesMeanwhile(
    t,
    new zmq.XPublisher({ reconnectInterval: 1, linger: 0 }),
  ));

// RFC 29.XPUB.2
test("messages that an XPUB has not received do not block what it sends", async (t) => {
  const xpub = t.use(
    new zmq.XPublisher({ receiveHighWaterMark: 1, linger: 0 }),
  );
  const sub = await join(t, xpub, "SUB");
  for (const topic of ["a", "b", "c"]) {
    await sub.send(command("SUBSCRIBE", topic));
  }
  while ((await xpub.poll(zmq.POLLIN)) === 0);
  await xpub.send("a message");
  assertEquals(await readTexts(sub), ["a message"]);
});

/** Subscribes to bytes, and sees which messages they match. */
async function comparesBytes(
  t: TestContext,
  pub: zmq.Publisher | zmq.XPublisher,
): Promise<void> {
  t.use(pub);
  const sub = await join(t, pub, "SUB");
  await sub.send(command("SUBSCRIBE", bytes(0xff, 0, 0x41)));
  await allRead(sub);
  const topic = bytes(0xff, 0, 0x41, 0x42);
  await pub.send([bytes(0xff, 0), topic]); // too short; what follows is no topic
  await pub.send([bytes(0xff, 0, 0x61), "lower case is another byte"]);
  await pub.send(["", topic]);
  await pub.send([topic, "this one"]);
  assertEquals((await readTexts(sub))[1], "this one");
}

// RFC 29.PUB.11
test("a PUB compares bytes, with the first frame alone", (t) =>
  comparesBytes(t, new zmq.Publisher({ linger: 0 })));

// RFC 29.XPUB.8
test("an XPUB compares bytes, with the first frame alone", (t) =>
  comparesBytes(t, new zmq.XPublisher({ linger: 0 })));

// RFC 29.PUB.13, 29.XPUB.10
test("a publisher does not wait for a subscriber that reads nothing", async (t) => {
  for (
    const pub of [
      new zmq.Publisher({ sendHighWaterMark: 2, linger: 0 }),
      new zmq.XPublisher({ sendHighWaterMark: 2, linger: 0 }),
    ]
  ) {
    t.use(pub);
    const stalled = await join(t, pub, "SUB", "", { isReading: false });
    await stalled.send(command("SUBSCRIBE", ""));
    if (pub instanceof zmq.XPublisher) await pub.receive();
    const body = new Uint8Array(1_000_000);
    for (let i = 0; i < 50; i++) await pub.send(body, { timeout: 0 });
  }
});

// RFC 29.XPUB.9
test("an XPUB drops messages for a subscriber whose queue is full", async (t) => {
  const xpub = t.use(new zmq.XPublisher({ sendHighWaterMark: 1 }));
  const sub = t.use(new zmq.Subscriber({ receiveHighWaterMark: 1 }));
  sub.subscribe("");
  await xpub.bind("inproc://xpub-drops");
  sub.connect("inproc://xpub-drops");
  assertEquals(texts(await xpub.receive()), ["\x01"]);
  for (let i = 0; i < 5; i++) await xpub.send(`${i}`, { timeout: 0 });
  assertEquals(texts(await sub.receive()), ["0"]);
  assertEquals(texts(await sub.receive()), ["1"]);
  assertEquals(sub.tryReceive(), undefined);
});

// RFC 29.XPUB.12, 29.XPUB.13, 29.XPUB.14
test("an XPUB receives what its subscribers send, in either form", async (t) => {
  const xpub = t.use(new zmq.XPublisher({ linger: 0 }));
  const sub = await join(t, xpub, "SUB");
  await sub.send(command("SUBSCRIBE", "by command"));
  await say(sub, "\x01by message");
  await say(sub, "a message");
  await sub.send(command("CANCEL", "by command"));
  await say(sub, "\x00by message");
  for (
    const expected of [
      "\x01by command",
      "\x01by message",
      "a message",
      "\x00by command",
      "\x00by message",
    ]
  ) {
    const got = await within(xpub.receive(), STEP_MS, expected);
    assertEquals(texts(got), [expected]);
  }
});

// RFC 29.SUB.1
test("a SUB only receives: on its wire are subscriptions, nothing else", async (t) => {
  const sub = t.use(new zmq.Subscriber({ linger: 0 }));
  assertEquals("send" in sub, false);
  const pub = await join(t, sub, "PUB");
  sub.subscribe("a");
  sub.unsubscribe("a");
  for (const expected of ["\x09SUBSCRIBEa", "\x06CANCELa"]) {
    const { flags, body } = await pub.readFrame();
    assertEquals([flags, ...texts([body])], [COMMAND, expected]);
  }
});

// RFC 29.XSUB.12, 29.XSUB.15, 29.XSUB.16
test("an XSUB sends each message and subscription to every publisher", async (t) => {
  const xsub = t.use(new zmq.XSubscriber({ linger: 0 }));
  const pubs = [await join(t, xsub, "XPUB"), await join(t, xsub, "XPUB")];
  await xsub.send("\x01topic");
  await xsub.send(["to", "all"]);
  await xsub.send("\x00topic");
  for (const pub of pubs) {
    const frames = [];
    for (let i = 0; i < 4; i++) frames.push((await pub.readFrame()).body);
    assertEquals(texts(frames), [
      "\x09SUBSCRIBEtopic",
      "to",
      "all",
      "\x06CANCELtopic",
    ]);
  }
});

// RFC 29.XSUB.13, 29.XSUB.14, 29.XSUB.18
test("an XSUB drops what a publisher has no room for, and does not wait", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const xsub = t.use(new zmq.XSubscriber({ sendHighWaterMark: 2, linger: 0 }));
  xsub.connect(listener.endpoint);
  for (let i = 0; i < 5; i++) await xsub.send(`message ${i}`, { timeout: 0 });
  const pub = await listener.accept();
  await pub.shakeHands("XPUB");
  assertEquals(await readTexts(pub), ["message 0"]);
  assertEquals(await readTexts(pub), ["message 1"]);
  await allRead(pub);
  await xsub.send("later");
  assertEquals(await readTexts(pub), ["later"]);
});
