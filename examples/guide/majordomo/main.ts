/**
 * Example: majordomo. The broker and clients run here, workers in processes of
 * their own. One worker is killed while it has a request; the broker is closed
 * and another one takes its address. Every request gets its reply.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Child } from "../support/child.ts";
import { play } from "../support/scene.ts";
import { MajordomoBroker } from "./broker.ts";
import { MajordomoClient } from "./client.ts";

const WORKER = new URL("./worker_process.ts", import.meta.url);
const CLIENTS = 4;
const REQUESTS_EACH = 25;
/** The first request of the last client. */
const FATAL = "word 3-0";

const log = (line: string) => console.log(`  broker: ${line}`);

await play(async () => {
  const first = new MajordomoBroker({ log });
  try {
    const address = await first.bind("tcp://127.0.0.1:*");
    await using weak = new Child(WORKER, [address, "--hang-at", FATAL]);

    // Requests wait for the first worker.
    const replies = Array.from(
      { length: CLIENTS },
      (_, client) => askAll(address, client),
    );
    await weak.line(/^hangs/);
    console.log("a worker hangs, and is killed");
    await using strong = new Child(WORKER, [address]);
    await weak.kill();
    const counts = await Promise.all(replies);
    const total = counts.reduce((sum, count) => sum + count, 0);
    assert.equal(total, CLIENTS * REQUESTS_EACH);
    await strong.line(new RegExp(`^served ${FATAL}$`));

    console.log("the broker is closed, and another takes its address");
    await first.close();
    await using second = new MajordomoBroker({ log });
    await second.bind(address);
    await using client = new MajordomoClient(address, { timeoutMs: 10_000 });
    const [reply] = await client.request("upper", ["still there?"]);
    assert.equal(`${reply}`, "STILL THERE?");
    assert.equal(await client.hasService("upper"), true);
    assert.equal(await client.hasService("lower"), false);
    return `${total + 1} requests, ${total + 1} correct replies, ` +
      "1 worker killed, 1 broker replaced";
  } finally {
    await first.close();
  }
});

/** Returns the number of correct replies. */
async function askAll(address: string, number: number): Promise<number> {
  await using client = new MajordomoClient(address, { timeoutMs: 30_000 });
  let count = 0;
  for (let i = 0; i < REQUESTS_EACH; i++) {
    const text = `word ${number}-${i}`;
    const [reply] = await client.request("upper", [text]);
    assert.equal(`${reply}`, text.toUpperCase());
    count++;
  }
  return count;
}
