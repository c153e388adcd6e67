/**
 * Interoperability. Subscriptions and their cancellations, both ways: what the
 * publisher receives, what it then sends, and what happens to both when a
 * connection is lost.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import type { Frame, Peer } from "../../support/peers/peer.ts";
import { bytes } from "../../support/peers/zmtp_bytes.ts";
import { link, Ours, type Party, shown } from "./party.ts";

const TOPICS: readonly Frame[] = [
  "news",
  "ä€😀",
  Uint8Array.of(0, 1, 2, 255),
  "x".repeat(245),
  "x".repeat(256),
  "x".repeat(5000),
  "",
];

/** With the name of the command, or the byte before it, they reach the end of a short frame. */
const TOPICS_AT_THE_EDGE: readonly Frame[] = [246, 250, 254, 255].map((size) =>
  "x".repeat(size)
);

/** Who publishes and who subscribes, and whose each is, for the names of tests. */
type Cast = readonly [publisher: string, subscriber: string, isOurs: boolean];

/** Declares the tests. */
export function subscriptions(peer: Peer, name: string): void {
  const casts: Cast[] = ["SUB", "XSUB"].flatMap((type): Cast[] => [
    ["XPUB", type, true],
    ["XPUB", type, false],
  ]);
  for (const roles of casts) {
    const [pub, sub, isOurs] = roles;
    const who = isOurs
      ? `${name}'s ${sub} and our ${pub}`
      : `our ${sub} and ${name}'s ${pub}`;

    test(`${who} agree on every subscription and cancellation`, async (t) => {
      await agreeOn(TOPICS, ...await cast(t, peer, roles));
    });

    // libzmq 4.3.4 gives a SUBSCRIBE of 256 bytes and more a long size without
    // the flag that says so, if the topic alone is shorter.
    test(`${who} agree on topics at the edge of a short frame`, async (t) => {
      await agreeOn(TOPICS_AT_THE_EDGE, ...await cast(t, peer, roles));
    });

    test(`${who}: only subscribed topics arrive`, async (t) => {
      const [publisher, subscriber] = await cast(t, peer, roles);
      for (const topic of ["a", "bb", "c"]) {
        await subscribe(subscriber, topic);
        await publisher.receive();
      }
      await cancel(subscriber, "a");
      await publisher.receive();
      for (const topic of ["a", "b", "bb", "B", "", "bbb", "ab", "c"]) {
        await publisher.send(topic);
      }
      const got = [];
      for (let i = 0; i < 3; i++) {
        got.push(...shown(await subscriber.receive()));
      }
      assertEquals(got, ["bb", "bbb", "c"]);
    });

    test(`${who}: two subscriptions to a topic need two cancellations`, async (t) => {
      const [publisher, subscriber] = await cast(t, peer, roles);
      await subscribe(subscriber, "t");
      await subscribe(subscriber, "t");
      await subscribe(subscriber, "mark 1");
      await cancel(subscriber, "t");
      await subscribe(subscriber, "mark 2");
      await cancel(subscriber, "t");
      const events = [];
      for (let i = 0; i < 4; i++) events.push(text(await publisher.receive()));
      assertEquals(events, ["\x01t", "\x01mark 1", "\x01mark 2", "\x00t"]);
    });

    test(`${who}: a subscriber's subscriptions end when it disconnects`, async (t) => {
      const [publisher, subscriber] = await cast(t, peer, roles);
      await subscribe(subscriber, "a");
      await subscribe(subscriber, "b");
      await publisher.receive();
      await publisher.receive();
      await subscriber[Symbol.asyncDispose]();
      const events = [await publisher.receive(), await publisher.receive()];
      assertEquals(events.map(text).sort(), ["\x00a", "\x00b"]);
    });
  }

  test(`${name}'s XSUB and our XPUB, and the other way round, also send upstream`, async (t) => {
    for (const isOurs of [true, false]) {
      const [publisher, subscriber] = await cast(t, peer, [
        "XPUB",
        "XSUB",
        isOurs,
      ]);
      await subscribe(subscriber, "");
      await publisher.receive();
      await subscriber.send("a message", "upstream");
      const got = await publisher.receive();
      assertEquals(shown(got.slice(0, 1)), ["a message"]);
      await publisher.send("an answer");
      assertEquals(shown(await subscriber.receive()), ["an answer"]);
    }
  });

  test(`our SUB sends its subscriptions again to ${name}'s new XPUB`, async (t) => {
    const ours = t.use(new Ours("SUB", { reconnectInterval: 10 }));
    const first = await peer.open(t, "XPUB");
    const endpoint = await first.bind("tcp://127.0.0.1:*");
    ours.connect(endpoint);
    for (const topic of ["a", "b", "c"]) ours.subscribe(topic);
    for (let i = 0; i < 3; i++) await first.receive();
    ours.unsubscribe("b");
    await first.receive();
    await first.close();
    const second = await peer.open(t, "XPUB");
    await second.rebind(endpoint);
    const events = [await second.receive(), await second.receive()];
    assertEquals(events.map(String).map((s) => s), events.map(String));
    assertEquals(events.map((f) => new TextDecoder().decode(f[0])), [
      "\x01a",
      "\x01c",
    ]);
    await second.send("a new beginning");
    assertEquals(shown(await ours.receive()), ["a new beginning"]);
  });

  test(`${name}'s SUB sends its subscriptions again to our new XPUB`, async (t) => {
    const theirs = await peer.open(t, "SUB", { reconnectInterval: 10 });
    const first = t.use(new Ours("XPUB"));
    const endpoint = await first.bind("tcp://127.0.0.1:*");
    await theirs.connect(endpoint);
    for (const topic of ["a", "b"]) await theirs.subscribe(topic);
    for (let i = 0; i < 2; i++) await first.receive();
    await first.socket.close();
    const second = t.use(new Ours("XPUB"));
    await second.bind(endpoint);
    const receiving = theirs.receive(); // a libzmq socket resends them only while the application calls it
    const events = [await second.receive(), await second.receive()];
    assertEquals(events.map(text).sort(), ["\x01a", "\x01b"]);
    await second.send("a new beginning");
    assertEquals(shown(await receiving), ["a new beginning"]);
  });

  test(`our XPUB with verbosity receives every subscription of ${name}'s SUBs`, async (t) => {
    const [ours, first, endpoint] = await link(t, peer, "XPUB", "SUB", {
      ours: { verbosity: "allSubsUnsubs" },
    });
    const second = await peer.open(t, "SUB");
    await second.connect(endpoint);
    for (const sub of [first, second]) {
      await sub.subscribe("t");
      assertEquals([text(await ours.receive())], ["\x01t"]);
    }
    for (const sub of [first, second]) {
      await sub.unsubscribe("t");
      assertEquals([text(await ours.receive())], ["\x00t"]);
    }
  });
}

