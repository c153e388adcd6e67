/** Tests of the round robin: RFC 28 and RFC 30, "round-robin". */
import { assertEquals } from "@std/assert";
import { RoundRobin } from "../../../src/zmq/routing/round_robin.ts";
import {
  type FakePipe,
  fakePipe,
  one,
  readAll,
} from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

function join(robin: RoundRobin, { a, atA }: FakePipe): void {
  atA.react = (event, pipe) => {
    if (event === "writable") robin.writable(pipe);
    if (event === "closed") robin.detach(pipe);
  };
  robin.attach(a);
}

function robinOver(count: number, mark = 0) {
  const robin = new RoundRobin();
  const peers = Array.from({ length: count }, () => fakePipe(0, mark));
  for (const peer of peers) join(robin, peer);
  return { robin, peers };
}

test("each peer gets one message in turn", () => {
  const { robin, peers } = robinOver(3);
  for (let i = 0; i < 7; i++) {
    assertEquals(robin.send(one(String(i))), true);
    assertEquals(robin.lastPipe, peers[i % 3]!.a);
  }
  assertEquals(peers.map(({ b }) => readAll(b)), [
    ["0", "3", "6"],
    ["1", "4"],
    ["2", "5"],
  ]);
});

test("without peers nothing is sent or stored", () => {
  const robin = new RoundRobin();
  assertEquals([robin.canSend, robin.send(one("x"))], [false, false]);
  const peer = fakePipe();
  join(robin, peer);
  assertEquals([robin.canSend, peer.b.unread], [true, 0]);
});

// RFC 28.DEALER.8
test("a full peer is skipped until it has room", () => {
  const { robin, peers } = robinOver(2, 1);
  assertEquals([1, 2, 3].map((i) => robin.send(one(String(i)))), [
    true,
    true,
    false,
  ]);
  assertEquals(robin.canSend, false);
  assertEquals(readAll(peers[1]!.b), ["2"]);
  assertEquals(robin.canSend, true);
  assertEquals(robin.send(one("3")), true);
  assertEquals(readAll(peers[1]!.b), ["3"]);
  assertEquals(readAll(peers[0]!.b), ["1"]);
});

test("a disconnected peer gets nothing", () => {
  const { robin, peers } = robinOver(3);
  robin.send(one("0"));
  peers[1]!.b.close();
  for (const text of ["1", "2", "3"]) robin.send(one(text));
  assertEquals(readAll(peers[0]!.b), ["0", "2"]);
  assertEquals(readAll(peers[2]!.b), ["1", "3"]);
  robin.detach(peers[2]!.a);
  assertEquals(robin.lastPipe, undefined);
});

// RFC 28.DEALER.9, 30.PUSH.9
test("property: messages go to all peers with room in turn, as in a naive model", () =>
  check(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(
        fc.tuple(
          fc.constantFrom("send", "send", "send", "read", "come", "leave"),
          fc.nat(4),
        ),
        { maxLength: 150 },
      ),
      (mark, steps) => {
        const robin = new RoundRobin();
        const peers = new Map<number, FakePipe>();
        const sent = new Map<number, string[]>();
        const got = new Map<number, string[]>();
        const isOpen = (n: number) => peers.get(n)!.b.unread < mark;
        // A full pipe counts as full until it is down to half its mark.
        const closed = new Set<number>();
        steps.forEach(([step, n], i) => {
          const peer = peers.get(n);
          if (step === "come" && peer === undefined) {
            peers.set(n, fakePipe(0, mark));
            sent.set(n, []);
            got.set(n, []);
            join(robin, peers.get(n)!);
          } else if (step === "leave" && peer !== undefined) {
            peer.b.close();
            for (const map of [peers, sent, got]) map.delete(n);
            closed.delete(n);
          } else if (step === "read" && peer !== undefined) {
            const [message] = [peer.b.read()];
            if (message === undefined) return;
            got.get(n)!.push(new TextDecoder().decode(message[0]));
            if (peer.b.unread <= Math.floor((mark + 1) / 2)) closed.delete(n);
          } else if (step === "send") {
            const isTaken = robin.send(one(String(i)));
            const able = [...peers.keys()].filter((k) =>
              isOpen(k) && !closed.has(k)
            );
            if (isTaken) {
              const to = [...peers].find(([, { a }]) =>
                a === robin.lastPipe
              )![0];
              sent.get(to)!.push(String(i));
            } else {
              assertEquals(able, [], "somebody had room");
              for (const k of peers.keys()) closed.add(k);
            }
          }
        });
        for (const [n, { b }] of peers) {
          assertEquals([...got.get(n)!, ...readAll(b)], sent.get(n));
        }
      },
    ),
  ));

test("property: among peers that never fill, no two counts differ by more than one", () =>
  check(fc.property(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 0, max: 200 }),
    (count, messages) => {
      const { robin, peers } = robinOver(count);
      for (let i = 0; i < messages; i++) robin.send(one(String(i)));
      const counts = peers.map(({ b }) => b.unread);
      assertEquals(counts.reduce((a, b) => a + b, 0), messages);
      assertEquals(Math.max(...counts) - Math.min(...counts) <= 1, true);
    },
  )));
