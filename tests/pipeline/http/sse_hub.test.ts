import { assert, assertEquals } from "@std/assert";
import { REMEMBERED, SseHub } from "../../../src/pipeline/http/sse_hub.ts";
import { test, type TestContext, within } from "../../support/harness.ts";

/** One block of a stream, taken apart. */
interface Block {
  readonly id?: string;
  readonly event?: string;
  // deno-lint-ignore no-explicit-any
  readonly data?: any;
  readonly comment?: string;
  readonly retry?: string;
}

/** Reads blocks as a browser does. */
function reader(t: TestContext, body: ReadableStream<Uint8Array>) {
  const source = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  t.cleanup(() => source.cancel());
  return {
    cancel: () => source.cancel(),
    async next(): Promise<Block | undefined> {
      while (!text.includes("\n\n")) {
        const { done, value } = await within(source.read(), 3000, "a block");
        if (done) return undefined;
        text += decoder.decode(value, { stream: true });
      }
      const end = text.indexOf("\n\n");
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const fields = Object.fromEntries(
        block.split("\n").map((line) => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon) || "comment", line.slice(colon + 2)];
        }),
      );
      return fields.data === undefined
        ? fields
        : { ...fields, data: JSON.parse(fields.data) };
    },
  };
}

function hubOf(t: TestContext, keepAliveMs = 60_000): SseHub {
  const hub = new SseHub(keepAliveMs);
  t.cleanup(() => hub.close());
  return hub;
}

const all = { topics: [], last: 0 };
const log = (n: number) => ({ topic: "logs:a:20", data: { n } });

test("a client gets the events that it asked for, each with an id", async (t) => {
  const hub = hubOf(t);
  const client = reader(
    t,
    hub.open({ topics: ["logs:", "job:dead"], last: 0 }),
  );
  assertEquals(await client.next(), { retry: "2000" });
  hub.publish({ topic: "job:dead:a:1", data: { id: "1" } });
  hub.publish({ topic: "job:completed:a:1", data: {} });
  hub.publish({ topic: "metric:a:x", data: {} });
  hub.publish({ topic: "logs:a:20", data: { msg: "two\n\nlines" } });
  const [one, two] = [await client.next(), await client.next()];
  assertEquals(one?.data, { topic: "job:dead:a:1", data: { id: "1" } });
  assertEquals(two?.data, {
    topic: "logs:a:20",
    data: { msg: "two\n\nlines" },
  });
  assert(one?.id !== two?.id);
  assertEquals(hub.size, 1);
  await client.cancel();
  assertEquals(hub.size, 0);
});

test("a client that reconnects gets the events in between, once and in order", async (t) => {
  const hub = hubOf(t);
  const before = reader(t, hub.open(all));
  await before.next();
  hub.publish(log(1));
  const { id } = (await before.next())!;
  await before.cancel();
  hub.publish(log(2));
  hub.publish({ topic: "job:dead:a:1", data: { n: 3 } });
  hub.publish(log(4));
  const after = reader(t, hub.open({ ...all, lastEventId: id, last: 50 }));
  await after.next();
  hub.publish(log(5));
  for (const n of [2, 3, 4, 5]) {
    assertEquals((await after.next())?.data.data.n, n);
  }
});

test("a client that was away for too long, or since before a restart, is notified", async (t) => {
  const hub = hubOf(t);
  hub.publish(log(0));
  const first = reader(t, hub.open({ ...all, last: 1 }));
  await first.next();
  const { id } = (await first.next())!;
  for (let n = 1; n <= REMEMBERED; n++) hub.publish(log(n));
  hub.publish(log(REMEMBERED + 1));

  for (const lastEventId of [id!, "another-1", "nonsense"]) {
    const client = reader(t, hub.open({ ...all, lastEventId }));
    await client.next();
    const { event, data } = (await client.next())!;
    assertEquals([event, data], ["missed", { count: null }], lastEventId);
    assertEquals((await client.next())?.data.data.n, 2);
  }
  const topics = ["job:"]; // of those, nothing was forgotten
  const other = reader(t, hub.open({ topics, lastEventId: id!, last: 0 }));
  await other.next();
  hub.publish({ topic: "job:dead:a:1", data: { n: 9 } });
  assertEquals((await other.next())?.data.data.n, 9);
});

test("a new client may begin with the last ones", async (t) => {
  const hub = hubOf(t);
  for (let n = 0; n < 10; n++) {
    hub.publish(log(n));
    hub.publish({ topic: "job:dead:a:1", data: {} });
  }
  const client = reader(t, hub.open({ topics: ["logs:"], last: 3 }));
  await client.next();
  for (const n of [7, 8, 9]) {
    assertEquals((await client.next())?.data.data.n, n);
  }
});

test("a client that does not read misses events, and gets their number", async (t) => {
  const hub = hubOf(t);
  const client = reader(t, hub.open(all));
  const count = 5000;
  for (let n = 0; n < count; n++) hub.publish(log(n));
  let received = 0;
  let missed = 0;
  await client.next();
  while (received + missed < count) {
    const { event, data } = (await client.next())!;
    if (event === "missed") missed += data.count;
    else {assertEquals(
        data.data.n,
        received++,
        "in order, none left out before",
      );}
  }
  assertEquals([received + missed, received >= 1000], [count, true]);
  assertEquals(hub.missed, missed);
  hub.publish(log(-1)); // and goes on
  assertEquals((await client.next())?.data.data.n, -1);
});

test("large events are bounded by their size", async (t) => {
  const hub = hubOf(t);
  const client = reader(t, hub.open(all));
  const text = "x".repeat(100_000);
  for (let n = 0; n < 50; n++) {
    hub.publish({ topic: "logs:a:20", data: { text } });
  }
  await client.next();
  let received = 0;
  for (;;) {
    const { event, data } = (await client.next())!;
    if (event !== "missed") received++;
    else {
      assertEquals(data.count + received, 50);
      return;
    }
  }
});

test("a comment shows that the connection lives", async (t) => {
  const client = reader(t, hubOf(t, 5).open(all));
  await client.next();
  assertEquals(await client.next(), { comment: "still here" });
});

test("all streams end with the hub", async (t) => {
  const hub = hubOf(t);
  const client = reader(t, hub.open(all));
  await client.next();
  hub.close();
  assertEquals(await client.next(), undefined);
  assertEquals(hub.size, 0);
});
