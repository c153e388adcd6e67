// RFC 30: PUSH and PULL. What the tests of tests/zmq/sockets leave open;
// tests/rfc has the clauses.
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { texts } from "../sockets/pairs.ts";
import { allRead, join, readTexts, say } from "./raw.ts";

// RFC 30.PUSH.1
test("a PUSH only sends: what its peer sends is dropped", async (t) => {
  const push = t.use(new zmq.Push({ linger: 0 }));
  assertEquals("receive" in push, false);
  const pull = await join(t, push, "PULL");
  await say(pull, "you", "should not");
  await allRead(pull);
  await push.send("work");
  assertEquals(await readTexts(pull), ["work"]);
});

// RFC 30.PULL.1
test("a PULL only receives", async (t) => {
  const pull = t.use(new zmq.Pull({ linger: 0 }));
  assertEquals(["send" in pull, "trySend" in pull], [false, false]);
  const push = await join(t, pull, "PUSH");
  await say(push, "work");
  assertEquals(texts(await pull.receive()), ["work"]);
  assertEquals(push.unread, 0);
});
