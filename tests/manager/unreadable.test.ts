/** Tests that a message that cannot be read costs itself, and nothing that comes after it. */
import {
  JSONSerializer,
  MSGPACK,
  RequestRefusedError,
  type Schema,
  SchemaValidationError,
  SerializationError,
  type SocketManager,
  zmq,
} from "@agentzero/agentzero";
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as z from "zod";
import { test, type TestContext, within } from "../support/harness.ts";
import { foreignSocket } from "./module.ts";
import { broadcast, inproc, managerFor, pipeline } from "./fixtures.ts";

const UNREADABLE = Uint8Array.of(0xc1, 0x7b);

/** A REP "rep", and a REQ that the manager does not know, connected to it. */
async function askedRep(
  t: TestContext,
  sockets: SocketManager,
  options: { schema?: Schema } = {},
): Promise<zmq.Request> {
  const address = inproc();
  await sockets.ensureAndBind("rep", zmq.REP, address, options);
  const req = foreignSocket(t, zmq.REQ);
  req.connect(address);
  return req;
}

/** Asks the REP, and gives the frames of the answer. */
async function ask(
  req: zmq.Request,
  frames: (string | Uint8Array)[],
): Promise<void> {
  await req.poll(zmq.POLLOUT, { timeout: 2000 });
  assert(
    req.trySend(
      frames.map((frame) =>
        typeof frame === "string" ? new TextEncoder().encode(frame) : frame
      ),
    ),
  );
}

async function answer(req: zmq.Request): Promise<Uint8Array[]> {
  assertEquals(await req.poll(zmq.POLLIN, { timeout: 2000 }), zmq.POLLIN);
  return req.tryReceive()!;
}

const later: Schema<{ a: number }> = z.object({ a: z.number() })
  .refine(() => Promise.resolve(true));
const json = (data: unknown) => JSON.stringify(data);

const kinds: readonly {
  name: string;
  bad: (string | Uint8Array)[];
  code: string;
  schema?: Schema;
  msgpack?: boolean;
}[] = [
  { name: "no JSON", bad: ["{not json"], code: "UNPACK_FAILED" },
  { name: "no bytes", bad: [""], code: "UNPACK_FAILED" },
  {
    name: "no MessagePack",
    bad: [UNREADABLE],
    code: "UNPACK_FAILED",
    msgpack: true,
  },
  {
    name: "more frames than one",
    bad: ["1", "2", "3"],
    code: "UNPACK_FAILED",
  },
  {
    name: "data that does not match the schema",
    bad: [json({ a: "x" })],
    code: "SCHEMA_INVALID",
    schema: z.object({ a: z.number() }),
  },
  {
    name: "data that does not match a schema that takes its time",
    bad: [json({ a: "x" })],
    code: "SCHEMA_INVALID",
    schema: later,
  },
];

for (const { name, bad, code, schema, msgpack } of kinds) {
  test(`unreadable: a REP goes on after ${name}, and the client learns why`, async (t) => {
    const serializer = msgpack ? new MSGPACK() : new JSONSerializer();
    const sockets = managerFor(t, { serializationBackend: serializer });
    const req = await askedRep(t, sockets, schema ? { schema } : {});
    for (let round = 0; round < 2; round++) {
      await ask(req, bad);
      const error = await assertRejects(() => sockets.recvSafe("rep"));
      assert(
        error instanceof SerializationError ||
          error instanceof SchemaValidationError,
      );
      assertEquals([error.code, error.frames?.length], [code, bad.length]);
      const next = sockets.recvSafe("rep");
      const reply = zmq.ReplyError.from(await answer(req));
      assertEquals(reply?.code, code);
      assert(reply!.message.includes(error.reason), reply!.message);
      const good = serializer.pack({ a: round });
      await ask(req, [good]);
      assertEquals(await next, { a: round });
      await sockets.sendSafe("rep", "fine");
      assertEquals(serializer.unpack((await answer(req))[0]!), "fine");
    }
  });
}

