/** Tests request(), the reliable exchange over REQ. */
import {
  AgentZeroSocketError,
  RequestTimeoutError,
  SerializationError,
  SocketNotFound,
  SocketTypeMismatch,
  zmq,
} from "@agentzero/agentzero";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { eventually, runtime, test, within } from "../support/harness.ts";
import { managerFor, msOf, pipeline, service, turn } from "./fixtures.ts";

test("request: returns the answer, also null", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  for (const answer of [{ sum: 3 }, null]) {
    const asked = sockets.request("client", [1, 2]);
    assertEquals(await sockets.recvSafe("server"), [1, 2]);
    await sockets.sendSafe("server", answer);
    assertStrictEquals(JSON.stringify(await asked), JSON.stringify(answer));
  }
});

test("request: is sent again when the server dies with it", async (t) => {
  const sockets = managerFor(t);
  const { lastEndpoint } = await sockets.ensureAndBind(
    "server",
    zmq.REP,
    "tcp://127.0.0.1:*",
  );
  await sockets.ensureAndConnect("client", zmq.REQ, lastEndpoint!, undefined, {
    reconnectInterval: 5,
  });
  const asked = sockets.request("client", "q", { timeout: 50, retries: 50 });
  assertEquals(await sockets.recvSafe("server"), "q");
  await sockets.close("server");
  await sockets.ensureAndBind("server", zmq.REP, lastEndpoint!);
  // On a slow machine the first answer may be to an attempt that is over.
  let isAnswered = false;
  void asked.then(() => isAnswered = true);
  while (!isAnswered) {
    const question = await sockets.recvSafe("server", { timeout: 20 });
    if (question === undefined) continue;
    assertEquals(question, "q");
    await sockets.sendSafe("server", "a");
  }
  assertEquals(await asked, "a");
});

test("request: rejects with REQUEST_TIMEOUT after the last attempt", async (t) => {
  const sockets = managerFor(t, { timeout: 20 });
  await service(sockets);
  const ms = await msOf(async () => {
    const error = await assertRejects(
      () => sockets.request("client", "q"),
      RequestTimeoutError,
      "The request on socket 'client' got no reply: 3 attempts of 20 ms.",
    );
    assert(error instanceof AgentZeroSocketError);
    assertEquals<unknown>(
      [error.code, error.socketName, error.attempts, error.timeout, error.name],
      ["REQUEST_TIMEOUT", "client", 3, 20, "RequestTimeoutError"],
    );
  });
  assert(ms >= 58 && ms < 2000, `${ms} ms`);
  await assertRejects(
    () => sockets.request("client", "q", { timeout: 1, retries: 0 }),
    RequestTimeoutError,
    "1 attempt of 1 ms.",
  );
});

test("request: the socket stays usable, and a late answer to an old request is ignored", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  const answer = async (suffix: string) => {
    const question = await sockets.recvSafe("server");
    await sockets.sendSafe("server", `${question} ${suffix}`);
  };
  await assertRejects(
    () => sockets.request("client", "first", { timeout: 5, retries: 1 }),
    RequestTimeoutError,
  );
  await answer("late");
  await answer("late as well");
  const asked = sockets.request("client", "second", { retries: 0 });
  await answer("in time");
  assertEquals(await asked, "second in time");
});

test("request: a missing peer costs attempts, and may connect later", async (t) => {
  const sockets = managerFor(t);
  sockets.create("client", zmq.REQ);
  await assertRejects(
    () => sockets.request("client", "q", { timeout: 10, retries: 1 }),
    RequestTimeoutError,
  );
  const asked = sockets.request("client", "q", { timeout: 20, retries: 100 });
  await turn();
  const { lastEndpoint } = await sockets.ensureAndBind(
    "server",
    zmq.REP,
    "tcp://127.0.0.1:*",
  );
  await sockets.connect("client", lastEndpoint!);
  let isAnswered = false;
  void asked.then(() => isAnswered = true);
  while (!isAnswered) {
    if (await sockets.recvSafe("server", { timeout: 20 }) === undefined) {
      continue;
    }
    await sockets.sendSafe("server", "a");
  }
  assertEquals(await asked, "a");
});

test("request: concurrent requests on one socket are sent one after the other, in order", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  const asked = Array.from(
    { length: 20 },
    (_, i) => sockets.request("client", i),
  );
  for (let i = 0; i < 20; i++) {
    assertEquals(await sockets.recvSafe("server"), i);
    assertEquals(await sockets.recvSafe("server", { timeout: 0 }), undefined);
    await sockets.sendSafe("server", 2 * i);
  }
  assertEquals(
    await Promise.all(asked),
    Array.from({ length: 20 }, (_, i) => 2 * i),
  );
});

