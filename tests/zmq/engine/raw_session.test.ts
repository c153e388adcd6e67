/** Tests of a STREAM's session over a wire in memory: unchanged bytes, and the messages that mark the beginning and the end. */
import { assertEquals } from "@std/assert";
import { STREAM } from "../../../src/zmq/types.ts";
import { pattern, sameBytes, texts, utf8 } from "../../support/bytes.ts";
import { one, readAll } from "../../support/fake_holder.ts";
import { fakeSession, turn } from "../../support/fake_wire.ts";
import { test } from "../../support/harness.ts";

test("it opens at once and sends no greeting", async () => {
  const s = fakeSession(STREAM);
  const events: string[] = [];
  s.events.on("handshake", ({ type }) => events.push(type));
  await turn();
  assertEquals(s.wire.take().byteLength, 0);
  assertEquals(readAll(s.pipe), [""]);
  assertEquals(events, ["handshake"]);
  s.session.destroy();
});

test("a session closed before it opened writes nothing", async () => {
  const s = fakeSession(STREAM);
  s.session.close();
  await turn();
  assertEquals([s.closed, s.wire.isDestroyed], [[undefined], true]);
  assertEquals(s.peer, undefined);
});

test("a connection that is lost before it opened is reported as a failure", async () => {
  const s = fakeSession(STREAM);
  s.wire.close();
  await turn();
  assertEquals((s.closed[0] as { code?: string }).code, "ECONNRESET");
  assertEquals(s.peer, undefined);
});

test("bytes are received in the chunks in which they arrived, and sent unchanged", async () => {
  const s = fakeSession(STREAM, { notify: false });
  await turn();
  s.wire.feed(utf8("a"), utf8("bc"));
  assertEquals(readAll(s.pipe), ["a", "bc"]);
  for (const text of ["1", "23", "4"]) s.pipe.write(one(text));
  const large = pattern(100_000);
  s.pipe.write([large]);
  await turn();
  const written = s.wire.take();
  assertEquals(texts([written.subarray(0, 4)]), ["1234"]);
  assertEquals(sameBytes(written.subarray(4), large), true);
  s.session.destroy();
});

test("the caller may reuse a small frame at once", async () => {
  const s = fakeSession(STREAM, { notify: false });
  await turn();
  const part = utf8("mine");
  s.pipe.write([part]);
  part.fill(0);
  await turn();
  assertEquals(texts([s.wire.take()]), ["mine"]);
  s.session.destroy();
});

test("the end message follows all bytes, even if the queue was full", async () => {
  const s = fakeSession(STREAM, { receiveHighWaterMark: 2 });
  await turn();
  s.wire.feed(utf8("1"), utf8("2"), utf8("3"));
  assertEquals(s.wire.isPaused, true);
  s.wire.close(new Error("broken"));
  assertEquals(s.closed, []);
  const got: string[] = [];
  while (s.closed.length === 0) got.push(...texts(s.pipe.read()!));
  got.push(...readAll(s.pipe));
  assertEquals(got, ["", "1", "2", "3", ""]);
  assertEquals(s.closed.map(String), ["Error: broken"]);
});

test("the end message waits for room in a full pipe", async () => {
  const s = fakeSession(STREAM, { receiveHighWaterMark: 1 });
  await turn();
  s.wire.close();
  assertEquals(s.closed, []);
  assertEquals(texts(s.pipe.read()!), [""]);
  assertEquals(readAll(s.pipe), [""]);
  assertEquals(s.closed, [undefined]);
});

test("with notify false, only the pipe ends", async () => {
  const s = fakeSession(STREAM, { notify: false });
  await turn();
  s.wire.feed(utf8("1"));
  s.wire.close();
  assertEquals(readAll(s.pipe), ["1"]);
  assertEquals(s.closed, [undefined]);
});

test("when the socket closes its end, what was sent is written, then the connection ends", async () => {
  const s = fakeSession(STREAM);
  await turn();
  s.wire.isQuick = false;
  s.pipe.write(one("last"));
  s.pipe.close();
  await turn();
  assertEquals(texts([s.wire.take()]), ["last"]);
  s.wire.feed(utf8("too late"));
  s.wire.finishWrite();
  assertEquals(s.wire.isEnded, true);
  s.wire.close();
  assertEquals(s.closed, [undefined]);
});

test("heartbeats are not sent", async () => {
  const s = fakeSession(STREAM, { heartbeatInterval: 1, notify: false });
  await turn();
  s.wire.feed(utf8("1"));
  await turn();
  assertEquals(s.wire.take().byteLength, 0);
  s.session.destroy();
});
