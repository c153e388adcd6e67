// TCP connections through a SOCKS5 proxy that really connects, and through
// some that do not.
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { runtime, test, within } from "../../support/harness.ts";
import { socksServer } from "../../support/socks_server.ts";
import { once, TCP, texts } from "./pairs.ts";

/** How the next attempt of a socket that connects ends. */
async function failure(
  socket: zmq.Socket,
  address: string,
): Promise<zmq.ZmqError> {
  const failed = once(socket, "connect:retry");
  socket.connect(address);
  return (await failed as zmq.EventOfType<"connect:retry">)
    .error as zmq.ZmqError;
}

for (const isSlow of [false, true]) {
  test(`messages go both ways through the proxy${isSlow ? ", which sends byte by byte" : ""}`, async (t) => {
    const proxy = await socksServer(t, { isSlow });
    const reply = t.use(new zmq.Reply());
    await reply.bind(TCP);
    const endpoint = reply.lastEndpoint!;
    const request = t.use(new zmq.Request({ socksProxy: proxy.address }));
    request.connect(endpoint);
    await request.send(["question", new Uint8Array(100_000)]);
    assertEquals((await reply.receive())[1]!.byteLength, 100_000);
    await reply.send("answer");
    assertEquals(texts(await request.receive()), ["answer"]);
    assertEquals(proxy.requests, [`1 ${endpoint.slice("tcp://".length)}`]);
  });
}

test("the proxy gets user name and password if it asks for them", async (t) => {
  const proxy = await socksServer(t, { login: ["me", "secret"] });
  const pull = t.use(new zmq.Pull());
  await pull.bind(TCP);
  const push = t.use(
    new zmq.Push({
      socksProxy: proxy.address,
      socksUsername: "me",
      socksPassword: "secret",
    }),
  );
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  assertEquals(texts(await pull.receive()), ["x"]);
});

test("a wrong password, or none, is EACCES", async (t) => {
  const proxy = await socksServer(t, { login: ["me", "secret"] });
  for (
    const options of [
      {},
      { socksUsername: "me" },
      { socksUsername: "me", socksPassword: "wrong" },
    ]
  ) {
    const push = t.use(new zmq.Push({ socksProxy: proxy.address, ...options }));
    const error = await failure(push, "tcp://127.0.0.1:1");
    assertEquals(error.code, "EACCES");
    assertEquals(error.address, "tcp://127.0.0.1:1");
    assert(error.message.includes(proxy.address), error.message);
    assert(!error.message.includes("wrong") && error.cause !== undefined);
  }
});

test("host names are resolved by the proxy, IPv6 addresses are sent unchanged", async (t) => {
  const proxy = await socksServer(t, {
    names: { "only.the.proxy.knows": "127.0.0.1" },
  });
  const pull = t.use(new zmq.Pull());
  await pull.bind(TCP);
  await pull.bind("tcp://[::1]:*");
  const ipv6 = pull.lastEndpoint!;
  await pull.bind(TCP);
  const port = pull.lastEndpoint!.split(":").at(-1);
  const push = t.use(new zmq.Push({ socksProxy: proxy.address }));
  push.connect(`tcp://only.the.proxy.knows:${port}`);
  await push.send("by name");
  assertEquals(texts(await pull.receive()), ["by name"]);
  const other = t.use(new zmq.Push({ socksProxy: proxy.address }));
  other.connect(ipv6);
  await other.send("by IPv6");
  assertEquals(texts(await pull.receive()), ["by IPv6"]);
  assertEquals(proxy.requests, [
    `3 only.the.proxy.knows:${port}`,
    `4 ${"0".repeat(31)}1:${ipv6.split(":").at(-1)}`,
  ]);
});

test("a lost connection is re-established through the proxy", async (t) => {
  const proxy = await socksServer(t);
  const pull = t.use(new zmq.Pull());
  await pull.bind(TCP);
  const push = t.use(
    new zmq.Push({ socksProxy: proxy.address, reconnectInterval: 1 }),
  );
  push.connect(pull.lastEndpoint!);
  for (const text of ["1", "2", "3"]) {
    await push.send(text);
    assertEquals(texts(await pull.receive()), [text]);
    const lost = once(push, "disconnect");
    proxy.dropAll();
    await lost;
  }
  await push.send("4");
  assertEquals(texts(await pull.receive()), ["4"]);
  assertEquals(proxy.requests.length, 4);
});

test("CURVE works through the proxy", async (t) => {
  const proxy = await socksServer(t);
  const [server, client] = [await zmq.curveKeyPair(), await zmq.curveKeyPair()];
  const pull = t.use(
    new zmq.Pull({ curveServer: true, curveSecretKey: server.secretKey }),
  );
  await pull.bind(TCP);
  const push = t.use(
    new zmq.Push({
      socksProxy: proxy.address,
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    }),
  );
  push.connect(pull.lastEndpoint!);
  await push.send("secret");
  assertEquals(texts(await pull.receive()), ["secret"]);
});

