/** Tests of the subscription trie: RFC 29, matching by prefix. */
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { SubscriptionTrie } from "../../../src/zmq/routing/subscription_trie.ts";
import { pattern, texts, toHex, utf8 } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

function matched<T>(trie: SubscriptionTrie<T>, topic: Uint8Array): Set<T> {
  const all = new Set<T>();
  for (const set of trie.match(topic)) set.forEach((one) => all.add(one));
  return all;
}

/** The prefixes that no peer has any more. */
function removeAll<T>(trie: SubscriptionTrie<T>, subscriber: T): Uint8Array[] {
  return [...trie.removeAll(subscriber)].filter((one) => one !== undefined);
}

test("a topic matches the prefixes of it, and nothing else", () => {
  const trie = new SubscriptionTrie<string>();
  for (const prefix of ["", "a", "ab", "abc", "abd", "b"]) {
    trie.add(utf8(prefix), prefix);
  }
  assertEquals(matched(trie, utf8("abcd")), new Set(["", "a", "ab", "abc"]));
  assertEquals(matched(trie, utf8("ab")), new Set(["", "a", "ab"]));
  assertEquals(matched(trie, utf8("")), new Set([""]));
  assertEquals(matched(trie, utf8("c")), new Set([""]));
});

test("add reports whether the prefix is new, remove whether it was the last", () => {
  const trie = new SubscriptionTrie<number>();
  assertEquals(
    [trie.add(utf8("a"), 1), trie.add(utf8("a"), 2), trie.add(utf8("a"), 1)],
    [true, false, false],
  );
  assertEquals(
    [
      trie.remove(utf8("a"), 1),
      trie.remove(utf8("a"), 1),
      trie.remove(utf8("a"), 2),
    ],
    [false, false, true],
  );
  assertEquals(trie.add(utf8("a"), 3), true);
});

test("a prefix that is only on the path to longer ones has no subscriber", () => {
  const trie = new SubscriptionTrie<number>();
  trie.add(utf8("abcd"), 1);
  trie.add(utf8("abce"), 2);
  assertEquals(trie.has(utf8("abc"), 1), false);
  assertEquals(trie.remove(utf8("abc"), 1), false);
  assertEquals(trie.remove(utf8("abcdef"), 1), false);
  assertEquals(trie.matches(utf8("abc")), false);
  assertEquals(trie.add(utf8("abc"), 3), true);
  assertEquals(matched(trie, utf8("abcd")), new Set([1, 3]));
});

test("removing a subscriber returns its prefixes, and which have none left", () => {
  const make = () => {
    const trie = new SubscriptionTrie<number>();
    for (const prefix of ["", "x", "xy", "xyz"]) trie.add(utf8(prefix), 1);
    trie.add(utf8("xy"), 2);
    return trie;
  };
  const trie = make();
  assertEquals(texts(removeAll(trie, 1)).sort(), ["", "x", "xyz"]);
  assertEquals(removeAll(trie, 1), []);
  assertEquals(matched(trie, utf8("xyz")), new Set([2]));
  const all = [...make().removeAll(1, () => true)].map((one) => one!);
  assertEquals(texts(all).sort(), ["", "x", "xy", "xyz"]);
  assertEquals([...make().removeAll(1, () => false)].length, 4);
});

test("the bytes of a subscription may be reused", () => {
  // A Buffer's slice() is no copy, unlike that of an Uint8Array.
  for (const topic of [Buffer.from("abc"), Uint8Array.from(utf8("abc"))]) {
    const trie = new SubscriptionTrie<number>();
    trie.add(topic, 1);
    topic.fill(0x7a);
    assertEquals(trie.matches(utf8("abcd")), true, topic.constructor.name);
    assertEquals(trie.matches(utf8("zzz")), false);
    assertEquals(texts(removeAll(trie, 1)), ["abc"]);
  }
});

test("prefixes of any bytes, also long ones", () => {
  const trie = new SubscriptionTrie<number>();
  const long = pattern(3000);
  trie.add(long, 1);
  trie.add(long.subarray(0, 2999), 2);
  trie.add(Uint8Array.of(0, 255), 3);
  assertEquals(matched(trie, pattern(3001)), new Set([1, 2]));
  assertEquals(matched(trie, Uint8Array.of(0, 255, 0)), new Set([3]));
});

// RFC 29.PUB.11
test("property: it matches as a list of all pairs does", () =>
  check(
    fc.property(
      fc.array(
        fc.record({
          step: fc.constantFrom(
            "add",
            "add",
            "add",
            "remove",
            "removeAll",
            "match",
          ),
          // Few letters, so that prefixes share much.
          prefix: fc.array(fc.nat(1), { maxLength: 6 }).map((p) =>
            Uint8Array.from(p)
          ),
          who: fc.nat(3),
        }),
        { maxLength: 80 },
      ),
      (steps) => {
        const trie = new SubscriptionTrie<number>();
        const pairs = new Map<string, Set<number>>();
        const at = (key: string) => pairs.get(key) ?? new Set<number>();
        for (const { step, prefix, who } of steps) {
          const key = toHex(prefix);
          if (step === "add") {
            assertEquals(trie.add(prefix, who), at(key).size === 0);
            pairs.set(key, at(key).add(who));
          } else if (step === "remove") {
            const isLast = at(key).delete(who) && at(key).size === 0;
            assertEquals(trie.remove(prefix, who), isLast);
          } else if (step === "removeAll") {
            const orphaned = [...pairs]
              .filter(([, set]) => set.delete(who) && set.size === 0)
              .map(([key]) => key);
            assertEquals(
              removeAll(trie, who).map(toHex).sort(),
              orphaned.sort(),
            );
          } else {
            const expected = new Set(
              [...pairs].filter(([p]) => key.startsWith(p)).flatMap((
                [, set],
              ) => [...set]),
            );
            assertEquals(matched(trie, prefix), expected);
            assertEquals(trie.matches(prefix), expected.size > 0);
          }
          assertEquals(trie.has(prefix, who), at(key).has(who));
        }
      },
    ),
    200,
  ));
