/** Interoperability: a SocketManager and a Python program around AgentZero. */
import { MSGPACK, zmq } from "@agentzero/agentzero";
import { assertEquals } from "@std/assert";
import { deferred, test, type TestContext } from "../support/harness.ts";
import { pyzmqPeer } from "../support/peers/kinds.ts";
import { Peer, type PeerSocket } from "../support/peers/peer.ts";
import { managerFor } from "./fixtures.ts";

const kind = pyzmqPeer();
const skip = kind.missing;
const peer = skip ? undefined : new Peer(kind);

const open = (t: TestContext, type: string): Promise<PeerSocket> =>
  peer!.open(t, type);

test("a Python REP answers request()", { skip }, async (t) => {
  const rep = await open(t, "REP");
  const address = await rep.bind("tcp://127.0.0.1:*");
  const sockets = managerFor(t);
  await sockets.ensureAndConnect("client", zmq.REQ, address);
  for (
    const [data, literal] of [[{ a: [1, null] }, `{"a": [1, None]}`], [
      null,
      "None",
    ]]
  ) {
    const answer = sockets.request("client", data, { timeout: 2000 });
    await rep.ask("receiveValue", { format: "json", literal });
    await rep.ask("sendValue", { format: "json", literal });
    assertEquals(await answer, data);
  }
});

test("a late answer of a Python REP does not count for the next attempt", {
  skip,
}, async (t) => {
  const rep = await open(t, "REP");
  const address = await rep.bind("tcp://127.0.0.1:*");
  const sockets = managerFor(t);
  const client = await sockets.ensureAndConnect("client", zmq.REQ, address);
  const resent = deferred();
  let attempts = 0;
  const trySend = client.trySend.bind(client);
  client.trySend = (message) => {
    if (++attempts === 2) resent.resolve();
    return trySend(message);
  };
  const answer = sockets.request("client", "q", { timeout: 300, retries: 5 });
  await rep.receive();
  await resent.promise;
  await rep.send("1");
  await rep.receive();
  await rep.send("2");
  assertEquals(await answer, 2);
});

for (const backend of [undefined, new MSGPACK()]) {
  const format = backend ? "msgpack" : "json";
  test(
    `Python reads what sendSafe and publishSafe send, and the other way round: ${format}`,
    { skip },
    async (t) => {
      const sockets = managerFor(t, { serializationBackend: backend });
      const literal = `{"pipeline": "ä", "n": [1, 2.5, None, True]}`;
      const data = { pipeline: "ä", n: [1, 2.5, null, true] };

      const pull = await open(t, "PULL");
      await sockets.ensureAndConnect(
        "out",
        zmq.PUSH,
        await pull.bind("tcp://127.0.0.1:*"),
      );
      await sockets.sendSafe("out", data);
      await pull.ask("receiveValue", { format, literal });

      const pub = await open(t, "XPUB");
      await sockets.ensureAndConnect(
        "events",
        zmq.SUB,
        await pub.bind("tcp://127.0.0.1:*"),
      );
      const events = sockets.subscribe("events", "logs");
      await pub.receive(); // the subscription
      await pub.ask("publishValue", { topic: "logs:1", format, literal });
      assertEquals([...(await events.next()).value!], ["logs:1", data]);

      const push = await open(t, "PUSH");
      const { lastEndpoint } = await sockets.ensureAndBind(
        "in",
        zmq.PULL,
        "tcp://127.0.0.1:*",
      );
      await push.connect(lastEndpoint!);
      await push.ask("sendValue", { format, literal });
      assertEquals(await sockets.recvSafe("in"), data);
    },
  );
}
