/**
 * Example: espresso. A publisher and two subscribers, a proxy between them, and
 * a listener that traces everything that passes through the proxy: messages,
 * subscriptions and cancellations.
 *
 * @module
 */
import assert from "node:assert/strict";
import { zmq } from "@agentzero/agentzero";
import { play } from "../support/scene.ts";
import { publishWhileSubscribed } from "./publisher.ts";
import { Trace, type TraceRecord } from "./trace.ts";

await play(async () => {
  await using trace = await Trace.open();
  await using proxy = await zmq.forwarder(
    "tcp://127.0.0.1:*",
    "tcp://127.0.0.1:*",
    { capture: trace.capture, backEnd: { noDrop: true } },
  );
  const address = proxy.backEnd.lastEndpoint!;
  const received = Promise.all([
    subscribe(address, "A", 5),
    subscribe(address, "B", 10),
  ]);
  let begin!: () => void;
  const bothSubscribed = new Promise<void>((resolve) => begin = resolve);
  const listened = listen(trace, begin);
  await bothSubscribed;
  const published = publishWhileSubscribed(
    proxy.frontEnd.lastEndpoint!,
    ["A", "B", "C"],
  );
  const got = await received;
  const sent = await published;
  await proxy.close();
  const records = await listened;

  const count = (kind: TraceRecord["kind"], topic: string) =>
    records.filter((r) => r.kind === kind && r.topic === topic).length;
  for (const [topic, numbers] of [["A", got[0]], ["B", got[1]]] as const) {
    assert.deepEqual(numbers, numbers.map((_, i) => i + 1), "none is missing");
    assert.equal(count("subscribe", topic), 1);
    assert.equal(count("unsubscribe", topic), 1);
    const passed = count("message", topic);
    assert.ok(passed >= numbers.length && passed <= sent.get(topic)!);
  }
  // No one subscribed to C, so its messages were not even sent to the proxy.
  assert.equal(sent.get("C"), 0);
  assert.equal(count("message", "C"), 0);
  return `A: ${got[0].length} received, B: ${got[1].length} received, ` +
    "all of them traced; no one subscribed to C, so none of it was sent";
});

/** Receives `count` messages of a topic and returns their numbers. */
async function subscribe(
  address: string,
  topic: string,
  count: number,
): Promise<number[]> {
  await using socket = new zmq.Subscriber();
  socket.connect(address);
  socket.subscribe(topic);
  const numbers: number[] = [];
  for await (const [, number] of socket) {
    numbers.push(Number(`${number}`));
    if (numbers.length === count) break;
  }
  return numbers;
}

/** Prints the trace until both subscriptions have ended. */
async function listen(
  trace: Trace,
  onBothSubscribed: () => void,
): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  let subscriptions = 0;
  for await (const record of trace) {
    records.push(record);
    const { kind, topic, body } = record;
    console.log(`  ${kind} ${[topic, ...body].join(" ")}`);
    if (kind === "subscribe" && ++subscriptions === 2) onBothSubscribed();
    if (kind === "unsubscribe" && --subscriptions === 0) break;
  }
  return records;
}
