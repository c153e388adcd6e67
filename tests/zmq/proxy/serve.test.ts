/** Tests of `serve`: answers, failures, the end, and many requests at a time. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  deferred,
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { TCP, texts } from "../sockets/pairs.ts";

const soon = <T>(promise: Promise<T>, what: string) =>
  within(promise, 3000, what);

/** A client of the service. */
function client(t: TestContext, socket: zmq.Socket) {
  const request = t.use(new zmq.Request({ linger: 0 }));
  request.connect(socket.lastEndpoint!);
  return async (...frames: zmq.MessageLike[]): Promise<zmq.Message> => {
    await request.send(frames);
    return await soon(request.receive(), "the answer");
  };
}

for (const type of ["REP", "ROUTER"] as const) {
  /** A bound socket of the type. */
  const bound = async (t: TestContext): Promise<zmq.Reply | zmq.Router> => {
    const socket = t.use(type === "REP" ? new zmq.Reply() : new zmq.Router());
    await socket.bind(TCP);
    return socket;
  };

  test(`${type}: a handler gets the frames of the request and answers with frames or text`, async (t) => {
    const socket = await bound(t);
    zmq.serve(socket, (request) => {
      if (request.length > 1) return [...request, "and more"];
      return Promise.resolve(`${request[0]}!`);
    });
    const ask = client(t, socket);
    assertEquals(texts(await ask("a", "", "b")), ["a", "", "b", "and more"]);
    assertEquals(texts(await ask("a")), ["a!"]);
  });

  test(`${type}: an error of a handler is sent as an error reply and reported, and the next request is served`, async (t) => {
    const socket = await bound(t);
    const reported: [string, string[]][] = [];
    const failures: Record<string, () => zmq.MessageLike> = {
      throws: () => {
        throw new Error("the password is 1234");
      },
      replies: () => {
        throw new zmq.ReplyError("ENOENT", "No such user");
      },
      nothing: () => undefined as unknown as string,
    };
    zmq.serve(socket, ([what]) => (failures[`${what}`] ?? (() => "fine"))(), {
      onError: (error, request) => {
        reported.push([(error as Error).message, texts(request)]);
        throw new Error("even this is contained");
      },
    });
    const ask = client(t, socket);
    const general = ["\0ERROR", "EINTERNAL", "The request failed"];
    assertEquals(texts(await ask("throws")), general);
    const error = zmq.ReplyError.from(await ask("replies"));
    assertEquals([error?.code, error?.message], ["ENOENT", "No such user"]);
    assertEquals(zmq.ReplyError.from(await ask("nothing"))?.code, "EINTERNAL");
    const answer = await ask("good");
    assertEquals(texts(answer), ["fine"]);
    assertEquals(zmq.ReplyError.from(answer), undefined);
    assertEquals(reported.slice(0, 2), [
      ["the password is 1234", ["throws"]],
      ["No such user", ["replies"]],
    ]);
    assertEquals(reported[2]?.[1], ["nothing"]);
  });

  test(`${type}: an aborted service answers the current request and receives no other`, async (t) => {
    const socket = await bound(t);
    const stop = new AbortController();
    const [started, finish] = [deferred(), deferred()];
    let wasAborted = false;
    const served = zmq.serve(socket, async ([body], { signal }) => {
      signal.addEventListener("abort", () => wasAborted = true);
      started.resolve();
      await finish.promise;
      return `${body} is done`;
    }, { signal: stop.signal });
    const answer = client(t, socket)("first");
    await started.promise;
    stop.abort();
    assert(wasAborted, "the handler's signal was not aborted");
    const next = client(t, socket)("second");
    finish.resolve();
    assertEquals(texts(await answer), ["first is done"]);
    await soon(served, "the end");
    // The other request is still there, for the next service.
    const again = zmq.serve(socket, ([body]) => `${body} is done later`);
    assertEquals(texts(await next), ["second is done later"]);
    await socket.close();
    await soon(again, "the end with the socket");
  });

  test(`${type}: a service ends when it is aborted, or its socket closed, while it waits`, async (t) => {
    const socket = await bound(t);
    const stop = new AbortController();
    const served = zmq.serve(socket, () => "", { signal: stop.signal });
    stop.abort();
    await soon(served, "the end");
    await soon(
      zmq.serve(socket, () => "", { signal: stop.signal }),
      "a service that was aborted before",
    );
    const again = zmq.serve(socket, () => "");
    await socket.close();
    await soon(again, "the end with the socket");
    await soon(zmq.serve(socket, () => ""), "a service of a closed socket");
  });

  test(`${type}: a socket that is closed while a handler works ends the service quietly`, async (t) => {
    const socket = await bound(t);
    const [started, finish] = [deferred<AbortSignal>(), deferred()];
    const errors: unknown[] = [];
    const served = zmq.serve(socket, async (_, { signal }) => {
      started.resolve(signal);
      await finish.promise;
      return "too late";
    }, { onError: (error) => errors.push(error) });
    const request = t.use(new zmq.Request({ linger: 0 }));
    request.connect(socket.lastEndpoint!);
    await request.send("x");
    const signal = await started.promise;
    await socket.close();
    await eventually(
      () => signal.aborted,
      2000,
      "the handler's signal to be aborted",
    );
    finish.resolve();
    await soon(served, "the end");
    assertEquals(errors, []);
  });
}

