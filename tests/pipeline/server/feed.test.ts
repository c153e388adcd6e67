/**
 * The feed: what watchers subscribe to is counted, whatever its bytes are.
 */
import { assertEquals } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import { MAX_TOPIC_BYTES } from "../../../src/pipeline/model/bounds.ts";
import { Feed } from "../../../src/pipeline/server/feed.ts";
import { eventually, test, within } from "../../support/harness.ts";

async function open(t: { use<T extends AsyncDisposable>(one: T): T }) {
  const publisher = t.use(new zmq.XPublisher());
  await publisher.bind("tcp://127.0.0.1:0");
  const feed = new Feed();
  void feed.serveSubscribers(publisher);
  const watcher = t.use(new zmq.Subscriber());
  watcher.connect(publisher.lastEndpoint!);
  return { publisher, feed, watcher };
}

test("a feed is watched while a peer subscribes, to any bytes", async (t) => {
  const { feed, watcher } = await open(t);
  const topics = ["", "job:", Uint8Array.of(0, 255, 1), "ä".repeat(500)];
  for (const topic of topics) watcher.subscribe(topic);
  await eventually(() => feed.isWatched, 5000, "it is watched");
  for (const topic of topics.slice(1)) watcher.unsubscribe(topic);
  feed.publish("job:x", 1);
  await within(watcher.receive(), 5000, "what happened");
  watcher.unsubscribe("");
  await eventually(() => !feed.isWatched, 5000, "no watchers");
});

test("a feed ignores topics that are longer than any of its own, and messages that are not subscriptions", async (t) => {
  const { publisher, feed, watcher } = await open(t);
  const upstream = t.use(new zmq.XSubscriber());
  upstream.connect(publisher.lastEndpoint!);
  await upstream.send([Uint8Array.of(1), "two frames"]);
  await upstream.send("no subscription");
  watcher.subscribe("a".repeat(MAX_TOPIC_BYTES + 1));
  watcher.subscribe("a".repeat(MAX_TOPIC_BYTES));
  await eventually(() => feed.isWatched, 5000, "it is watched");
  watcher.unsubscribe("a".repeat(MAX_TOPIC_BYTES));
  await eventually(() => !feed.isWatched, 5000, "only the long one is left");
  assertEquals(feed.isWatched, false);
});
