// ZeroMQ over WebSocket with TLS: certificates, their verification, and errors.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createServer, type TLSSocket } from "node:tls";
import * as zmq from "../../../../src/zmq/mod.ts";
import { once } from "../../sockets/pairs.ts";
import { socksServer } from "../../../support/socks_server.ts";
import { test, type TestContext, within } from "../../../support/harness.ts";
import { CLIENT, pem, SERVER } from "./tls_options.ts";
import { RawWebSocket } from "./raw_web_socket.ts";
import { requests } from "./requests.ts";

async function bound(
  t: TestContext,
  options: ConstructorParameters<typeof zmq.Pull>[0] = {},
): Promise<zmq.Pull> {
  const pull = t.use(new zmq.Pull({ ...SERVER, ...options }));
  await pull.bind("wss://127.0.0.1:*/zmq");
  return pull;
}

requests("wss", [0, 1, 125, 65_535, 3_000_000], [SERVER, CLIENT]);

// RFC 45.SOCKET.3
test("what is on the wire is not readable", async (t) => {
  const pull = await bound(t);
  const peer = t.use(new RawWebSocket(pull.lastEndpoint!));
  peer.request("ZWS2.0");
  const bytes = await peer.rest(); // an alert of TLS, if anything
  assert(!String.fromCharCode(...bytes).includes("HTTP"));
});

/** Options of a client with which it refuses the server, and the error. */
const REFUSED = {
  "an unknown authority": [{}, "ERR_TLS_CERT_UNTRUSTED"],
  "another host": [
    { ...CLIENT, tlsHostname: "example.com" },
    "ERR_TLS_CERT_HOST",
  ],
} as const;

for (const [name, [options, code]] of Object.entries(REFUSED)) {
  test(`a certificate of ${name} is refused`, async (t) => {
    await refuses(t, await bound(t), options, code);
  });
}

test("a certificate that has expired is refused", async (t) => {
  const pull = await bound(t, { tlsCert: pem("expired.pem") });
  await refuses(t, pull, CLIENT, "ERR_TLS_CERT_DATE");
});

async function refuses(
  t: TestContext,
  pull: zmq.Pull,
  options: ConstructorParameters<typeof zmq.Push>[0],
  code: string,
): Promise<void> {
  const push = t.use(new zmq.Push(options));
  const retry = once(push, "connect:retry");
  push.connect(pull.lastEndpoint!);
  const { error } = await within(retry, 10_000, "the refusal");
  assertEquals((error as zmq.ZmqError).code, code);
  assertEquals(push.lastConnectError, error);
  assert(error!.message.startsWith(`Cannot connect to "${pull.lastEndpoint}"`));
}

test("authorities of the runtime may be trusted as well", async (t) => {
  const pull = await bound(t);
  const push = t.use(new zmq.Push({ ...CLIENT, tlsTrustSystem: true }));
  push.connect(pull.lastEndpoint!.replace("127.0.0.1", "localhost"));
  await push.send("hello");
  assertEquals(String(await within(pull.receive(), 10_000, "it")), "hello");
});

