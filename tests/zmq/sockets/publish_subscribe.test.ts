// RFC 29: PUB, SUB, XPUB, XSUB. The names quote its SHALL clauses.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { eventually, test } from "../../support/harness.ts";
import { joined, once, TCP, texts } from "./pairs.ts";

for (const address of [TCP, "inproc://rfc29"]) {
  const over = address.slice(0, address.indexOf(":"));

  // RFC 29.PUB.8, 29.XPUB.7, 37.PUBSUB.4
  test(`SUB SHALL get only what it has subscribed to, by prefix (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher());
    const sub = t.use(new zmq.Subscriber());
    await joined(xpub, sub, address);
    sub.subscribe("ab", "x");
    await xpub.receive();
    await xpub.receive();
    for (const topic of ["a", "b", "abc", "ab", "", "y", "xyz"]) {
      await xpub.send([topic, "body"]);
    }
    for (const expected of ["abc", "ab", "xyz"]) {
      assertEquals(texts(await sub.receive()), [expected, "body"]);
    }
    assertEquals(sub.readable, false);
  });

  // RFC 37.PUBSUB.6
  test(`a subscriber with several matching topics gets a message once (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher());
    const sub = t.use(new zmq.Subscriber());
    await joined(xpub, sub, address);
    sub.subscribe("", "a", "ab");
    for (let i = 0; i < 3; i++) await xpub.receive();
    await xpub.send("abc");
    await xpub.send("end");
    assertEquals(texts(await sub.receive()), ["abc"]);
    assertEquals(texts(await sub.receive()), ["end"]);
  });

  // RFC 23.PUBSUB.3, 37.PUBSUB.7
  test(`subscriptions are counted: two need two cancellations, and are one event (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher());
    const sub = t.use(new zmq.Subscriber());
    await joined(xpub, sub, address);
    sub.subscribe("a", "a");
    assertEquals(texts(await xpub.receive()), ["\x01a"]);
    sub.unsubscribe("a");
    sub.subscribe("b");
    assertEquals(texts(await xpub.receive()), ["\x01b"]);
    sub.unsubscribe("a");
    assertEquals(texts(await xpub.receive()), ["\x00a"]);
  });

  // RFC 29.XPUB.1, 29.XPUB.15, 29.XPUB.16, 29.XSUB.17
  test(`XPUB receives a topic once for all its subscribers (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher());
    const subs = [1, 2].map(() => new zmq.Subscriber());
    for (const sub of subs) t.use(sub);
    const endpoint = await joined(xpub, subs[0]!, address);
    subs[0]!.subscribe("a");
    assertEquals(texts(await xpub.receive()), ["\x01a"]);
    subs[1]!.subscribe("a", "b");
    subs[1]!.connect(endpoint);
    assertEquals(texts(await xpub.receive()), ["\x01b"]);
    await subs[0]!.close();
    await subs[1]!.close();
    const gone = [
      texts(await xpub.receive())[0],
      texts(await xpub.receive())[0],
    ];
    assertEquals(gone.sort(), ["\x00a", "\x00b"]);
  });

  // RFC 29.XPUB.15, 29.XSUB.1
  test(`XPUB with verbosity receives every subscription and cancellation (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher({ verbosity: "allSubsUnsubs" }));
    const xsubs = [1, 2].map(() => t.use(new zmq.XSubscriber()));
    const endpoint = await joined(xpub, xsubs[0]!, address);
    xsubs[1]!.connect(endpoint);
    for (const first of ["\x01", "\x00"]) {
      for (const xsub of xsubs) {
        await xsub.send(`${first}a`);
        assertEquals(texts(await xpub.receive()), [`${first}a`]);
      }
    }
  });

  // RFC 29.XPUB.1, 29.XPUB.12, 29.XSUB.1
  test(`XSUB can send messages to XPUB (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher());
    const xsub = t.use(new zmq.XSubscriber());
    await joined(xpub, xsub, address);
    await xsub.send("\x05not a subscription");
    await xsub.send(["\x01two", "frames"]);
    assertEquals(texts(await xpub.receive()), ["\x05not a subscription"]);
    assertEquals(texts(await xpub.receive()), ["\x01two", "frames"]);
  });

  test(`invertMatching delivers what does not match (${over})`, async (t) => {
    const xpub = t.use(new zmq.XPublisher({ invertMatching: true }));
    const sub = t.use(new zmq.Subscriber({ invertMatching: true }));
    await joined(xpub, sub, address);
    sub.subscribe("a");
    await xpub.receive();
    await xpub.send("abc");
    await xpub.send("bcd");
    assertEquals(texts(await sub.receive()), ["bcd"]);
  });
}

