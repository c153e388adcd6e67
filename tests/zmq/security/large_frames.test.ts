/**
 * Tests of what CURVE seals and opens at once: frames above
 * `curveMaxFrameSize` are refused on both sides, and nothing else suffers.
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { ProtocolError } from "../../../src/zmq/errors.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, texts } from "../../support/bytes.ts";
import { test, type TestContext, within } from "../../support/harness.ts";

const SERVER = zmq.curveKeyPair();
const CLIENT = zmq.curveKeyPair();

async function bound(t: TestContext, curveMaxFrameSize: number) {
  const pull = t.use(
    new zmq.Pull({
      curveServer: true,
      curveSecretKey: SERVER.secretKey,
      curveMaxFrameSize,
    }),
  );
  await pull.bind("tcp://127.0.0.1:0");
  return pull;
}

function connected(t: TestContext, address: string, curveMaxFrameSize: number) {
  const push = t.use(
    new zmq.Push({
      curveServerKey: SERVER.publicKey,
      curvePublicKey: CLIENT.publicKey,
      curveSecretKey: CLIENT.secretKey,
      curveMaxFrameSize,
      reconnectInterval: 10,
      linger: 0,
    }),
  );
  push.connect(address);
  return push;
}

test("a frame above curveMaxFrameSize is not sent: EMSGSIZE, and the connection goes on", async (t) => {
  const pull = await bound(t, 2048);
  const push = connected(t, pull.lastEndpoint!, 1024);
  const large = pattern(1025);
  const error = await assertRejects(() => push.send(large), zmq.ZmqError);
  assertEquals(error.code, "EMSGSIZE");
  const inMany = () => push.send(["first", large, "last"]);
  await assertRejects(inMany, zmq.ZmqError, "curveMaxFrameSize");
  assertEquals(
    assertThrows(() => push.trySend(large), zmq.ZmqError).code,
    "EMSGSIZE",
  );
  await push.send([pattern(1024), pattern(1024)]);
  const received = await within(pull.receive(), 5000, "the message");
  assertEquals(received.map((frame) => frame.byteLength), [1024, 1024]);
});

test("a peer that sends a frame above curveMaxFrameSize is disconnected, and no other peer", async (t) => {
  const pull = await bound(t, 1024);
  const [hostile, honest] = [4096, 1024].map((size) =>
    connected(t, pull.lastEndpoint!, size)
  ) as [zmq.Push, zmq.Push];
  await honest.send("one");
  assertEquals(texts(await within(pull.receive(), 5000, "one")), ["one"]);
  const refused = new Promise<Error>((resolve) =>
    pull.events.on("handshake:error:protocol", ({ error }) => resolve(error))
  );
  const gone = new Promise<void>((resolve) =>
    hostile.events.on("disconnect", () => resolve())
  );
  await hostile.send(pattern(1025));
  const error = await within(refused, 5000, "the refusal") as ProtocolError;
  assertEquals(error.code, "ERR_ZMTP_MESSAGE_TOO_LARGE");
  await honest.send("two");
  assertEquals(texts(await within(pull.receive(), 5000, "two")), ["two"]);
  await within(gone, 5000, "the end of the connection");
  await hostile.send(pattern(1024)); // it may come again
  const [frame] = await within(pull.receive(), 5000, "a frame that fits");
  assertEquals(frame!.byteLength, 1024);
});

test("the limit is that of sealed frames alone", async (t) => {
  const pull = t.use(new zmq.Pull({ curveMaxFrameSize: 1024 }));
  await pull.bind("tcp://127.0.0.1:0");
  const push = t.use(new zmq.Push({ curveMaxFrameSize: 1024 }));
  push.connect(pull.lastEndpoint!);
  await push.send(pattern(5000));
  const [frame] = await within(pull.receive(), 5000, "the message");
  assertEquals(frame!.byteLength, 5000);
});
