/**
 * Example: espresso. A publisher that works only while it has subscribers: its
 * XPUB receives their subscriptions through the proxy.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";

/**
 * Publishes numbered messages in turn on each of the topics, from the first
 * subscription to the end of the last.
 *
 * @returns The number of messages sent on each topic.
 */
export async function publishWhileSubscribed(
  address: string,
  topics: readonly string[],
): Promise<Map<string, number>> {
  // With `noDrop` it waits for a slow subscriber instead of dropping its messages.
  await using socket = new zmq.XPublisher({ noDrop: true });
  socket.connect(address);
  const subscribed = new Set<string>();
  const sent = new Map(topics.map((topic) => [topic, 0]));
  do {
    let event = subscribed.size === 0
      ? await socket.receive() // nothing to do without subscribers
      : socket.tryReceive();
    for (; event; event = socket.tryReceive()) {
      const [frame] = event;
      const topic = new TextDecoder().decode(frame!.subarray(1));
      if (frame![0] === 1) subscribed.add(topic);
      else subscribed.delete(topic);
    }
    for (const topic of topics) {
      if (!subscribed.has(topic)) continue;
      const number = sent.get(topic)! + 1;
      sent.set(topic, number);
      await socket.send([topic, number]);
    }
    await new Promise((resolve) => setTimeout(resolve));
  } while (subscribed.size > 0);
  return sent;
}
