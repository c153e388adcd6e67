/** What other code of a process says to the threads of this library harms none. */
import { BroadcastChannel } from "node:worker_threads";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";

test("messages of strangers among threads are ignored, and inproc goes on", async (t) => {
  const push = t.use(new zmq.Push());
  push.connect("inproc://awaited"); // joins the channel
  const channel = new BroadcastChannel("agentzero inproc names");
  t.cleanup(() => channel.close());
  for (
    const message of [
      ...[null, undefined, 0, "bound", [], new Map()],
      ...[{ bound: {} }, { awaited: null }, { awaited: ["awaited"] }],
      ...[{ bound: "x".repeat(100_000) }, { bound: "__proto__" }],
    ]
  ) channel.postMessage(message);
  for (let i = 0; i < 1000; i++) channel.postMessage({ awaited: `${i}` });
  const pull = t.use(new zmq.Pull());
  await pull.bind("inproc://awaited");
  await push.send("honest");
  await within(pull.receive(), 5000, "the message");
});