test("a ROUTER serves up to concurrency requests at a time, and sends each reply to its client", async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind(TCP);
  let [atWork, most] = [0, 0];
  const full = deferred();
  zmq.serve(router, async ([body]) => {
    most = Math.max(most, ++atWork);
    if (atWork === 3) full.resolve();
    await full.promise;
    await new Promise((resolve) => setImmediate(resolve));
    atWork--;
    return `${body}!`;
  }, { concurrency: 3 });
  await Promise.all(Array.from({ length: 6 }, async (_, i) => {
    assertEquals(texts(await client(t, router)(`${i}`)), [`${i}!`]);
  }));
  assertEquals(most, 3);
});

test("a ROUTER serves a DEALER that sends the empty frame, and drops malformed requests", async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind(TCP);
  zmq.serve(router, (request) => request);
  const dealer = t.use(new zmq.Dealer());
  dealer.connect(router.lastEndpoint!);
  await dealer.send("no envelope");
  await dealer.send(["no body", ""]);
  await dealer.send(["hop", "", "body", "", "more"]);
  const answer = await soon(dealer.receive(), "the answer");
  assertEquals(texts(answer), ["hop", "", "body", "", "more"]);
});

test("an answer that a ROUTER cannot send is reported, and the next request is served", async (t) => {
  const router = t.use(new zmq.Router({ mandatory: true }));
  await router.bind(TCP);
  const [started, finish] = [deferred(), deferred()];
  const codes: unknown[] = [];
  zmq.serve(router, async ([body]) => {
    if (`${body}` !== "gone") return "here";
    started.resolve();
    await finish.promise;
    return "for no one";
  }, { onError: (error) => codes.push((error as zmq.ZmqError).code) });
  const gone = new zmq.Request({ linger: 0 });
  gone.connect(router.lastEndpoint!);
  await gone.send("gone");
  await started.promise;
  const left = new Promise((resolve) =>
    router.events.once("disconnect", resolve)
  );
  await gone.close();
  await soon(left, "the client to go");
  finish.resolve();
  assertEquals(texts(await client(t, router)("there?")), ["here"]);
  assertEquals(codes, ["EHOSTUNREACH"]);
});

test("a request that arrives just before the end is left to the next service", async (t) => {
  const reply = t.use(new zmq.Reply());
  const request = t.use(new zmq.Request());
  await reply.bind("inproc://just-before");
  request.connect("inproc://just-before");
  const stop = new AbortController();
  const served = zmq.serve(reply, () => "first", { signal: stop.signal });
  const sent = request.send("x");
  stop.abort();
  await sent;
  await soon(served, "the end");
  assertEquals(reply.readable, true);
  zmq.serve(reply, () => "next");
  assertEquals(texts(await soon(request.receive(), "the answer")), ["next"]);
});

test("a flood of requests does not starve a timer", async (t) => {
  const router = t.use(new zmq.Router({ receiveHighWaterMark: 0 }));
  const dealer = t.use(new zmq.Dealer({ sendHighWaterMark: 0 }));
  await router.bind("inproc://serve-flood");
  dealer.connect("inproc://serve-flood");
  for (let i = 0; i < 3000; i++) await dealer.send(["", "x"]);
  let served = 0;
  const atTimer = new Promise<void>((resolve) => setTimeout(resolve, 0))
    .then(() => served);
  zmq.serve(router, () => {
    served++;
    return "";
  });
  assert(await atTimer < 3000, "the timer had to wait");
  await eventually(() => served === 3000, 5000, "all requests");
});

test("an invalid concurrency is refused", async (t) => {
  const [reply, router] = [t.use(new zmq.Reply()), t.use(new zmq.Router())];
  for (
    const [socket, concurrency] of [
      [reply, 2],
      [router, 0],
      [router, 1.5],
      [router, Infinity],
      [router, 1025],
    ] as const
  ) {
    const error = await assertRejects(
      () => zmq.serve(socket, () => "", { concurrency }),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
  }
});
