/** Tests serve(), the service of a REP or ROUTER. */
import {
  AgentZeroSocketError,
  MSGPACK,
  RequestRefusedError,
  type SocketManager,
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
import * as z from "zod";
import { deferred, test, within } from "../support/harness.ts";
import { inproc, managerFor } from "./fixtures.ts";

const schema = z.object({ a: z.number(), b: z.number() });

/** A socket "server" of a type, to which a REQ "client" is connected. */
async function served(
  sockets: SocketManager,
  type: typeof zmq.REP | typeof zmq.ROUTER,
): Promise<string> {
  const address = inproc();
  await sockets.ensureAndBind("server", type, address);
  await sockets.ensureAndConnect("client", zmq.REQ, address);
  return address;
}

async function refusal(
  sockets: SocketManager,
  data: unknown,
): Promise<[code: string, reason: string]> {
  const error = await assertRejects(
    () => sockets.request("client", data, { retries: 0 }),
    RequestRefusedError,
  );
  return [error.replyCode, error.reason];
}

for (const type of [zmq.REP, zmq.ROUTER] as const) {
  const name = zmq.SOCKET_TYPE_NAMES[type];

  test(`serve: a ${name} answers with what the handler returns, whatever came before`, async (t) => {
    const sockets = managerFor(t, { serializationBackend: new MSGPACK() });
    await served(sockets, type);
    const errors: unknown[] = [];
    const over = sockets.serve("server", ({ a, b }) => {
      if (b === 0) throw new zmq.ReplyError("EDOM", "b is zero");
      if (b < 0) throw new Error("a secret");
      if (b > 9) return { b: Symbol("not to be packed") };
      if (b === 9) return undefined;
      return a / b;
    }, { schema, onError: (error) => errors.push(error) });
    assertEquals(await sockets.request("client", { a: 6, b: 3 }), 2);
    const [code, reason] = await refusal(sockets, { a: 6, b: "3" });
    assertEquals(code, "SCHEMA_INVALID");
    assert(reason.includes("$.b"), reason);
    assertEquals(await refusal(sockets, { a: 1, b: 0 }), ["EDOM", "b is zero"]);
    const internal: [string, string] = ["EINTERNAL", "The request failed"];
    assertEquals(await refusal(sockets, { a: 1, b: -1 }), internal);
    assertEquals(await refusal(sockets, { a: 1, b: 10 }), internal);
    assertStrictEquals(await sockets.request("client", { a: 1, b: 9 }), null);
    const req = sockets.getByName("client", zmq.REQ);
    assert(req.trySend(Uint8Array.of(0xc1)));
    await assertRejects(() => sockets.recvSafe("client"), RequestRefusedError);
    assertEquals(await sockets.request("client", { a: 8, b: 2 }), 4);
    assertEquals(errors.length, 5);
    await sockets.close("server");
    await within(over, 1000, "the end of the service");
  });
}

test("serve: the signal ends it, and the socket is as usable as before", async (t) => {
  const sockets = managerFor(t);
  await served(sockets, zmq.REP);
  const stop = new AbortController();
  const asked = deferred();
  const go = deferred();
  const over = sockets.serve("server", async (data, { signal }) => {
    asked.resolve();
    await go.promise;
    return [data, signal.aborted];
  }, { signal: stop.signal });
  const answer = sockets.request("client", 1);
  await asked.promise;
  stop.abort();
  go.resolve();
  assertEquals(await answer, [1, true]); // what was taken is answered
  await over;
  const last = sockets.request("client", 2);
  assertEquals(await sockets.recvSafe("server"), 2);
  await sockets.sendSafe("server", 3);
  assertEquals(await last, 3);
  await sockets.serve("server", () => 1, { signal: AbortSignal.abort() });
});

test("serve: closing the socket aborts the signals of running handlers", async (t) => {
  const sockets = managerFor(t);
  await served(sockets, zmq.REP);
  const asked = deferred();
  const over = sockets.serve("server", (_, { signal }) => {
    asked.resolve();
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve("too late"));
    });
  });
  const answer = sockets.request("client", 1).catch((error) => error.code);
  await asked.promise;
  await sockets.close("server");
  await within(over, 1000, "the end of the service");
  await sockets.close("client");
  assertEquals(await answer, "SOCKET_CLOSED");
});

test("serve: a ROUTER serves several at a time, DEALERs with and without an empty frame", async (t) => {
  const sockets = managerFor(t);
  const address = await served(sockets, zmq.ROUTER);
  await sockets.ensureAndConnect("dealer", zmq.DEALER, address, {
    routingId: "d",
  });
  const all = deferred();
  let atWork = 0;
  void sockets.serve("server", async (data, { routingId }) => {
    if (++atWork === 3) all.resolve();
    await all.promise;
    return [data, routingId?.length];
  }, { concurrency: 3, onError: () => {} });
  const asked = sockets.request("client", "r");
  await sockets.sendSafe("dealer", "without");
  await sockets.publishSafe("dealer", "", "with");
  const answers = [
    await sockets.recvSafe("dealer"),
    await sockets.recvSafe("dealer"),
  ];
  assertEquals(answers, [["without", 1], ["with", 1]]);
  assertEquals(await asked, ["r", 36]);
  assert(sockets.getByName("dealer", zmq.DEALER).trySend("{"));
  await assertRejects(() => sockets.recvSafe("dealer"), RequestRefusedError);
});

test("serve: invalid arguments are an error at once", async (t) => {
  const sockets = managerFor(t);
  sockets.create("rep", zmq.REP);
  sockets.create("pull", zmq.PULL);
  await assertRejects(() => sockets.serve("x", () => 1), SocketNotFound);
  await assertRejects(
    () => sockets.serve("pull", () => 1),
    SocketTypeMismatch,
    "is a PULL socket, not REP or ROUTER",
  );
  await assertRejects(
    () => sockets.serve("rep", 5 as unknown as () => number),
    TypeError,
  );
  const error = await assertRejects(
    () => sockets.serve("rep", () => 1, { concurrency: 2 }),
    AgentZeroSocketError,
    "expected an integer from 1 to 1 for a REP",
  );
  assertEquals(error.code, "OPTION_INVALID");
});