/** The ways to wait for the next request. */
const waits: Record<string, (sockets: SocketManager) => Promise<unknown>> = {
  recvSafe: (sockets) => sockets.recvSafe("rep"),
  engage: async (sockets) => {
    const ready = await sockets.engage();
    assertEquals(ready.get(sockets.getByName("rep")), zmq.POLLIN);
    return await sockets.recvSafe("rep", { timeout: 0 });
  },
  ready: async (sockets) => {
    assertEquals(await sockets.ready("rep"), zmq.POLLIN);
    return await sockets.recvSafe("rep", { timeout: 0 });
  },
  waitUntilReady: async (sockets) => {
    await sockets.waitUntilReady("rep", zmq.POLLIN);
    return await sockets.recvSafe("rep", { timeout: 0 });
  },
};

for (const [method, wait] of Object.entries(waits)) {
  test(`unreadable: after such a request, ${method} waits for the next one`, async (t) => {
    const sockets = managerFor(t);
    const req = await askedRep(t, sockets);
    await ask(req, ["{"]);
    await assertRejects(() => sockets.recvSafe("rep"), SerializationError);
    const next = wait(sockets);
    assertEquals(
      zmq.ReplyError.from(await answer(req))?.code,
      "UNPACK_FAILED",
    );
    await ask(req, ["1"]);
    assertEquals(await within(next, 2000, "the next request"), 1);
  });
}

test("unreadable: a REP that subscribes or receives events goes on, too", async (t) => {
  const sockets = managerFor(t);
  const req = await askedRep(t, sockets);
  const errors: unknown[] = [];
  const events = sockets.subscribe("rep", undefined, {
    onError: (error) => errors.push(error),
  });
  await ask(req, ["topic", "{"]);
  const next = events.next();
  assertEquals(zmq.ReplyError.from(await answer(req))?.code, "UNPACK_FAILED");
  await ask(req, ["topic", "1"]);
  assertEquals([...(await next).value!], ["topic", 1]);
  assertEquals(errors.length, 1);
  await events.return();
  await sockets.sendSafe("rep", 2);
  await answer(req);

  await ask(req, ["alone"]);
  await assertRejects(() => sockets.recvEventSafe("rep"), SerializationError);
  const event = sockets.recvEventSafe("rep");
  await answer(req);
  await ask(req, ["topic", "3"]);
  assertEquals((await event)?.data, 3);
});

test("unreadable: the program may answer such a request itself", async (t) => {
  const sockets = managerFor(t);
  const req = await askedRep(t, sockets);
  await ask(req, ["{"]);
  await assertRejects(() => sockets.recvSafe("rep"), SerializationError);
  assertEquals(await sockets.sendSafe("rep", { error: "what?" }), true);
  const next = sockets.recvSafe("rep");
  assertEquals(String(await answer(req)), '{"error":"what?"}');
  await ask(req, ["1"]);
  assertEquals(await next, 1);
});

test("unreadable: an answer that cannot be packed may be sent in another form, and does not block a REP", async (t) => {
  const sockets = managerFor(t);
  const req = await askedRep(t, sockets);
  for (const isSentAgain of [true, false]) {
    await ask(req, ["1"]);
    assertEquals(await sockets.recvSafe("rep"), 1);
    await assertRejects(
      () => sockets.sendSafe("rep", { a: NaN }),
      SerializationError,
    );
    if (isSentAgain) await sockets.sendSafe("rep", "fine");
    const next = sockets.recvSafe("rep");
    const frames = await answer(req);
    if (isSentAgain) assertEquals(String(frames), '"fine"');
    else {
      const { code, message } = zmq.ReplyError.from(frames)!;
      assertEquals([code, message], ["EINTERNAL", "The request failed"]);
    }
    await ask(req, ["2"]);
    assertEquals(await next, 2);
    await sockets.sendSafe("rep", 3);
    await answer(req);
  }
});