/** A publisher and a subscriber that have found each other. */
async function cast(
  t: Parameters<typeof link>[0],
  peer: Peer,
  [pub, sub, isOurs]: Cast,
): Promise<[Party & AsyncDisposable, Party & AsyncDisposable]> {
  const [ours, theirs] = await link(
    t,
    peer,
    isOurs ? pub : sub,
    isOurs ? sub : pub,
    { binds: isOurs ? "ours" : "theirs" },
  );
  const [publisher, subscriber] = isOurs ? [ours, theirs] : [theirs, ours];
  for (const turn of [subscribe, cancel]) {
    await turn(subscriber, "here I am");
    await publisher.receive();
  }
  return [publisher, subscriber];
}

async function agreeOn(
  topics: readonly Frame[],
  publisher: Party,
  subscriber: Party,
): Promise<void> {
  for (const topic of topics) {
    await subscribe(subscriber, topic);
    assertEquals(shown(await publisher.receive()), shown([bytes(1, topic)]));
    await publisher.send(bytes(topic, " and more"), "body");
    assertEquals(
      shown(await subscriber.receive()),
      shown([bytes(topic, " and more"), "body"]),
    );
    await cancel(subscriber, topic);
    assertEquals(shown(await publisher.receive()), shown([bytes(0, topic)]));
  }
}

function text(message: readonly Uint8Array[]): string {
  return new TextDecoder().decode(message[0]);
}

function subscribe(to: Party, topic: Frame): void | Promise<void> {
  return to.type === "SUB" ? to.subscribe(topic) : to.send(bytes(1, topic));
}

function cancel(to: Party, topic: Frame): void | Promise<void> {
  return to.type === "SUB" ? to.unsubscribe(topic) : to.send(bytes(0, topic));
}
