/**
 * Tests of traffic in both directions at a time, more than the system buffers:
 * neither side may wait for the other for ever.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, sameBytes, texts } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { joined } from "./pairs.ts";

const options = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 };

for (
  const [name, size, count] of [
    ["a few very large messages", 12 << 20, 3],
    ["many large messages", 300_000, 60],
    ["a flood of small messages", 100, 20_000],
  ] as const
) {
  // RFC 28.DEALER.3
  test(`two DEALERs send each other ${name} before they receive any`, {
    timeoutMs: 4000,
  }, async (t) => {
    const a = t.use(
      new zmq.Dealer(options),
    );
    const b = t.use(
      new zmq.Dealer(options),
    );
    await joined(a, b);
    const body = pattern(size);
    const talk = async (socket: zmq.Dealer) => {
      for (let i = 0; i < count; i++) await socket.send([body, String(i)]);
      for (let i = 0; i < count; i++) {
        const [frame, number] = await socket.receive();
        assertEquals(texts([number!]), [String(i)]);
        if (i % 1000 === 0) assert(sameBytes(frame!, body));
      }
    };
    await Promise.all([talk(a), talk(b)]);
  });
}

test("requests and answers of megabytes", async (t) => {
  const reply = t.use(new zmq.Reply());
  const request = t.use(new zmq.Request());
  await joined(reply, request);
  const body = pattern(8 << 20);
  const serving = (async () => {
    for (let i = 0; i < 3; i++) await reply.send(await reply.receive());
  })();
  for (let i = 0; i < 3; i++) {
    await request.send(body);
    const [answer] = await request.receive();
    assert(sameBytes(answer!, body));
  }
  await serving;
});
