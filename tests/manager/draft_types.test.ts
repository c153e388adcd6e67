/**
 * Tests of the socket types whose messages have one frame, and of STREAM, in a
 * SocketManager: what can be said in frames works by name, all else says so.
 */
import { AgentZeroSocketError, RAW, zmq } from "@agentzero/agentzero";
import { assertEquals, assertRejects } from "@std/assert";
import { test } from "../support/harness.ts";
import { inproc, managerFor } from "./fixtures.ts";

test("CHANNEL and SCATTER send data by name, CHANNEL and GATHER receive it", async (t) => {
  const sockets = managerFor(t);
  const pairs = [
    ["channel", zmq.CHANNEL, zmq.CHANNEL],
    ["scatter", zmq.SCATTER, zmq.GATHER],
  ] as const;
  for (const [name, from, to] of pairs) {
    const address = inproc();
    await sockets.ensureAndBind(`${name} in`, to, address);
    await sockets.ensureAndConnect(`${name} out`, from, address);
    await sockets.sendSafe(`${name} out`, { job: 1 });
    assertEquals(await sockets.recvSafe(`${name} in`), { job: 1 });
  }
});

test("a CLIENT sends and receives by name, its SERVER by its own methods", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  const server = await sockets.ensureAndBind("server", zmq.SERVER, address);
  await sockets.ensureAndConnect("client", zmq.CLIENT, address);
  await sockets.sendSafe("client", "question");
  assertEquals(await sockets.ready("server", zmq.POLLIN), zmq.POLLIN);
  const [question, from] = await server.receive();
  assertEquals(String(question), '"question"');
  await server.send('"answer"', from);
  assertEquals(await sockets.recvSafe("client"), "answer");
});

test("an event has two frames: a CHANNEL cannot publish it", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndBind("in", zmq.CHANNEL, address);
  await sockets.ensureAndConnect("out", zmq.CHANNEL, address);
  const error = await assertRejects(
    () => sockets.publishSafe("out", "topic", 1),
    AgentZeroSocketError,
    "A CHANNEL can only send messages of one frame, not of 2",
  );
  assertEquals((error.cause as zmq.ZmqError).code, "EINVAL");
});

test("types whose messages are more than frames say so at once", async (t) => {
  const sockets = managerFor(t);
  const senders = [zmq.SERVER, zmq.PEER, zmq.RADIO] as const;
  const receivers = [zmq.SERVER, zmq.PEER, zmq.DISH] as const;
  for (const type of senders) {
    const name = `sending ${zmq.SOCKET_TYPE_NAMES[type]}`;
    sockets.create(name, type);
    await assertRejects(
      () => sockets.sendSafe(name, 1),
      AgentZeroSocketError,
      "cannot send by its name, as its messages are more than frames; use its own method send()",
    );
  }
  for (const type of receivers) {
    const name = `receiving ${zmq.SOCKET_TYPE_NAMES[type]}`;
    sockets.create(name, type);
    await assertRejects(
      () => sockets.recvSafe(name),
      AgentZeroSocketError,
      "cannot receive by its name, as its messages are more than frames; use its own method receive()",
    );
  }
  sockets.create("radio", zmq.RADIO);
  sockets.create("dish", zmq.DISH);
  await assertRejects(
    () => sockets.recvSafe("radio"),
    AgentZeroSocketError,
    "is of type RADIO: it cannot receive.",
  );
  await assertRejects(
    () => sockets.sendSafe("dish", 1),
    AgentZeroSocketError,
    "is of type DISH: it cannot send.",
  );
});

test("a STREAM sends and receives events by name, whose topic is the routing id", async (t) => {
  const sockets = managerFor(t, { serializationBackend: new RAW() });
  const server = await sockets.ensureAndBind(
    "server",
    zmq.STREAM,
    "tcp://127.0.0.1:*",
    undefined,
    { notify: false },
  );
  const client = sockets.create("client", zmq.STREAM, { notify: false });
  client.connect(server.lastEndpoint!, { routingId: "server" });
  await sockets.publishSafe("client", "server", "ping");
  const ping = await sockets.recvEventSafe("server");
  assertEquals(String(ping!.data), "ping");
  await sockets.publishSafe("server", ping!.rawTopic, "pong");
  const pong = await sockets.recvEventSafe("client");
  assertEquals([pong!.topic, String(pong!.data)], ["server", "pong"]);
  await assertRejects(
    () => sockets.sendSafe("client", "to whom?"),
    AgentZeroSocketError,
    "publishSafe(name, routingId, data)",
  );
});