// RFC 29.PUB.2, 29.PUB.4, 29.PUB.6, 29.PUB.10, 29.SUB.6
test("PUB SHALL drop messages for a subscriber whose queue is full, for it alone", async (t) => {
  const pub = t.use(new zmq.Publisher({ sendHighWaterMark: 2 }));
  const slow = t.use(new zmq.Subscriber({ receiveHighWaterMark: 1 }));
  const quick = t.use(new zmq.Subscriber({ receiveHighWaterMark: 0 }));
  await pub.bind("inproc://drop");
  for (const sub of [slow, quick]) {
    sub.subscribe("");
    sub.connect("inproc://drop");
  }
  for (let i = 0; i < 10; i++) await pub.send(String(i));
  for (let i = 0; i < 10; i++) {
    assertEquals(texts(await quick.receive()), [String(i)]);
  }
  const kept: string[] = [];
  for (let m = slow.tryReceive(); m; m = slow.tryReceive()) {
    kept.push(...texts(m));
  }
  assertEquals(kept, ["0", "1", "2"]);
});

// RFC 29.SUB.5
for (const end of ["close", "unbind"] as const) {
  for (const mechanism of ["NULL", "CURVE"]) {
    test(`what a PUB sends right before ${end} reaches all subscribers, in order (${mechanism})`, async (t) => {
      const keys = [zmq.curveKeyPair(), zmq.curveKeyPair()];
      const isCurve = mechanism === "CURVE";
      const pub = t.use(
        new zmq.XPublisher({
          sendHighWaterMark: 0,
          ...isCurve
            ? { curveServer: true, curveSecretKey: keys[0]!.secretKey }
            : {},
        }),
      );
      await pub.bind(TCP);
      const endpoint = pub.lastEndpoint!;
      const subs = [1, 2, 3].map(() =>
        t.use(
          new zmq.Subscriber(
            isCurve
              ? {
                curveServerKey: keys[0]!.publicKey,
                curvePublicKey: keys[1]!.publicKey,
                curveSecretKey: keys[1]!.secretKey,
              }
              : {},
          ),
        )
      );
      for (const [i, sub] of subs.entries()) {
        sub.subscribe(i === 1 ? "some" : "others", "all");
        sub.connect(endpoint);
      }
      for (let i = 0; i < 3; i++) await pub.receive(); // others, all, some
      const topics = Array.from(
        { length: 3000 },
        (_, i) => i % 7 === 0 ? "some" : i % 11 === 0 ? "others" : "all",
      );
      // All three subscriptions to "all" are there when each has got this.
      const isReady = subs.map(async (sub) => {
        while (texts(await sub.receive())[1] !== "ready");
      });
      let isWaiting = true;
      const ready = Promise.all(isReady).then(() => isWaiting = false);
      while (isWaiting) {
        pub.trySend(["all", "ready"]);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await ready;
      topics.forEach((topic, i) => pub.trySend([topic, String(i)]));
      const ended = end === "close" ? pub.close() : pub.unbind(endpoint);
      for (const [at, sub] of subs.entries()) {
        const own = at === 1 ? "some" : "others";
        for (const [i, topic] of topics.entries()) {
          if (topic !== "all" && topic !== own) continue;
          let got = texts(await sub.receive());
          while (got[1] === "ready") got = texts(await sub.receive());
          assertEquals(got, [topic, String(i)]);
        }
      }
      await ended;
    });
  }
}

test("PUB with noDrop waits for the subscriber whose queue is full", async (t) => {
  const pub = t.use(new zmq.Publisher({ sendHighWaterMark: 1, noDrop: true }));
  const sub = t.use(new zmq.Subscriber({ receiveHighWaterMark: 1 }));
  sub.subscribe("");
  await joined(pub, sub, "inproc://nodrop");
  await pub.send("1");
  await pub.send("2");
  const error = await assertRejects(
    () => pub.send("x", { timeout: 0 }),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EAGAIN");
  const waiting = pub.send("3");
  for (const expected of ["1", "2", "3"]) {
    assertEquals(texts(await sub.receive()), [expected]);
  }
  await waiting;
});

// RFC 29.PUB.13
test("a PUB without subscribers does not wait", async (t) => {
  const pub = t.use(new zmq.Publisher());
  await pub.bind(TCP);
  for (let i = 0; i < 3000; i++) await pub.send("no one receives this");
  assert(pub.writable);
});

// RFC 29.SUB.12
test("SUB SHALL send its subscriptions again when it reconnects", async (t) => {
  const sub = t.use(new zmq.Subscriber({ reconnectInterval: 5 }));
  const first = new zmq.XPublisher();
  const endpoint = await joined(first, sub);
  sub.subscribe("old");
  await first.receive();
  sub.subscribe("both");
  sub.unsubscribe("old");
  assertEquals(texts(await first.receive()), ["\x01both"]);
  const lost = once(sub, "disconnect");
  await first.close();
  await lost;
  sub.subscribe("meanwhile");
  const second = t.use(new zmq.XPublisher());
  await second.bind(endpoint);
  const events = [
    texts(await second.receive())[0],
    texts(await second.receive())[0],
  ];
  assertEquals(events.sort(), ["\x01both", "\x01meanwhile"]);
  await second.send("both again");
  assertEquals(texts(await sub.receive()), ["both again"]);
});

// RFC 29.PUB.4, 29.SUB.7
test("a bound SUB subscribes at every connecting PUB", async (t) => {
  const sub = t.use(new zmq.Subscriber());
  sub.subscribe("");
  await sub.bind(TCP);
  const xpubs = [1, 2].map(() => t.use(new zmq.XPublisher()));
  for (const [i, xpub] of xpubs.entries()) {
    xpub.connect(sub.lastEndpoint!);
    assertEquals(texts(await xpub.receive()), ["\x01"]);
    await xpub.send(`from ${i}`);
    assertEquals(texts(await sub.receive()), [`from ${i}`]);
  }
});

test("10,000 subscriptions all arrive, whatever the high-water mark", async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  const sub = t.use(new zmq.Subscriber());
  for (let i = 0; i < 10_000; i++) sub.subscribe(`topic ${i}`);
  await joined(xpub, sub);
  for (let i = 0; i < 10_000; i++) await xpub.receive();
  await xpub.send("topic 9999");
  assertEquals(texts(await sub.receive()), ["topic 9999"]);
});

test("an XPUB receives all cancellations of a disconnected peer, and others connect meanwhile", async (t) => {
  const xpub = t.use(new zmq.XPublisher({ receiveHighWaterMark: 10 }));
  const [leaver, other] = [new zmq.Subscriber(), new zmq.Subscriber()];
  t.use(leaver);
  t.use(other);
  const endpoint = await joined(xpub, leaver, TCP);
  const topics = Array.from({ length: 5000 }, (_, i) => `t${i}`);
  leaver.subscribe(...topics);
  for (const _ of topics) await xpub.receive();
  await leaver.close();
  other.connect(endpoint);
  other.subscribe("other");
  const seen: string[] = [];
  for (let i = 0; i <= topics.length; i++) {
    seen.push(texts(await xpub.receive())[0]!);
    if (seen.length === 10) {
      // Messages for topics that are still to be removed reach no one.
      await xpub.send("t4999");
    }
  }
  assertEquals(xpub.readable, false);
  assertEquals(
    new Set(seen),
    new Set(["\x01other", ...topics.map((topic) => `\x00${topic}`)]),
  );
  await xpub.send("other one");
  assertEquals(texts(await other.receive()), ["other one"]);
});

test("a disconnecting subscriber with many topics delays no other", async (t) => {
  const pub = t.use(new zmq.Publisher());
  const [leaver, other] = [new zmq.Subscriber(), new zmq.Subscriber()];
  t.use(leaver);
  t.use(other);
  const endpoint = await joined(pub, leaver, TCP);
  leaver.subscribe(...Array.from({ length: 20_000 }, (_, i) => `t${i}`), "end");
  const reached = (sub: zmq.Subscriber, topic: string) =>
    eventually(
      async () => {
        await pub.send(topic);
        return sub.readable;
      },
      5000,
      `${topic} to arrive`,
    );
  await reached(leaver, "end");
  await leaver.close();
  other.connect(endpoint);
  other.subscribe("t19999");
  await reached(other, "t19999");
});

test("welcomeMessage is the first thing that a new subscriber gets", async (t) => {
  for (const address of [TCP, "inproc://welcome"]) {
    const xpub = t.use(new zmq.XPublisher({ welcomeMessage: "hello" }));
    const sub = t.use(new zmq.Subscriber());
    sub.subscribe("");
    await joined(xpub, sub, address);
    assertEquals(texts(await sub.receive()), ["hello"]);
    await xpub.receive();
    await xpub.send("news");
    assertEquals(texts(await sub.receive()), ["news"]);
  }
});

for (
  const [verbosity, expected] of [
    [null, ["1t", "1u", "0u", "0t"]],
    ["allSubs", ["1t", "1t", "1u", "0u", "0t"]],
    ["allSubsUnsubs", ["1t", "1t", "1u", "0t", "0u", "0t"]],
  ] as const
) {
  test(`an XPUB with verbosity ${verbosity} receives the subscriptions of a disconnected peer as if it had cancelled them`, async (t) => {
    for (const ends of ["closes", "cancels"]) {
      const xpub = t.use(new zmq.XPublisher({ verbosity }));
      const first = t.use(new zmq.XSubscriber());
      const second = t.use(new zmq.XSubscriber());
      await joined(xpub, first);
      second.connect(xpub.lastEndpoint!);
      const events: string[] = [];
      const untilReceived = async (count: number) => {
        while (events.length < count) {
          const [[first, ...topic]] = await xpub.receive() as [Uint8Array];
          events.push(`${first}${String.fromCharCode(...topic)}`);
        }
      };
      const end = async (sub: zmq.XSubscriber, topics: string) => {
        if (ends === "closes") return await sub.close();
        for (const topic of topics) await sub.send(`\x00${topic}`);
      };
      await first.send("\x01t");
      await untilReceived(1);
      for (const topic of "tu") await second.send(`\x01${topic}`);
      const begun = expected.filter((event) => event[0] === "1").length;
      await untilReceived(begun);
      await end(second, "tu");
      await untilReceived(expected.length - 1);
      await end(first, "t");
      await untilReceived(expected.length);
      assertEquals(events, [...expected], ends);
      assertEquals(xpub.readable, false);
    }
  });
}