test("tlsHostname is the name to verify, and is sent to the server", async (t) => {
  const names: unknown[] = [];
  const server = createServer({
    cert: SERVER.tlsCert,
    key: SERVER.tlsKey,
  }, (socket: TLSSocket) => {
    names.push(socket.servername);
    socket.on("error", () => {}).resume().end("HTTP/1.1 404 Not Found\r\n\r\n");
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const push = t.use(new zmq.Push({ ...CLIENT, tlsHostname: "localhost" }));
  const retry = once(push, "connect:retry");
  push.connect(`wss://127.0.0.1:${port}`);
  const { error } = await within(retry, 10_000, "the refusal");
  assert(error!.message.endsWith("404 Not Found"), error!.message);
  assertEquals(names[0], "localhost");
  await push.close();
  await new Promise((done) => server.close(done));
});

test("a client that does not encrypt is disconnected", async (t) => {
  const pull = await bound(t);
  const refused = once(pull, "accept:error");
  const push = t.use(new zmq.Push());
  push.connect(pull.lastEndpoint!.replace("wss:", "ws:"));
  const { error } = await within(refused, 10_000, "its end");
  assertEquals((error as zmq.ZmqError).code, "ERR_TLS");
});

test("a server that does not encrypt is ERR_TLS or a lost connection", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind("ws://127.0.0.1:*");
  const push = t.use(new zmq.Push(CLIENT));
  const retry = once(push, "connect:retry");
  push.connect(pull.lastEndpoint!.replace("ws:", "wss:"));
  const { error } = await within(retry, 10_000, "the error");
  const { code } = error as zmq.ZmqError;
  assert(code === "ERR_TLS" || code === "ECONNRESET", code);
});

test("a server that is silent during TLS is given up", async (t) => {
  const silent = t.use(new zmq.Stream());
  await silent.bind("tcp://127.0.0.1:*");
  const push = t.use(new zmq.Push({ handshakeInterval: 100 }));
  const retry = once(push, "connect:retry");
  push.connect(silent.lastEndpoint!.replace("tcp:", "wss:"));
  const { error } = await within(retry, 10_000, "the error");
  assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
});

test("wss goes through a proxy", async (t) => {
  const proxy = await socksServer(t);
  const pull = await bound(t);
  const push = t.use(new zmq.Push({ ...CLIENT, socksProxy: proxy.address }));
  push.connect(pull.lastEndpoint!);
  await push.send("hello");
  assertEquals(String(await within(pull.receive(), 10_000, "it")), "hello");
});

test("a receiver that does not read holds back the sender", async (t) => {
  const pull = await bound(t, { receiveHighWaterMark: 2 });
  const push = t.use(
    new zmq.Push({ ...CLIENT, sendHighWaterMark: 2, sendTimeout: 500 }),
  );
  push.connect(pull.lastEndpoint!);
  const body = new Uint8Array(1024 * 1024);
  let sent = 0;
  const error = await assertRejects(async () => {
    for (; sent < 200; sent++) await push.send([String(sent), body]);
  }, zmq.ZmqError);
  assertEquals(error.code, "EAGAIN");
  for (let i = 0; i < sent; i++) {
    const [number] = await within(pull.receive(), 10_000, `message ${i}`);
    assertEquals(String(number), String(i));
  }
});

/** Options of TLS that would protect nothing, or are malformed, and the address. */
const INVALID: readonly (readonly [string, object, string])[] = [
  ["bind wss://127.0.0.1:*", {}, "it needs the options tlsCert and tlsKey"],
  [
    "bind wss://127.0.0.1:*",
    { ...SERVER, ...CLIENT },
    "the option tlsCa checks servers only",
  ],
  [
    "bind ws://127.0.0.1:*",
    SERVER,
    "the option tlsCert has no effect without encryption: use wss://",
  ],
  [
    "connect ws://127.0.0.1:5555",
    CLIENT,
    "the option tlsCa has no effect without encryption: use wss://",
  ],
  [
    "bind wss://127.0.0.1:*",
    { tlsCert: SERVER.tlsCert },
    "The option tlsCert has no effect without tlsKey",
  ],
  [
    "connect wss://127.0.0.1:5555",
    { tlsKey: SERVER.tlsKey },
    "The option tlsKey has no effect without tlsCert",
  ],
  [
    "bind wss://127.0.0.1:*",
    { ...SERVER, tlsKey: pem("other.key") },
    "tlsKey is not the private key of tlsCert",
  ],
  [
    "bind wss://127.0.0.1:*",
    { ...SERVER, tlsKey: "nonsense" },
    "the option tlsKey is not a private key in PEM",
  ],
  [
    "bind wss://127.0.0.1:*",
    { ...SERVER, tlsCert: "nonsense" },
    "the option tlsCert is not a certificate in PEM",
  ],
  [
    "connect wss://127.0.0.1:5555",
    { tlsCa: "nonsense" },
    "the option tlsCa is not a certificate in PEM",
  ],
];

for (const [call, options, message] of INVALID) {
  test(`${call} is EINVAL: ${message}`, async (t) => {
    const [use, address] = call.split(" ");
    const push = t.use(new zmq.Push(options));
    const error = use === "bind"
      ? await assertRejects(() => push.bind(address!), zmq.ZmqError)
      : assertThrows(() => push.connect(address!), zmq.ZmqError);
    assertEquals(error.code, "EINVAL");
    assert(error.message.includes(message), error.message);
    assert(!error.message.includes("nonsense"));
  });
}

test("libzmq's numbers of the options", (t) => {
  const push = t.use(new zmq.Push());
  push.setOption(103, SERVER.tlsKey);
  push.setOption(104, SERVER.tlsCert);
  push.setOption(105, CLIENT.tlsCa);
  push.setOption(106, "localhost");
  push.setOption(107, 1);
  assertEquals(push.tlsKey, SERVER.tlsKey);
  assertEquals(push.tlsCert, SERVER.tlsCert);
  assertEquals(push.tlsCa, CLIENT.tlsCa);
  assertEquals(push.tlsHostname, "localhost");
  assertEquals(push.tlsTrustSystem, true);
});
