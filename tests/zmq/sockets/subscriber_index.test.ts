/** Tests of the subscriber index: whom a message is for. */
import { assert, assertEquals } from "@std/assert";
import { SubscriberIndex } from "../../../src/zmq/sockets/subscriber_index.ts";
import type { Pipe } from "../../../src/zmq/routing/pipe.ts";
import { utf8 } from "../../support/bytes.ts";
import { fakePipe } from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";

function indexOf(...topics: string[][]): [SubscriberIndex, Pipe[]] {
  const index = new SubscriberIndex();
  const pipes = topics.map(() => fakePipe().a);
  topics.forEach((own, i) => {
    index.attach(pipes[i]!);
    for (const topic of own) index.subscriptions.add(utf8(topic), pipes[i]!);
  });
  return [index, pipes];
}

test("a peer is found once, however many of its subscriptions match", () => {
  const [index, [a, b]] = indexOf(["", "x", "xy"], ["x"]);
  assertEquals(index.matching(utf8("xyz")), [a!, b!]);
  assertEquals(index.matching(utf8("a")), [a!]);
  assertEquals(index.without([a!]), [b!]);
});

test("the same peers are the same array, whatever the topic", () => {
  const [index, [a]] = indexOf(["x"], ["y"]);
  const found = index.matching(utf8("x1"));
  assert(index.matching(utf8("x2")) === found);
  assertEquals(index.matching(utf8("y")).length, 1);
  assertEquals(index.matching(utf8("x3")), [a!]);
});

test("each change of a subscription or a peer is seen", () => {
  const [index, [a, b]] = indexOf(["x"], ["x"]);
  const find = () => index.matching(utf8("x"));
  const { subscriptions } = index;
  assertEquals(find(), [a!, b!]);
  subscriptions.remove(utf8("x"), a!);
  assertEquals(find(), [b!]);
  subscriptions.add(utf8(""), a!);
  assertEquals(find(), [a!, b!]);
  index.detach(b!);
  assertEquals(find(), [a!]);
  index.attach(b!);
  assertEquals(find(), [a!, b!]);
  [...subscriptions.removeAll(a!)];
  assertEquals(find(), [b!]);
});
