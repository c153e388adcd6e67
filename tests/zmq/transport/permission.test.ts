// On Deno, a missing permission is an error of the call that needs it, with the
// flag that would help; it does not end the process.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { runtime, test } from "../../support/harness.ts";

const skip = runtime !== "deno" && "only Deno has permissions";

test("binding without --allow-net is EACCES", {
  skip,
  permissions: { net: false },
}, async (t) => {
  const pull = t.use(new zmq.Pull());
  const error = await assertRejects(
    () => pull.bind("tcp://127.0.0.1:*"),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EACCES");
  assertStringIncludes(error.message, "--allow-net=127.0.0.1:0");
});

test("connecting without --allow-net is told as an event, EACCES", {
  skip,
  permissions: { net: false },
}, async (t) => {
  const push = t.use(new zmq.Push({ reconnectInterval: -1, linger: 0 }));
  const failed = new Promise<zmq.EventOfType<"close:error">>((resolve) =>
    push.events.on("close:error", resolve)
  );
  push.connect("tcp://127.0.0.1:5555");
  assertEquals(((await failed).error as zmq.ZmqError).code, "EACCES");
});

test("an ipc file without --allow-read and --allow-write is EACCES", {
  skip,
  permissions: { net: "inherit", read: false, write: false },
}, async (t) => {
  const pull = t.use(new zmq.Pull());
  const error = await assertRejects(
    () => pull.bind("ipc:///tmp/agentzero-not-allowed"),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EACCES");
  assertStringIncludes(error.message, "--allow-read");
});
