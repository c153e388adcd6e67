/**
 * Tests of what CURVE seals and opens at once: frames above
 * `curveMaxFrameSize` are refused on both sides, and nothing else suffers.
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { ProtocolError } from "../../../src/zmq/errors.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, texts } from "../../support/bytes.ts";
import { curveTest as test } from "../../support/curve_backends.ts";
import { eventually, type TestContext, within } from "../../support/harness.ts";

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

/** How a socket type sends to a peer. */
interface Sender {
  readonly name: string;
  /** Connects it to a peer. */
  start(t: TestContext): Promise<{
    send(body: Uint8Array): Promise<void>;
    trySend?(body: Uint8Array): unknown;
    receive(): Promise<readonly Uint8Array[]>;
  }>;
}

/** The options of both sides. */
interface CurveLimits {
  readonly server: object;
  readonly client: object;
}

const WITH_CURVE: CurveLimits = {
  server: { curveServer: true, curveSecretKey: SERVER.secretKey },
  client: {
    curveServerKey: SERVER.publicKey,
    curvePublicKey: CLIENT.publicKey,
    curveSecretKey: CLIENT.secretKey,
    linger: 0,
  },
};
const LIMITED: CurveLimits = {
  server: { ...WITH_CURVE.server, curveMaxFrameSize: 1024 },
  client: { ...WITH_CURVE.client, curveMaxFrameSize: 1024 },
};

/** Binds the first, connects the second. */
async function joined(
  t: TestContext,
  binds: zmq.Socket,
  connects: zmq.Socket,
): Promise<void> {
  t.use(binds);
  t.use(connects);
  await binds.bind("tcp://127.0.0.1:0");
  connects.connect(binds.lastEndpoint!);
}

const SENDERS: readonly Sender[] = [
  {
    name: "XPUB",
    async start(t) {
      const xpub = new zmq.XPublisher(LIMITED.server);
      const sub = new zmq.Subscriber(WITH_CURVE.client);
      sub.subscribe("");
      await joined(t, xpub, sub);
      await xpub.receive(); // the subscription
      return {
        send: (body) => xpub.send(body),
        trySend: (body) => xpub.trySend(body),
        receive: () => sub.receive(),
      };
    },
  },
  {
    name: "PUB",
    async start(t) {
      const pub = new zmq.Publisher(LIMITED.server);
      const sub = new zmq.Subscriber(WITH_CURVE.client);
      sub.subscribe("");
      await joined(t, pub, sub);
      await eventually(async () => {
        await pub.send("ready?");
        return sub.readable;
      });
      const receive = async (): Promise<readonly Uint8Array[]> => {
        const message = await sub.receive();
        return message[0]!.byteLength === 6 ? await receive() : message;
      };
      return {
        send: (body) => pub.send(body),
        trySend: (body) => pub.trySend(body),
        receive,
      };
    },
  },
  {
    name: "ROUTER",
    async start(t) {
      const router = new zmq.Router(LIMITED.server);
      const dealer = new zmq.Dealer(WITH_CURVE.client);
      await joined(t, router, dealer);
      await dealer.send("hello");
      const [id] = await router.receive();
      return {
        send: (body) => router.send([id!, body]),
        trySend: (body) => router.trySend([id!, body]),
        receive: () => dealer.receive(),
      };
    },
  },
  {
    name: "DEALER",
    async start(t) {
      const router = new zmq.Router(WITH_CURVE.server);
      const dealer = new zmq.Dealer(LIMITED.client);
      await joined(t, router, dealer);
      return {
        send: (body) => dealer.send(body),
        trySend: (body) => dealer.trySend(body),
        receive: async () => (await router.receive()).slice(1),
      };
    },
  },
  {
    name: "REQ",
    async start(t) {
      const reply = new zmq.Reply(WITH_CURVE.server);
      const request = new zmq.Request(LIMITED.client);
      await joined(t, reply, request);
      return {
        send: (body) => request.send(body),
        receive: () => reply.receive(),
      };
    },
  },
  {
    name: "RADIO",
    async start(t) {
      const radio = new zmq.Radio(LIMITED.server);
      const dish = new zmq.Dish(WITH_CURVE.client);
      dish.join("g");
      await joined(t, radio, dish);
      const group = "g";
      await eventually(async () => {
        await radio.send("ready?", { group });
        return dish.readable;
      });
      const receive = async (): Promise<readonly Uint8Array[]> => {
        const [body] = await dish.receive();
        return body.byteLength === 6 ? await receive() : [body];
      };
      return { send: (body) => radio.send(body, { group }), receive };
    },
  },
  {
    name: "SERVER",
    async start(t) {
      const server = new zmq.Server(LIMITED.server);
      const client = new zmq.Client(WITH_CURVE.client);
      await joined(t, server, client);
      await client.send("hello");
      const [, { routingId }] = await server.receive();
      return {
        send: (body) => server.send(body, { routingId }),
        receive: () => client.receive(),
      };
    },
  },
];

for (const { name, start } of SENDERS) {
  test(`a ${name} does not send a frame above curveMaxFrameSize, and its connection goes on`, async (t) => {
    const { send, trySend, receive } = await start(t);
    for (let round = 0; round < 2; round++) {
      const error = await assertRejects(
        () => send(pattern(1025)),
        zmq.ZmqError,
        "curveMaxFrameSize",
      );
      assertEquals(error.code, "EMSGSIZE");
      if (trySend === undefined) continue;
      const thrown = assertThrows(() => trySend(pattern(1025)), zmq.ZmqError);
      assertEquals(thrown.code, "EMSGSIZE");
    }
    await send(pattern(900));
    const received = await within(receive(), 5000, "the message");
    assertEquals(received.map((frame) => frame.byteLength), [900]);
  });
}
