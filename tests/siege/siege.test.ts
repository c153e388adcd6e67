/**
 * Integration: every attack at once, for some seconds, against processes on
 * Node. Times and memory are judged by `npm run siege`, on a quiet machine.
 */
import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { onlyOnNode } from "../support/only_on_node.ts";
import { faultsOf, tablesOf } from "./judge.ts";
import { besiege } from "./siege.ts";

const OF_TIME = /p99 is|never came to its end|MiB more/;

test(
  "whatever hostile peers do, honest ones lose nothing, and no process exits",
  { timeoutMs: 120_000, skip: onlyOnNode }, // about 15 s, unless the machine is busy
  async () => {
    const report = await besiege({
      ...{ runtime: "node", seconds: 5, only: [], isLimited: true },
    });
    console.log(tablesOf(report));
    assertEquals(faultsOf(report).filter((one) => !OF_TIME.test(one)), []);
  },
);