test("request: an aborted one rejects with the reason, and the next goes on", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  const reason = new Error("enough");
  const controller = new AbortController();
  const { signal } = controller;
  const first = sockets.request("client", 1, { signal });
  const queued = sockets.request("client", 2, { signal });
  const third = sockets.request("client", 3);
  await turn();
  controller.abort(reason);
  for (
    const promise of [first, queued, sockets.request("client", 4, { signal })]
  ) {
    assertStrictEquals(await assertRejects(() => promise), reason);
  }
  assertEquals(await sockets.recvSafe("server"), 1);
  await sockets.sendSafe("server", "to the first");
  assertEquals(await sockets.recvSafe("server"), 3);
  await sockets.sendSafe("server", "to the third");
  assertEquals(await third, "to the third");
});

test("request: before the first one, a REQ is as strict as in Python", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  assertEquals(await sockets.sendSafe("client", 1), true);
  assertEquals(await sockets.sendSafe("client", 2, { timeout: 5 }), false);
  assertEquals(sockets.getSocketOption("client", "relaxed"), false);
  // The unanswered one does not stand in the way of a request.
  const asked = sockets.request("client", 3);
  assertEquals(await sockets.recvSafe("server"), 1);
  await sockets.sendSafe("server", "one");
  assertEquals(await sockets.recvSafe("server"), 3);
  await sockets.sendSafe("server", "three");
  assertEquals(await asked, "three");
  assertEquals(sockets.getSocketOption("client", "correlate"), true);
});

test("request: invalid arguments are an error at once", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  await pipeline(sockets);
  const error = await assertRejects(
    () => sockets.request("out", 1),
    SocketTypeMismatch,
    "The socket 'out' is a PUSH socket, not REQ.",
  );
  assertEquals(error.expected, "REQ");
  await assertRejects(() => sockets.request("x", 1), SocketNotFound);
  await assertRejects(
    () => sockets.request("client", NaN),
    SerializationError,
    "for socket 'client'",
  );
  for (const options of [{ retries: -1 }, { retries: 0.5 }, { timeout: NaN }]) {
    await assertRejects(
      () => sockets.request("client", 1, options),
      RangeError,
    );
  }
});

test("request: an answer that cannot be unpacked rejects with the bytes; the next one works", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  const asked = sockets.request("client", 1);
  await sockets.recvSafe("server");
  assert(sockets.getByName("server", zmq.REP).trySend("{"));
  const error = await assertRejects(() => asked, SerializationError);
  assertEquals(new TextDecoder().decode(error.raw), "{");
  const next = sockets.request("client", 2);
  assertEquals(await sockets.recvSafe("server"), 2);
  await sockets.sendSafe("server", 3);
  assertEquals(await next, 3);
});

test("request: closing the socket ends it, and the queued ones", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  const asked = [1, 2].map((data) => sockets.request("client", data));
  const settled = Promise.allSettled(asked);
  await turn();
  await sockets.close("client");
  for (const result of await within(settled, 1000, "the end")) {
    assert(result.status === "rejected");
    assertEquals(result.reason.code, "SOCKET_CLOSED");
  }
});

test("request: a timeout names the last error of connecting", async (t) => {
  const sockets = managerFor(t, { linger: 0 });
  // A port that was free a moment ago.
  const { lastEndpoint } = await sockets.ensureAndBind(
    "gone",
    zmq.PULL,
    "tcp://127.0.0.1:*",
  );
  await sockets.close("gone");
  const client = await sockets.ensureAndConnect(
    "client",
    zmq.REQ,
    lastEndpoint!,
  );
  await eventually(() => client.lastConnectError !== undefined);
  const error = await assertRejects(
    () => sockets.request("client", 1, { timeout: 10, retries: 0 }),
    RequestTimeoutError,
    `1 attempt of 10 ms. Last error: Cannot connect to "${lastEndpoint}": `,
  );
  assertEquals(error.code, "REQUEST_TIMEOUT");
  assertEquals((error.cause as zmq.ZmqError).code, "ECONNREFUSED");
});

test(
  "connect: a permission that is missing is PERMISSION_DENIED at once, and the flag is named",
  {
    skip: runtime === "deno" ? false : "only Deno has permissions by default",
    permissions: { net: ["127.0.0.1:1"] },
  },
  async (t) => {
    const sockets = managerFor(t);
    const address = "tcp://127.0.0.1:5999";
    const connect = () => sockets.ensureAndConnect("a", zmq.REQ, address);
    const bind = () => sockets.ensureAndBind("b", zmq.REP, address);
    for (const action of [connect, bind]) {
      const error = await assertRejects(
        action,
        AgentZeroSocketError,
        "run Deno with --allow-net=127.0.0.1:5999",
      );
      assertEquals([error.code, error.address], ["PERMISSION_DENIED", address]);
    }
  },
);