test("a peer that the proxy cannot reach is reported as such, and given up if so configured", async (t) => {
  const proxy = await socksServer(t);
  const push = t.use(
    new zmq.Push({ socksProxy: proxy.address, reconnectStop: ["refused"] }),
  );
  const failed = once(push, "close:error");
  push.connect("tcp://127.0.0.1:1");
  const { error } = await failed as zmq.EventOfType<"close:error">;
  assertEquals((error as zmq.ZmqError).code, "ECONNREFUSED");
  assertEquals(
    error.message,
    `Cannot connect through the proxy "${proxy.address}" to "tcp://127.0.0.1:1": the host refused the connection`,
  );
});

test("an unreachable proxy is reported as such", async (t) => {
  const push = t.use(new zmq.Push({ socksProxy: "127.0.0.1:1" }));
  const error = await failure(push, "tcp://127.0.0.1:2");
  assertEquals(error.code, "ECONNREFUSED");
  assertEquals(
    error.message,
    'Cannot connect through the proxy "127.0.0.1:1" to "tcp://127.0.0.1:2": connection refused',
  );
});

for (
  const [what, script, code] of [
    [
      "is a web server",
      [[...new TextEncoder().encode("HTTP/1.1 400")]],
      "EPROTO",
    ],
    ["hangs up at once", ["hang up"], "ECONNRESET"],
    ["hangs up when asked", [[5, 0], "hang up"], "ECONNRESET"],
    ["does not allow it", [[5, 0], [5, 2, 0, 1, 0, 0, 0, 0, 0, 0]], "EACCES"],
    ["cannot reach the host", [[5, 0], [5, 4, 0]], "EHOSTUNREACH"],
    ["answers nonsense", [[5, 0], [5, 0, 0, 99, 1]], "EPROTO"],
    ["floods", [[5, 0], [5, 0, ...new Array(100_000).fill(5)]], "EPROTO"],
  ] as [string, (number[] | "hang up")[], string][]
) {
  test(`a proxy that ${what} is ${code}, and is tried again`, async (t) => {
    const proxy = await socksServer(t, { script });
    const push = t.use(
      new zmq.Push({ socksProxy: proxy.address, reconnectInterval: 1 }),
    );
    const error = await failure(push, "tcp://127.0.0.1:1");
    assertEquals([error.code, error.name], [code, "ZmqError"]);
    await once(push, "connect:retry");
  });
}

for (const option of ["connectTimeout", "handshakeInterval"] as const) {
  test(`a proxy that is silent is given up after the ${option}`, async (t) => {
    const proxy = await socksServer(t, { script: [[]] });
    const push = t.use(
      new zmq.Push({ socksProxy: proxy.address, [option]: 30 }),
    );
    const error = await failure(push, "tcp://127.0.0.1:1");
    assertEquals(error.code, "ETIMEDOUT");
  });
}

test("closing a socket that waits for a silent proxy takes no time", async (t) => {
  const proxy = await socksServer(t, { script: [[5, 0], []] });
  const push = new zmq.Push({ socksProxy: proxy.address, linger: 0 });
  push.connect("tcp://127.0.0.1:1");
  while (proxy.requests.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await within(push.close(), 1000, "the socket to close");
});

test("ipc, inproc and bound addresses do not use the proxy", async (t) => {
  const pull = t.use(new zmq.Pull({ socksProxy: "127.0.0.1:1" }));
  await pull.bind(TCP);
  const direct = t.use(new zmq.Push());
  direct.connect(pull.lastEndpoint!);
  await direct.send("tcp");
  assertEquals(texts(await pull.receive()), ["tcp"]);
  await pull.bind("inproc://no-proxy");
  const push = t.use(new zmq.Push({ socksProxy: "127.0.0.1:1" }));
  push.connect("inproc://no-proxy");
  await push.send("inproc");
  assertEquals(texts(await pull.receive()), ["inproc"]);
});

test(
  "on Deno, the proxy is what needs the permission",
  {
    skip: runtime !== "deno" && "only Deno has permissions",
    permissions: { net: ["127.0.0.1:0", "127.0.0.1:1"] },
  },
  async (t) => {
    const push = t.use(new zmq.Push({ socksProxy: "127.0.0.1:1" }));
    const error = await failure(push, "tcp://somewhere.else:5555");
    assertEquals(error.code, "ECONNREFUSED");
    const other = t.use(new zmq.Push({ socksProxy: "127.0.0.1:2" }));
    assertEquals(
      assertThrows(() => other.connect("tcp://127.0.0.1:1"), zmq.ZmqError).code,
      "EACCES",
    );
  },
);
