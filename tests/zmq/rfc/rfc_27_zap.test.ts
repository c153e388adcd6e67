// RFC 27: ZAP. What tests/zmq/security leaves open; tests/rfc has the clauses.
import { assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { texts } from "../sockets/pairs.ts";
import { STEP_MS } from "./raw.ts";

const ZAP = "inproc://zeromq.zap.01";

// RFC 27.ARCH.4
test("a context has one ZAP handler, and it is its own", async (t) => {
  const [one, other] = [new zmq.Context(), new zmq.Context()];
  t.cleanup(() => Promise.all([one.close(), other.close()]));
  await new zmq.Reply({ context: one }).bind(ZAP);
  const second = new zmq.Router({ context: one });
  const error = await assertRejects(() => second.bind(ZAP), zmq.ZmqError);
  assertEquals(error.code, "EADDRINUSE");
  await new zmq.Reply({ context: other }).bind(ZAP);
});

// RFC 27.ASK.6
test("the address is dotted IPv4, or canonical IPv6", async (t) => {
  const context = new zmq.Context();
  t.cleanup(() => context.close());
  const handler = new zmq.Reply({ context });
  await handler.bind(ZAP);
  const pull = new zmq.Pull({ context, zapDomain: "home" });
  await pull.bind("tcp://[::]:*");
  const port = pull.lastEndpoint!.split(":").at(-1);
  for (
    const [host, address] of [["127.0.0.1", "127.0.0.1"], ["[::1]", "::1"]]
  ) {
    const push = t.use(new zmq.Push({ linger: 0 }));
    push.connect(`tcp://${host}:${port}`);
    await push.send("hello");
    const asked = await within(handler.receive(), STEP_MS, "the question");
    assertEquals(texts(asked)[3], address);
    await handler.send([...asked.slice(0, 2), "200", "OK", "", ""]);
    assertEquals(texts(await pull.receive()), ["hello"]);
  }
});
