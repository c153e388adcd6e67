/** Tests of the fair queue: RFC 28 and RFC 30, "fair-queuing". */
import { assert, assertEquals } from "@std/assert";
import { FairQueue } from "../../../src/zmq/routing/fair_queue.ts";
import { texts } from "../../support/bytes.ts";
import { type FakePipe, fakePipe, one } from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

/** A queue over some pipes, notified of what can be read as a socket would be. */
function queueOver(count: number) {
  const queue = new FairQueue();
  const peers = Array.from({ length: count }, () => fakePipe());
  for (const peer of peers) join(queue, peer);
  return { queue, peers };
}

function join(queue: FairQueue, { a, atA }: FakePipe): void {
  atA.react = (event, pipe) => {
    if (event === "readable") queue.readable(pipe);
    if (event === "closed") queue.detach(pipe);
  };
  queue.attach(a);
}

function takeAll(queue: FairQueue): string[] {
  const all: string[] = [];
  for (let m = queue.receive(); m !== undefined; m = queue.receive()) {
    all.push(...texts(m));
  }
  return all;
}

// RFC 29.SUB.2, 30.PULL.3
test("it takes one message of each peer in turn", () => {
  const { queue, peers } = queueOver(3);
  for (const [i, { b }] of peers.entries()) {
    for (let n = 0; n < 3; n++) b.write(one(`${i}${n}`));
  }
  assertEquals(takeAll(queue).map((text) => text[0]).join(""), "012012012");
});

test("a flood starves no peer", () => {
  const { queue, peers } = queueOver(2);
  for (let i = 0; i < 1000; i++) peers[0]!.b.write(one("flood"));
  for (let i = 0; i < 3; i++) peers[1]!.b.write(one("quiet"));
  const first = Array.from({ length: 6 }, () => texts(queue.receive()!)[0]);
  assertEquals(first.filter((text) => text === "quiet").length, 3);
});

test("a peer that sends late is served within a round", () => {
  const { queue, peers } = queueOver(3);
  for (const { b } of peers.slice(0, 2)) {
    for (let i = 0; i < 50; i++) b.write(one("busy"));
  }
  for (let i = 0; i < 5; i++) queue.receive();
  peers[2]!.b.write(one("late"));
  const next = Array.from({ length: 3 }, () => texts(queue.receive()!)[0]);
  assert(next.includes("late"), next.join());
});

test("it says where a message came from, until that peer is gone", () => {
  const { queue, peers } = queueOver(2);
  peers[1]!.b.write(one("x"));
  queue.receive();
  assertEquals(queue.lastPipe, peers[1]!.a);
  queue.detach(peers[1]!.a);
  assertEquals(queue.lastPipe, undefined);
});

test("checking for a message takes none", () => {
  const { queue, peers } = queueOver(2);
  assertEquals(queue.canReceive, false);
  peers[1]!.b.write(one("x"));
  assertEquals([queue.canReceive, queue.canReceive], [true, true]);
  assertEquals(takeAll(queue), ["x"]);
  assertEquals(queue.canReceive, false);
});

test("what a peer sent before it disconnected is still read", async () => {
  const { queue, peers } = queueOver(2);
  for (const text of ["1", "2"]) peers[0]!.b.write(one(text));
  peers[0]!.b.close();
  assertEquals(takeAll(queue), ["1", "2"]);
  await Promise.resolve();
  assertEquals(queue.canReceive, false);
});

// RFC 28.DEALER.13
test("property: it matches a naive model, and each peer's messages in order", () =>
  check(fc.property(
    fc.array(
      fc.oneof(
        fc.record({ step: fc.constant("send" as const), n: fc.nat(4) }),
        fc.record({ step: fc.constant("receive" as const), n: fc.nat(4) }),
        fc.record({ step: fc.constant("leave" as const), n: fc.nat(4) }),
        fc.record({ step: fc.constant("come" as const), n: fc.nat(4) }),
      ),
      { maxLength: 150 },
    ),
    (steps) => {
      const queue = new FairQueue();
      const peers = new Map<number, FakePipe>();
      const waiting = new Map<number, string[]>();
      let serial = 0;
      for (const { step, n } of steps) {
        const peer = peers.get(n);
        if (step === "come" && peer === undefined) {
          peers.set(n, fakePipe());
          waiting.set(n, []);
          join(queue, peers.get(n)!);
        } else if (step === "leave" && peer !== undefined) {
          peer.a.close();
          peers.delete(n);
          waiting.delete(n);
        } else if (step === "send" && peer !== undefined) {
          const text = `${n}:${serial++}`;
          peer.b.write(one(text));
          waiting.get(n)!.push(text);
        } else if (step === "receive") {
          const message = queue.receive();
          const isAny = [...waiting.values()].some((list) => list.length > 0);
          assertEquals(message !== undefined, isAny);
          if (message === undefined) continue;
          const [text] = texts(message);
          const from = Number(text!.split(":")[0]);
          assertEquals(waiting.get(from)!.shift(), text);
          assertEquals(queue.lastPipe, peers.get(from)!.a);
        }
      }
      const left = [...waiting.values()].map((list) => list.length);
      // The rest arrives in rounds: no peer twice before each peer once.
      const order = takeAll(queue).map((text) => text.split(":")[0]);
      assertEquals(order.length, left.reduce((a, b) => a + b, 0));
      let open = left.filter((count) => count > 0).length;
      const counts = new Map<string, number>();
      for (let at = 0; at < order.length;) {
        const round = order.slice(at, at + open) as string[];
        assertEquals(new Set(round).size, round.length);
        for (const from of round) counts.set(from, (counts.get(from) ?? 0) + 1);
        at += open;
        open = left.filter((count) =>
          count > Math.max(...counts.values())
        ).length;
      }
    },
  )));