test("unreadable: request() and recvSafe report an error reply at once", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndBind("rep", zmq.REP, address, {
    schema: z.object({ a: z.number() }),
  });
  await sockets.ensureAndConnect("req", zmq.REQ, address);
  await sockets.ensureAndConnect("dealer", zmq.DEALER, address);
  const bad = sockets.request("req", { a: "x" }).catch((error) => error);
  await assertRejects(() => sockets.recvSafe("rep"), SchemaValidationError);
  const next = sockets.recvSafe("rep");
  const error = await bad;
  assert(error instanceof RequestRefusedError);
  assertEquals<unknown>(
    [error.code, error.replyCode, error.socketName],
    ["REQUEST_REFUSED", "SCHEMA_INVALID", "req"],
  );
  assert(error.cause instanceof zmq.ReplyError);

  await sockets.publishSafe("dealer", "", { a: "y" });
  await assertRejects(() => next, SchemaValidationError);
  const last = sockets.recvSafe("rep");
  await assertRejects(() => sockets.recvSafe("dealer"), RequestRefusedError);
  await sockets.publishSafe("dealer", "", { a: 1 });
  assertEquals(await last, { a: 1 });
});

test("unreadable: a REQ takes the next answer after one that cannot be read", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndConnect("req", zmq.REQ, address);
  const rep = foreignSocket(t, zmq.REP);
  await rep.bind(address);
  for (const frames of [["{"], ["1", "2"], ["3"]]) {
    await sockets.sendSafe("req", "q");
    await rep.poll(zmq.POLLIN, { timeout: 2000 });
    rep.tryReceive();
    rep.trySend(frames.map((frame) => new TextEncoder().encode(frame)));
    const answer = sockets.recvSafe("req");
    if (frames[0] === "3") assertEquals(await answer, 3);
    else await assertRejects(() => answer, SerializationError);
  }
});

test("unreadable: the error of a ROUTER has all frames, so that the peer can be answered", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndBind("router", zmq.ROUTER, address);
  const dealer = await sockets.ensureAndConnect("d", zmq.DEALER, address);
  await sockets.publishSafe("d", "", "with an envelope");
  const error = await assertRejects(
    () => sockets.recvEventSafe("router"),
    SerializationError,
    "the message has 3 frames",
  );
  assertEquals(
    String(error.frames?.[0]),
    String(dealer.getOption("routingId")),
  );
  await sockets.publishSafe("router", error.frames![0]!, "once more, please");
  assertEquals(await sockets.recvSafe("d"), "once more, please");
  await sockets.sendSafe("d", "without");
  assertEquals((await sockets.recvEventSafe("router"))?.data, "without");
});

test("unreadable: a DEALER and a loop over events go on", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  await broadcast(sockets);
  const events = sockets.subscribe("sub", "");
  const pub = sockets.getByName("pub", zmq.XPUB);
  for (const frames of [["a"], ["a", "{"], ["a", "1", "2"], ["a", "1"]]) {
    pub.trySend(frames.map((frame) => new TextEncoder().encode(frame)));
  }
  for (let i = 0; i < 3; i++) {
    await assertRejects(() => events.next(), SerializationError);
  }
  assertEquals([...(await events.next()).value!], ["a", 1]);
  await events.return();
});

test("unreadable: a notification of routerNotify is an event without data", async (t) => {
  for (const serializationBackend of [new JSONSerializer(), new MSGPACK()]) {
    const sockets = managerFor(t, { serializationBackend });
    const { lastEndpoint } = await sockets.ensureAndBind(
      "router",
      zmq.ROUTER,
      "tcp://127.0.0.1:*",
      {
        routerNotify: ["connect", "disconnect"],
        schema: z.array(z.string()),
      },
    );
    await sockets.ensureAndConnect("d", zmq.DEALER, lastEndpoint!, {
      routingId: "w",
    });
    await sockets.sendSafe("d", ["hi"]);
    const events = [
      await sockets.recvEventSafe("router"),
      await sockets.recvEventSafe("router"),
    ];
    await sockets.close("d");
    events.push(await sockets.recvEventSafe("router"));
    assertEquals(
      events.map((event) => [event?.topic, event?.data]),
      [["w", undefined], ["w", ["hi"]], ["w", undefined]],
    );
  }
});
