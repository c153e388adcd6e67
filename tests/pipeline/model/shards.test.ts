/** Which shard has a flow. */
import { assertEquals, assertThrows } from "@std/assert";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  checkShard,
  idOf,
  newIdIn,
  requireShard,
  shardOf,
} from "../../../src/pipeline/model/shards.ts";
import { ShardBalance } from "../../../src/pipeline/shard_balance.ts";
import { test } from "../../support/harness.ts";

const PYTHON = "/usr/bin/python3";

test("the shard of a flow is the CRC-32 of its key, or of its id", {
  skip: existsSync(PYTHON) ? false : "python3 is missing",
}, () => {
  const texts = ["a", "order-1234", "Grüße 👋", "", "x".repeat(1000)];
  const script =
    "import json, sys, zlib; print(json.dumps([zlib.crc32(t.encode()) for t in json.load(sys.stdin)]))";
  const crcs = JSON.parse(
    execFileSync(PYTHON, ["-c", script], { input: JSON.stringify(texts) })
      .toString(),
  ) as number[];
  for (const [i, key] of texts.entries()) {
    for (const shards of [2, 3, 7, 64]) {
      assertEquals(shardOf({ id: "any", key }, shards), crcs[i]! % shards, key);
    }
  }
  assertEquals(shardOf({ id: "order-1234" }, 7), crcs[1]! % 7);
});

test("jobs are where their flow is, and scheduled flows where their schedule is", () => {
  for (const id of ["a", "b", "c", "d", "e"]) {
    const shard = shardOf({ id }, 5);
    assertEquals(shardOf({ id: `${id}.3.17` }, 5), shard);
    assertEquals(shardOf({ id: `${id}-20250131T120000Z` }, 5), shard);
    assertEquals(newIdIn({ index: shard, of: 5 }).length, 36);
    assertEquals(shardOf({ id: newIdIn({ index: shard, of: 5 }) }, 5), shard);
    const key = `key of ${id}`;
    assertEquals(
      shardOf({ id: idOf({ key }, 5) }, 5),
      shardOf({ key }, 5),
      "a new id for a key",
    );
    requireShard({ id }, { index: shard, of: 5 });
    const error = assertThrows(() =>
      requireShard({ id }, { index: (shard + 1) % 5, of: 5 })
    ) as Error & { code: string };
    assertEquals(error.code, "ERR_PIPELINE_SHARD");
  }
  for (
    const shard of [
      { index: 2, of: 2 },
      { index: 0, of: 65 },
      { index: -1, of: 2 },
    ]
  ) {
    assertThrows(() => checkShard(shard), Error, "shard must be");
  }
});

test("ids are spread evenly", () => {
  const counts = [0, 0, 0, 0];
  for (let n = 0; n < 4000; n++) counts[shardOf({ id: idOf({}, 4) }, 4)]!++;
  for (const count of counts) assertEquals(Math.abs(count - 1000) < 200, true);
});

test("a process with two shards more than another hands over once that has lasted", () => {
  let led = 4;
  const self = { host: "a", pid: 1, address: "tcp://a:1" };
  const balance = new ShardBalance(self, () => led);
  const censusOf = (...others: number[]) =>
    new Map([
      ["a 1 tcp://a:1", led],
      ...others.map((
        count,
        n,
      ): [string, number] => [`b ${n} tcp://b:1`, count]),
    ]);
  const handedOver = (...others: number[]) =>
    balance.count(censusOf(...others));
  assertEquals([0, balance.patienceMs], [handedOver(), 0]); // alone
  // Another one has come, and has none.
  assertEquals([0, 0, 0, 2].map(() => handedOver(0)), [0, 0, 0, 2]);
  assertEquals(balance.patienceMs, 4000); // leaves what is free to that one
  led = 2;
  assertEquals([handedOver(2), balance.patienceMs], [0, 0]);
  // One that has ended is counted for a while, and not long enough.
  assertEquals([handedOver(0), handedOver(0), handedOver(0)], [0, 0, 0]);
  assertEquals(handedOver(), 0);
  assertEquals([0, 0, 0].map(() => handedOver(0, 2)), [0, 0, 0]);
  // One more is no reason.
  led = 3;
  for (let n = 0; n < 10; n++) assertEquals(handedOver(2), 0);
  assertEquals(balance.patienceMs, 1000);
});
