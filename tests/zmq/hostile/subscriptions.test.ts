/**
 * Hostile peers. Those that subscribe: to very much, to very long topics, and
 * ever again. Other subscribers are served, and nothing stays behind.
 */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import {
  bytes,
  COMMAND,
  command,
  longHeader,
  message,
} from "../../support/peers/zmtp_bytes.ts";
import { floodUntilStalled, KIB, repeated } from "./flood.ts";
import { EventLog, STEP_MS } from "./victim.ts";

/** The two forms in which a subscription can travel. */
const FORMS = [
  {
    name: "commands",
    subscribe: (topic: string) => command("SUBSCRIBE", topic),
    cancel: (topic: string) => command("CANCEL", topic),
  },
  {
    name: "messages",
    subscribe: (topic: string) => message(bytes(1, topic)),
    cancel: (topic: string) => message(bytes(0, topic)),
  },
];

for (const { name, subscribe, cancel } of FORMS) {
  // RFC 29.XPUB.16
  test(`an XPUB survives long subscriptions as ${name}, and forgets them`, async (t) => {
    const { xpub, log, attacker, exchange } = await xpubUnderAttack(t);
    const topics = Array.from(
      { length: 1000 },
      (_, i) => "x".repeat(4000) + String(i).padStart(4, "0"),
    );
    await attacker.send(bytes(...topics.map(subscribe)));
    assertEquals(
      await nextEvents(xpub, topics.length),
      topics.map((t) => `\x01${t}`),
    );
    await exchange();
    await attacker.send(bytes(...topics.slice(0, 500).map(cancel)));
    assertEquals(
      await nextEvents(xpub, 500),
      topics.slice(0, 500).map((t) => `\x00${t}`),
    );
    await exchange();
    attacker.reset();
    await log.next("disconnect");
    assertEquals(
      (await nextEvents(xpub, 500)).sort(),
      topics.slice(500).map((t) => `\x00${t}`),
    );
    await exchange();
    await within(xpub.close(), STEP_MS, "close()");
  });

  // RFC 37.PUBSUB.8
  test(`an XPUB receives a topic once that a peer subscribes to repeatedly, as ${name}`, async (t) => {
    const { xpub, attacker, exchange } = await xpubUnderAttack(t);
    const again = bytes(
      ...Array.from({ length: 1000 }, () => subscribe("again")),
    );
    for (let i = 0; i < 50; i++) await attacker.send(again);
    await attacker.send(
      bytes(cancel("again"), cancel("again"), subscribe("end")),
    );
    assertEquals(await nextEvents(xpub, 3), [
      "\x01again",
      "\x00again",
      "\x01end",
    ]);
    await exchange();
    assertEquals(xpub.readable, false);
  });

  // RFC 23.PUBSUB.2
  test(`cancelling a topic that was not subscribed to, as ${name}, does nothing`, async (t) => {
    const { xpub, attacker, exchange } = await xpubUnderAttack(t);
    await attacker.send(bytes(...["", "g", "go", "good", "goods"].map(cancel)));
    await attacker.send(subscribe("end"));
    assertEquals(await nextEvents(xpub, 1), ["\x01end"]);
    await exchange(); // the subscription to "good" is another peer's
  });

  // RFC 29.XPUB.5
  test(
    `the subscriptions that an XPUB holds until they are received are bounded, as ${name}`,
    async (t) => {
      const { attacker, exchange } = await xpubUnderAttack(t, {
        receiveHighWaterMark: 100,
      });
      const topic = "x".repeat(1000);
      const churn = bytes(subscribe(topic), cancel(topic));
      await floodUntilStalled(attacker, repeated(churn, 256 * KIB), exchange);
    },
    { timeoutMs: 20_000 },
  );
}

test("a PUB drops a peer whose topic is above the limit", async (t) => {
  const { xpub, log, attacker, exchange } = await xpubUnderAttack(t, {
    maxMessageSize: 1000,
  });
  await attacker.send(longHeader(65_537, COMMAND));
  const { error } = await log.next("handshake:error:protocol");
  assertEquals((error as zmq.ProtocolError).code, "ERR_ZMTP_MESSAGE_TOO_LARGE");
  await log.next("disconnect");
  await within(attacker.closed, STEP_MS, "the attacker's connection to close");
  await exchange();
  await within(xpub.close(), STEP_MS, "close()");
});

// RFC 29.SUB.10
test("a SUB drops messages of a hostile PUB that it has not subscribed to", async (t) => {
  const sub = t.use(new zmq.Subscriber());
  await sub.bind("tcp://127.0.0.1:*");
  sub.subscribe("wanted");
  const attacker = t.use(await FakePeer.connect(sub.lastEndpoint!));
  await attacker.shakeHands("PUB");
  await attacker.send(
    bytes(
      message("unwanted"),
      message("want"),
      message(""),
      message("", "wanted"),
      message("Wanted"),
      message("wanted at last", "body"),
    ),
  );
  const got = await within(sub.receive(), STEP_MS, "the message");
  assertEquals(got.map(String), ["wanted at last", "body"]);
  assertEquals(sub.readable, false);
});

/** An XPUB with a hostile subscriber and a good one. */
async function xpubUnderAttack(
  t: TestContext,
  options: zmq.XPublisherOptions = {},
) {
  const xpub = t.use(new zmq.XPublisher({ ...options, linger: 0 }));
  const log = new EventLog(xpub);
  await xpub.bind("tcp://127.0.0.1:*");
  const good = t.use(new zmq.Subscriber());
  good.subscribe("good");
  good.connect(xpub.lastEndpoint!);
  assertEquals(await nextEvents(xpub, 1), ["\x01good"]);
  const attacker = t.use(await FakePeer.connect(xpub.lastEndpoint!));
  await attacker.shakeHands("SUB");
  let count = 0;
  return {
    xpub,
    log,
    attacker,
    async exchange(): Promise<void> {
      const text = `good message ${++count}`;
      await xpub.send(text);
      const [got] = await within(good.receive(), STEP_MS, text);
      assertEquals(`${got}`, text);
    },
  };
}

async function nextEvents(
  xpub: zmq.XPublisher,
  count: number,
): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count) {
    const [event] = await within(xpub.receive(), STEP_MS, "a subscription");
    events.push(`${event}`);
  }
  return events;
}
