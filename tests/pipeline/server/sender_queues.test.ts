/** What is read slowly delays its sender alone, and changes no order. */
import { assertEquals } from "@std/assert";
import { SenderQueues } from "../../../src/pipeline/server/sender_queues.ts";
import type { Message } from "../../../src/zmq/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import { deferred, eventually, test } from "../../support/harness.ts";

const KIB = 1024;

/** Queues whose messages "slow…" are handled when they are allowed to. */
function queuesOf(mostBytes: number) {
  const handled: string[] = [];
  const allowed = new Map<string, () => void>();
  const queues = new SenderQueues((message) => {
    const text = message.map((frame) => new TextDecoder().decode(frame))
      .join(" ");
    // As an answer does.
    message[1] = new Uint8Array(100_000);
    if (!text.includes("slow")) return void handled.push(text);
    const { promise, resolve } = deferred<void>();
    allowed.set(text, resolve);
    return promise.then(() => void handled.push(text));
  }, mostBytes);
  const send = (sender: string, text: string) =>
    queues.handle([utf8(sender), utf8(text)] as Message);
  return { handled, allowed, send };
}

test("a slow message holds back those of its sender, which stay in order", async () => {
  const { handled, allowed, send } = queuesOf(Infinity);
  send("a", "slow 1");
  send("a", "2");
  send("a", "slow 3");
  send("b", "1");
  for (let n = 4; n < 300; n++) send("a", `${n}`);
  assertEquals(handled, ["b 1"]);
  allowed.get("a slow 1")!();
  await eventually(() => allowed.has("a slow 3"), 3000, "the second slow one");
  assertEquals(handled, ["b 1", "a slow 1", "a 2"]);
  allowed.get("a slow 3")!();
  await eventually(() => handled.length === 300, 3000, "all of them");
  const numbers = handled.slice(1).map((one) => Number(/\d+/.exec(one)));
  assertEquals(numbers, Array.from({ length: 299 }, (_, i) => i + 1));
  send("a", "again");
  assertEquals(handled.at(-1), "a again");
});

test("where too much is held, no more is taken until there is room", async () => {
  const { handled, allowed, send } = queuesOf(2 * KIB);
  assertEquals(send("a", "slow"), undefined);
  const full = send("a", "x".repeat(1000));
  let hasRoom = false;
  void Promise.resolve(full).then(() => hasRoom = true);
  await Promise.resolve();
  assertEquals(hasRoom, false);
  allowed.get("a slow")!();
  await full;
  assertEquals(handled[0], "a slow");
});
