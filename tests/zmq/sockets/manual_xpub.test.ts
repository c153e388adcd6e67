// XPUB with `manual`: the application decides what each subscriber gets.
import { assertEquals, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { joined, TCP, texts } from "./pairs.ts";

for (const address of [TCP, "inproc://manual"]) {
  const over = address.slice(0, address.indexOf(":"));

  test(`a subscriber gets what the application subscribes it to, not what it asked for (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher({ manual: true }));
    const xsub = t.use(new zmq.XSubscriber());
    await joined(xpub, xsub, address);
    await xsub.send("\x01a");
    assertEquals(texts(await xpub.receive()), ["\x01a"]);
    await xpub.send("a, which was not allowed");
    assertEquals(xpub.subscribe("b", Uint8Array.of(99)), true);
    for (const topic of ["a", "b1", "c1"]) await xpub.send(topic);
    assertEquals(texts(await xsub.receive()), ["b1"]);
    assertEquals(texts(await xsub.receive()), ["c1"]);

    // A cancellation is received, and changes nothing by itself.
    await xsub.send("\x00a");
    assertEquals(texts(await xpub.receive()), ["\x00a"]);
    await xpub.send("b2");
    assertEquals(xpub.unsubscribe("b"), true);
    await xpub.send("b3");
    await xpub.send("c2");
    assertEquals(texts(await xsub.receive()), ["b2"]);
    assertEquals(texts(await xsub.receive()), ["c2"]);
  });

  test(`each event names its own peer, and all are received (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher({ manual: true }));
    const xsubs = [1, 2, 3].map(() => t.use(new zmq.XSubscriber()));
    await xpub.bind(address);
    for (const [i, xsub] of xsubs.entries()) {
      xsub.connect(xpub.lastEndpoint!);
      await xsub.send("\x01same");
      assertEquals(texts(await xpub.receive()), ["\x01same"]);
      xpub.subscribe(`${i}`);
    }
    for (const topic of ["2 for the last", "0 for the first", "1", "same"]) {
      await xpub.send(topic);
    }
    assertEquals(texts(await xsubs[0]!.receive()), ["0 for the first"]);
    assertEquals(texts(await xsubs[1]!.receive()), ["1"]);
    assertEquals(texts(await xsubs[2]!.receive()), ["2 for the last"]);
  });

  test(`the subscriptions of a disconnected peer are received as cancelled, and subscribe no longer works for it (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher({ manual: true }));
    const other = t.use(new zmq.XSubscriber());
    const xsub = new zmq.XSubscriber();
    const endpoint = await joined(xpub, xsub, address);
    other.connect(endpoint);
    await other.send("\x01a");
    await xpub.receive();
    await xsub.send("\x01a");
    await xsub.send("\x01b");
    await xpub.receive();
    await xpub.receive();
    xpub.subscribe("c");
    await xsub.close();
    // "a" too, though another peer has asked for it.
    const gone = [await xpub.receive(), await xpub.receive()];
    assertEquals(gone.flatMap(texts).sort(), ["\x00a", "\x00b"]);
    assertEquals(xpub.subscribe("d"), false);
    assertEquals(xpub.unsubscribe("d"), false);
    await xpub.send("c");
  });

  test(`with manualLastValue, the answer to an event goes to its peer alone (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher({ manualLastValue: true }));
    const xsubs = [1, 2].map(() => t.use(new zmq.XSubscriber()));
    await xpub.bind(address);
    for (const [i, xsub] of xsubs.entries()) {
      xsub.connect(xpub.lastEndpoint!);
      await xsub.send("\x01t");
      await xpub.receive();
      xpub.subscribe("t");
      await xpub.send(["t", `last value for ${i}`]);
    }
    await xpub.send(["t", "for both"]);
    assertEquals(texts(await xsubs[0]!.receive()), ["t", "last value for 0"]);
    assertEquals(texts(await xsubs[0]!.receive()), ["t", "for both"]);
    assertEquals(texts(await xsubs[1]!.receive()), ["t", "last value for 1"]);
    assertEquals(texts(await xsubs[1]!.receive()), ["t", "for both"]);
  });
}

test("a message from upstream names its peer, too", async (t) => {
  const xpub = t.use(new zmq.XPublisher({ manual: true }));
  const xsub = t.use(new zmq.XSubscriber());
  await joined(xpub, xsub, "inproc://upstream");
  await xsub.send(["please", "everything"]);
  assertEquals(texts(await xpub.receive()), ["please", "everything"]);
  assertEquals(xpub.subscribe(), true);
  await xpub.send("x");
  assertEquals(texts(await xsub.receive()), ["x"]);
});

test("libzmq's options by number do the same", async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  xpub.setOption(71, 1);
  const sub = t.use(new zmq.Subscriber());
  await joined(xpub, sub, "inproc://numbers-of-manual");
  sub.subscribe("");
  await xpub.receive();
  xpub.setOption(6, "a");
  xpub.setOption(6, "b");
  xpub.setOption(7, "a");
  await xpub.send("a");
  await xpub.send("b");
  assertEquals(texts(await sub.receive()), ["b"]);
});

test("without manual, the application cannot subscribe its peers", (t) => {
  const xpub = t.use(new zmq.XPublisher());
  const error = assertThrows(() => xpub.subscribe("a"), zmq.ZmqError);
  assertEquals(error.code, "EINVAL");
  assertThrows(() => xpub.setOption(6, "a"), zmq.ZmqError, "manual");
  const manual = t.use(new zmq.XPublisher({ manual: true }));
  assertEquals(manual.subscribe("no one is there"), false);
});

test("events of a manual XPUB are bounded by its high-water mark", async (t) => {
  const xpub = t.use(
    new zmq.XPublisher({ manual: true, receiveHighWaterMark: 2 }),
  );
  const xsub = t.use(new zmq.XSubscriber());
  await joined(xpub, xsub);
  for (let i = 0; i < 10; i++) await xsub.send(`\x01${i}`);
  for (let i = 0; i < 10; i++) {
    assertEquals(texts(await xpub.receive()), [`\x01${i}`]);
  }
});

test("the welcome message may be bytes", async (t) => {
  const xpub = t.use(
    new zmq.XPublisher({ welcomeMessage: Uint8Array.of(0xff, 0) }),
  );
  const sub = t.use(new zmq.Subscriber());
  sub.subscribe("");
  await joined(xpub, sub);
  assertEquals([...(await sub.receive())[0]!], [0xff, 0]);
});

test("XSUB with verboseUnsubscribe sends every cancellation", async (t) => {
  const xpub = t.use(new zmq.XPublisher({ verbosity: "allSubsUnsubs" }));
  const xsub = t.use(new zmq.XSubscriber({ verboseUnsubscribe: true }));
  await joined(xpub, xsub, "inproc://verbose");
  for (const message of ["\x01a", "\x01a", "\x00a", "\x00a", "\x00b"]) {
    await xsub.send(message);
    assertEquals(texts(await xpub.receive()), [message]);
  }
});
