/**
 * ZAP (RFC 27): what a handler is asked, answers that are malformed or late,
 * handlers that come and go, and sockets that ask none.
 */
import { assertEquals } from "@std/assert";
import type { ZapRequest } from "../../../src/zmq/engine/zap.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import { hexes, texts, utf8 } from "../../support/bytes.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { handshake, message } from "../../support/peers/zmtp_bytes.ts";
import {
  platform,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";

const STEP_MS = 5000;
const TCP = "tcp://127.0.0.1:*";
const ZAP = "inproc://zeromq.zap.01";
const server = await zmq.curveKeyPair();
const client = await zmq.curveKeyPair();
const curveServer = { curveServer: true, curveSecretKey: server.secretKey };
const curveClient = {
  curveServerKey: server.publicKey,
  curvePublicKey: client.publicKey,
  curveSecretKey: client.secretKey,
};
const plainClient = { plainUsername: "admin", plainPassword: "secret" };

/** A context, its handler, and clients outside of it. */
async function setting(t: TestContext) {
  const context = t.use(new zmq.Context());
  const handler = new zmq.Reply({ context });
  await handler.bind(ZAP);
  return { context, handler };
}

/** Connects a client that says hello and does not try again. */
async function enters(
  t: TestContext,
  server: zmq.Socket,
  options: zmq.SocketOptions,
  address = TCP,
): Promise<zmq.Dealer> {
  await server.bind(address);
  const dealer = t.use(
    new zmq.Dealer({ linger: 0, reconnectInterval: 60_000, ...options }),
  );
  dealer.connect(server.lastEndpoint!);
  await dealer.send("hello");
  return dealer;
}

/** The status with which a peer was refused. */
function refusalAt(socket: zmq.Socket): Promise<number> {
  const refused = new Promise<number>((resolve) =>
    socket.events.once(
      "handshake:error:auth",
      ({ error }) => resolve(error.status),
    )
  );
  return within(refused, STEP_MS, "the refusal");
}

function ask(handler: zmq.Reply): Promise<zmq.Message> {
  return within(handler.receive(), STEP_MS, "the question");
}

// RFC 27.ASK.3, 27.ASK.5, 27.ASK.7, 27.ASK.8, 27.ASK.9, 27.ASK.10, 27.CURVE.1
// RFC 27.REPLY.6
test("the frames of a CURVE request: the key as bytes, the socket's own routing id", async (t) => {
  const { context, handler } = await setting(t);
  const ours = new zmq.Router({
    context,
    ...curveServer,
    routingId: "the server",
    zapDomain: "dömain",
  });
  await enters(t, ours, { ...curveClient, routingId: "the client" } as object);
  const [version, id, ...rest] = await ask(handler);
  assertEquals(
    hexes([version!, ...rest]),
    hexes([
      utf8("1.0"),
      utf8("dömain"),
      utf8("127.0.0.1"),
      utf8("the server"),
      utf8("CURVE"),
      zmq.z85Decode(client.publicKey),
    ]),
  );
  await handler.send([version!, id!, "200", "OK", "somebody", ""]);
  assertEquals(texts(await ours.receive()), ["the client", "hello"]);
});

// RFC 27.ASK.8
test(
  "the frames of a NULL request end with the mechanism; ipc has no address",
  {
    skip: platform === "win32" && "no ipc there",
  },
  async (t) => {
    const { context, handler } = await setting(t);
    const ours = new zmq.Dealer({ context, zapDomain: "global" });
    await enters(t, ours, {}, `ipc://${await t.tempDir()}/s`);
    const [version, id, ...rest] = await ask(handler);
    assertEquals(texts(rest), ["global", "", "", "NULL"]);
    await handler.send([version!, id!, "200", "OK", "", ""]);
    assertEquals(texts(await ours.receive()), ["hello"]);
  },
);

// RFC 27.ASK.5, 27.NULL.1
test("NULL without a domain does not ask the handler", async (t) => {
  const { context, handler } = await setting(t);
  const ours = new zmq.Dealer({ context });
  await enters(t, ours, {});
  assertEquals(texts(await ours.receive()), ["hello"]);
  assertEquals(handler.tryReceive(), undefined);
});

test("a list or a callback decides instead of the handler", async (t) => {
  const { context, handler } = await setting(t);
  for (
    const options of [
      { ...curveServer, curveAllowedKeys: [client.publicKey] },
      { ...curveServer, authenticate: () => true },
    ]
  ) {
    const ours = new zmq.Dealer({ context, ...options });
    await enters(t, ours, curveClient);
    assertEquals(texts(await ours.receive()), ["hello"]);
  }
  const strict = new zmq.Dealer({
    context,
    ...curveServer,
    curveAllowedKeys: [server.publicKey],
    authenticate: () => true,
  });
  const status = refusalAt(strict);
  await enters(t, strict, curveClient);
  assertEquals(await status, 400);
  assertEquals(handler.tryReceive(), undefined);
});

for (
  const [what, problem, answer] of [
    // RFC 27.REPLY.1
    ["too short", "MALFORMED_REPLY", ["1.0", "#", "200", "OK", ""]],
    // RFC 27.REPLY.1
    ["too long", "MALFORMED_REPLY", ["1.0", "#", "200", "OK", "", "", ""]],
    ["of nothing", "MALFORMED_REPLY", [""]],
    ["without an id", "MALFORMED_REPLY", ["", ""]],
    ["of an empty id", "INVALID_STATUS_CODE", ["1.0", "", "2", "OK", "", ""]],
    // RFC 27.REPLY.2
    ["of another version", "BAD_VERSION", ["2.0", "#", "200", "OK", "", ""]],
    // RFC 27.REPLY.2
    ["without a version", "BAD_VERSION", ["", "#", "200", "OK", "", ""]],
    // RFC 27.REPLY.4
    ["of status 201", "INVALID_STATUS_CODE", ["1.0", "#", "201", "", "", ""]],
    ["of no status", "INVALID_STATUS_CODE", ["1.0", "#", "", "OK", "", ""]],
    ["of a status with a space", "INVALID_STATUS_CODE", [
      "1.0",
      "#",
      "200 ",
      "OK",
      "",
      "",
    ]],
  ] as const
) {
  test(`an answer ${what} is refused: status 500`, async (t) => {
    const { context, handler } = await setting(t);
    const ours = new zmq.Dealer({ context, ...curveServer });
    const failure = new Promise<string>((resolve) =>
      ours.events.once(
        "handshake:error:protocol",
        ({ error }) => resolve(error.code),
      )
    );
    const theirs = await enters(t, ours, curveClient);
    const status = refusalAt(theirs);
    const [, id] = texts(await ask(handler));
    await handler.send(answer.map((text) => text === "#" ? id! : text));
    assertEquals(
      await within(failure, STEP_MS, "the event"),
      `ERR_ZAP_${problem}`,
    );
    assertEquals(await status, 500);
  });
}

// RFC 27.ASK.1, 27.ASK.2, 27.REPLY.3
test("an unsolicited answer is ignored", async (t) => {
  const context = t.use(new zmq.Context());
  const handler = new zmq.Router({ context });
  await handler.bind(ZAP);
  const ours = new zmq.Dealer({ context, ...curveServer });
  await enters(t, ours, curveClient);
  const [peer, , version, id] = await within(
    handler.receive(),
    STEP_MS,
    "the question",
  );
  for (
    const [wrong, status] of [["unknown", "400"], [`${id}0`, "400"]] as const
  ) {
    await handler.send([peer!, "", version!, wrong, status, "", "", ""]);
  }
  await handler.send([peer!, "what is this"]);
  await handler.send([peer!, "", version!, "unknown", "200"]);
  await handler.send([peer!]);
  await handler.send([peer!, "", version!, id!, "200", "OK", "", ""]);
  // A second answer to the same question changes nothing.
  await handler.send([peer!, "", version!, id!, "400", "no", "", ""]);
  assertEquals(texts(await ours.receive()), ["hello"]);
});

// RFC 27.ARCH.1, 27.ARCH.5, 27.ASK.4
test("answers may arrive in another order than the requests", async (t) => {
  const context = t.use(new zmq.Context());
  const handler = new zmq.Router({ context });
  await handler.bind(ZAP);
  const [first, second] = [
    new zmq.Dealer({ context, ...curveServer, zapDomain: "first" }),
    new zmq.Dealer({ context, plainServer: true, zapDomain: "second" }),
  ];
  const status = refusalAt(first);
  await enters(t, first, curveClient);
  const one = await within(handler.receive(), STEP_MS, "the question");
  await enters(t, second, plainClient);
  const two = await within(handler.receive(), STEP_MS, "the question");
  assertEquals([one, two].map((frames) => texts(frames)[4]), [
    "first",
    "second",
  ]);
  await handler.send([...two.slice(0, 4), "200", "", "", ""]);
  assertEquals(texts(await second.receive()), ["hello"]);
  await handler.send([...one.slice(0, 4), "400", "", "", ""]);
  assertEquals(await status, 400);
});

// RFC 27.REPLY.4
test("what a refused peer receives: 400 and 500 with their status, 300 nothing", async (t) => {
  const { context, handler } = await setting(t);
  for (const status of [400, 500, 300]) {
    const ours = new zmq.Dealer({ context, plainServer: true });
    await ours.bind(TCP);
    const theirs = t.use(
      new zmq.Dealer({ linger: 0, reconnectInterval: -1, ...plainClient }),
    );
    const failure = new Promise<unknown>((resolve) => {
      theirs.events.once("handshake:error:auth", (e) => resolve(e.error));
      theirs.events.once("handshake:error:other", (e) => resolve(e.error));
    });
    theirs.connect(ours.lastEndpoint!);
    const [version, id] = await ask(handler);
    await handler.send([version!, id!, String(status), "", "", ""]);
    const error = await within(failure, STEP_MS, "the end") as zmq.AuthError;
    assertEquals(
      error.code as string,
      status === 300 ? "ECONNRESET" : "ERR_ZAP_REFUSED",
    );
    assertEquals(error.status, status === 300 ? undefined : status);
  }
});

// RFC 27.ARCH.6
test("a new handler takes the place of one that was closed", async (t) => {
  const { context, handler } = await setting(t);
  const ours = new zmq.Dealer({ context, plainServer: true });
  await enters(t, ours, plainClient);
  const [version, id] = await ask(handler);
  await handler.send([version!, id!, "200", "", "", ""]);
  assertEquals(texts(await ours.receive()), ["hello"]);
  await handler.close();

  // In between there is no handler, and PLAIN is refused.
  const status = refusalAt(ours);
  await enters(t, ours, plainClient);
  assertEquals(await status, 400);

  const heir = new zmq.Reply({ context });
  await heir.bind(ZAP);
  await enters(t, ours, plainClient);
  const [, again] = await ask(heir);
  await heir.send([version!, again!, "200", "", "", ""]);
  assertEquals(texts(await ours.receive()), ["hello"]);
});

test("what a peer sends while its verdict is pending is delivered in order", async (t) => {
  const { context, handler } = await setting(t);
  const ours = new zmq.Dealer({ context, zapDomain: "slow" });
  const theirs = await enters(t, ours, {});
  const question = await ask(handler);
  for (let i = 0; i < 100; i++) await theirs.send(String(i));
  assertEquals(ours.tryReceive(), undefined);
  await handler.send([...question.slice(0, 2), "200", "", "", ""]);
  assertEquals(texts(await ours.receive()), ["hello"]);
  for (let i = 0; i < 100; i++) {
    assertEquals(texts(await ours.receive()), [String(i)]);
  }
});

test("a peer that disconnects while its verdict is pending leaves nothing behind", async (t) => {
  const { context, handler } = await setting(t);
  const ours = new zmq.Dealer({
    context,
    ...curveServer,
    handshakeInterval: 0,
  });
  const theirs = await enters(t, ours, curveClient);
  const [version, id] = await ask(handler);
  await theirs.close();
  await handler.send([version!, id!, "200", "", "", ""]);
  await enters(t, ours, curveClient);
  const [, next] = await ask(handler);
  await handler.send([version!, next!, "200", "", "", ""]);
  assertEquals(texts(await ours.receive()), ["hello"]);
});

test("requests for disconnected peers are dropped, and the number of pending ones is limited", async (t) => {
  const context = t.use(new zmq.Context());
  const handler = t.use(new zmq.Router({ context }));
  await handler.bind(ZAP);
  const request: ZapRequest = {
    domain: "d",
    address: "127.0.0.1",
    routingId: utf8(""),
    credentials: { mechanism: "NULL" },
  };
  const peers = new AbortController();
  const open = Array.from(
    { length: 1000 },
    () => context.zap.ask(request, peers.signal),
  );
  const stays = new AbortController().signal;
  assertEquals((await context.zap.ask(request, stays)).status, 300);
  for (const _ of open) await handler.receive();
  assertEquals((await context.zap.ask(request, stays)).status, 300);
  peers.abort();
  const verdicts = await Promise.all(open);
  assertEquals(new Set(verdicts.map(({ status }) => status)), new Set([500]));
  const next = context.zap.ask(request, stays);
  const [id, empty, version, question] = await handler.receive();
  await handler.send([id!, empty!, version!, question!, "200", "", "", ""]);
  assertEquals((await next).status, 200);
});

test("a handshake without a verdict ends with its time limit", async (t) => {
  const { context, handler } = await setting(t);
  const ours = new zmq.Dealer({
    context,
    ...curveServer,
    handshakeInterval: 500,
  });
  const ended = new Promise<Error>((resolve) =>
    ours.events.once("handshake:error:other", ({ error }) => resolve(error))
  );
  await enters(t, ours, curveClient);
  const [version, id] = await ask(handler);
  const error = await within(ended, STEP_MS, "the end");
  assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
  await handler.send([version!, id!, "200", "", "", ""]); // too late
  assertEquals(ours.tryReceive(), undefined);
});

for (const goes of ["goes", "stays"] as const) {
  test(`a peer that was refused, and ${goes}, leaves no connection behind`, async (t) => {
    const { context, handler } = await setting(t);
    const ours = new zmq.Dealer({ context, zapDomain: "closed" });
    await ours.bind(TCP);
    const lost = new Promise<void>((resolve) =>
      ours.events.once("disconnect", () => resolve())
    );
    const peer = t.use(
      await FakePeer.connect(ours.lastEndpoint!, {
        isHalfOpen: goes === "stays",
      }),
    );
    await peer.send(handshake("DEALER"));
    await peer.send(message("too early"));
    const [version, id] = await ask(handler);
    await peer.read(64);
    await handler.send([version!, id!, "400", "", "", ""]);
    assertEquals((await peer.readFrame()).body, utf8("\x05ERROR\x03400"));
    await within(lost, STEP_MS, "the end of the connection");
    assertEquals(ours.tryReceive(), undefined);
  });
}

test("a peer that is refused at once is notified all the same", async (t) => {
  const ours = t.use(new zmq.Dealer({ authenticate: () => false }));
  await ours.bind(TCP);
  const peer = t.use(await FakePeer.connect(ours.lastEndpoint!));
  await peer.send(handshake("DEALER"));
  await peer.read(64);
  assertEquals((await peer.readFrame()).body, utf8("\x05ERROR\x03400"));
  await within(peer.closed, STEP_MS, "the end of the connection");
});
