/** Tests of the monitor and the proxy in the API of zeromq.js 5. */
import { assert, assertEquals } from "@std/assert";
import zmq, { type SocketType } from "../../../src/zmq/v5/mod.ts";
import { test } from "../../support/harness.ts";
import { codeOf, messages, next, socketsOf } from "./sockets.ts";

test("a monitored socket reports listening, connections and their end", async (t) => {
  const socket = socketsOf(t);
  const reply = socket("rep");
  assert(reply.monitor(10, 0) === reply);
  reply.monitor();
  const listens = next(reply, "listen");
  reply.bindSync("tcp://127.0.0.1:*");
  const endpoint = reply.last_endpoint;
  assertEquals((await listens)[1], endpoint);
  const request = socket("req");
  request.monitor();
  const accepted = next(reply, "accept");
  const delayed = next(request, "connect_delay");
  const connected = next(request, "connect");
  request.connect(endpoint);
  for (const event of [accepted, delayed, connected]) {
    assertEquals((await event)[1], endpoint);
  }
  const gone = next(reply, "disconnect");
  request.close();
  assertEquals((await gone)[1], endpoint);
  const closed = next(reply, "close");
  reply.unbindSync(endpoint);
  assertEquals((await closed)[1], endpoint);
});

test("failures are reported with number and error; nothing after unmonitor", async (t) => {
  const socket = socketsOf(t);
  const reply = socket("rep");
  reply.bindSync("tcp://127.0.0.1:*");
  const other = socket("rep");
  other.monitor();
  other.on("error", () => {});
  const failed = next(other, "bind_error");
  assertEquals(codeOf(() => other.bindSync(reply.last_endpoint)), "EADDRINUSE");
  const [errno, address, error] = await failed;
  assertEquals(address, reply.last_endpoint);
  assert(error instanceof Error && Number(errno) > 0);
  const again = next(other, "bind_error");
  other.bind(reply.last_endpoint);
  assert((await again)[2] instanceof Error);
  const free = socket("rep");
  free.bindSync("tcp://127.0.0.1:*");
  const endpoint = free.last_endpoint;
  free.unbindSync(endpoint);
  await next(free, "unbind");
  const request = socket("req", { reconnect_ivl: 1 });
  request.monitor();
  const retried = next(request, "connect_retry");
  request.connect(endpoint);
  const [interval, where, why] = await retried;
  assert(Number(interval) >= 1 && where === endpoint && why instanceof Error);
  request.unmonitor();
  let count = 0;
  for (const name of Object.values(zmq.events)) request.on(name, () => count++);
  const accepted = next(free, "accept");
  free.monitor();
  free.bindSync(endpoint);
  await accepted;
  assertEquals(count, 0);
});

test("a proxy forwards both ways; the capture gets what the backend receives", async (t) => {
  const socket = socketsOf(t);
  const [frontend, backend] = [socket("router"), socket("dealer")];
  const [capture, captured] = [socket("push"), socket("pull")];
  for (const one of [frontend, backend, capture]) {
    one.bindSync("tcp://127.0.0.1:*");
  }
  zmq.proxy(frontend, backend, capture);
  const [request, reply] = [socket("req"), socket("rep")];
  request.connect(frontend.last_endpoint);
  reply.connect(backend.last_endpoint);
  captured.connect(capture.last_endpoint);
  reply.on("message", (...frames) => reply.send(["re", ...frames]));
  const answers = messages(request, 2);
  const copies = messages(captured, 2);
  request.send(["a", "b"]).send("c");
  assertEquals(await answers, [["re", "a", "b"], ["re", "c"]]);
  assertEquals(await copies, [["re", "a", "b"], ["re", "c"]]);
});

test("a proxy from PULL to PUSH, one from XPUB to XSUB, and the wrong ones", async (t) => {
  const socket = socketsOf(t);
  const [pull, push] = [socket("pull"), socket("push")];
  pull.bindSync("inproc://in");
  push.bindSync("inproc://out");
  zmq.proxy(pull, push, null);
  const [source, sink] = [socket("push"), socket("pull")];
  source.connect("inproc://in");
  sink.connect("inproc://out");
  source.send(["work", "load"]);
  assertEquals(await messages(sink, 1), [["work", "load"]]);

  const [xpub, xsub] = [socket("xpub"), socket("xsub")];
  xpub.bindSync("inproc://subscribers");
  xsub.bindSync("inproc://publishers");
  zmq.proxy(xpub, xsub);
  const [publisher, subscriber] = [socket("xpub"), socket("sub")];
  publisher.connect("inproc://publishers");
  subscriber.connect("inproc://subscribers");
  subscriber.subscribe("news");
  assertEquals((await messages(publisher, 1)).flat(), ["\x01news"]);
  publisher.send(["news", "of the day"]);
  assertEquals(await messages(subscriber, 1), [["news", "of the day"]]);

  const wrong: [SocketType, SocketType][] = [
    ["xsub", "xpub"],
    ["dealer", "router"],
    ["pub", "sub"],
  ];
  for (const [a, b] of wrong) {
    assertEquals(codeOf(() => zmq.proxy(socket(a), socket(b))), "EINVAL");
  }
});
