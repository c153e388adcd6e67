/**
 * Example: espresso. A publisher that works only while somebody listens: its
 * XPUB tells it who subscribes to what, through the proxy.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";

/**
 * Publishes numbered messages in turn on each of the topics, from the first
 * subscription to the end of the last.
 *
 * @returns how many messages it has sent on each topic
 */
export async function publishWhileWanted(
  address: string,
  topics: readonly string[],
): Promise<Map<string, number>> {
  // Rather wait for a slow subscriber than have it miss messages.
  await using socket = new zmq.XPublisher({ noDrop: true });
  socket.connect(address);
  const wanted = new Set<string>();
  const sent = new Map(topics.map((topic) => [topic, 0]));
  do {
    let event = wanted.size === 0
      ? await socket.receive() // nothing to do until somebody comes
      : socket.tryReceive();
    for (; event; event = socket.tryReceive()) {
      const [frame] = event;
      const topic = new TextDecoder().decode(frame!.subarray(1));
      if (frame![0] === 1) wanted.add(topic);
      else wanted.delete(topic);
    }
    for (const topic of topics) {
      if (!wanted.has(topic)) continue;
      const number = sent.get(topic)! + 1;
      sent.set(topic, number);
      await socket.send([topic, number]);
    }
    await new Promise((resolve) => setTimeout(resolve));
  } while (wanted.size > 0);
  return sent;
}
