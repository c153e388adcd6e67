// close() while a socket binds or unbinds, and options that are set too late.
import { assert, assertEquals, assertRejects } from "@std/assert";
import process from "node:process";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { TCP, TRANSPORTS } from "./pairs.ts";

for (const { name, address, skip = false } of TRANSPORTS) {
  test(`close waits for bind and unbind (${name})`, { skip }, async (t) => {
    const dealer = new zmq.Dealer();
    const binding = dealer.bind(await address(t));
    const closing = dealer.close();
    assertEquals(dealer.closed, false);
    await assertRejects(() => dealer.bind(TCP), zmq.ZmqError, "closed");
    await binding;
    assertEquals(dealer.closed, true);
    await closing;

    const other = new zmq.Dealer();
    await other.bind(await address(t));
    const unbinding = other.unbind(other.lastEndpoint!);
    const ended = other.close();
    assertEquals(other.closed, false);
    await unbinding;
    assertEquals(other.closed, true);
    await ended;

    const failing = new zmq.Dealer();
    const inVain = failing.unbind("tcp://127.0.0.1:1");
    const end = failing.close();
    assertEquals(failing.closed, false);
    await assertRejects(() => inVain, zmq.ZmqError);
    assertEquals(failing.closed, true);
    await end;
    // What was bound last is free again.
    const next = t.use(new zmq.Dealer());
    await next.bind(dealer.lastEndpoint!);
  });
}

test("setting an option too late emits a warning", async (t) => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning.message);
  process.on("warning", onWarning);
  try {
    const dealer = t.use(new zmq.Dealer({ routingId: "first", linger: 0 }));
    dealer.heartbeatInterval = 1000;
    dealer.connect("inproc://unbound");
    dealer.linger = 5;
    dealer.receiveTimeout = dealer.sendTimeout = 5;
    dealer.sendHighWaterMark = 5;
    dealer.routingId = "second";
    const binding = t.use(new zmq.Dealer());
    const bound = binding.bind(TCP);
    binding.setOption(75, 2000);
    await bound;
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(warnings.length, 2);
    assert(warnings[0]!.includes("routingId"), warnings[0]);
    assert(warnings[1]!.includes("heartbeatInterval"), warnings[1]);
  } finally {
    process.off("warning", onWarning);
  }
});
