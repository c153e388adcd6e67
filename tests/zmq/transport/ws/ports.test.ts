// Several sockets at one port, each at its path; and ports of HTTP servers.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import * as zmq from "../../../../src/zmq/mod.ts";
import { once } from "../../sockets/pairs.ts";
import { test, type TestContext, within } from "../../../support/harness.ts";
import { RawWebSocket } from "./raw_web_socket.ts";
import { CLIENT, SERVER } from "./tls_options.ts";

/** Sends a message to an address, and receives it. */
async function passes(
  t: TestContext,
  pull: zmq.Pull,
  address = pull.lastEndpoint!,
  options: ConstructorParameters<typeof zmq.Push>[0] = {},
): Promise<void> {
  const push = t.use(new zmq.Push(options));
  push.connect(address);
  await push.send(address);
  const [text] = await within(pull.receive(), 10_000, address);
  assertEquals(String(text), address);
}

test("sockets share a port by their paths; unbinding one leaves the other", async (t) => {
  const [a, b, any] = [new zmq.Pull(), new zmq.Pull(), new zmq.Pull()];
  for (const one of [a, b, any]) t.use(one);
  await a.bind("ws://127.0.0.1:*/a");
  const base = a.lastEndpoint!.slice(0, -2);
  await b.bind(`${base}/b`);
  assertEquals(b.lastEndpoint, `${base}/b`);
  await passes(t, a);
  await passes(t, b);
  await passes(t, b, `${base}/b?query`);

  const peer = t.use(new RawWebSocket(base));
  const refused = once(a, "accept:error");
  peer.request("ZWS2.0", { path: "/c" });
  assertEquals((await peer.response())[0], "HTTP/1.1 404 Not Found");
  assertEquals(
    ((await refused).error as zmq.ZmqError).message,
    "The client asks for a path that is not bound: /c",
  );
  await any.bind(base); // takes what the others leave
  await passes(t, any, `${base}/c`);
  await passes(t, a);

  await a.unbind(`${base}/a`);
  await passes(t, b);
  await passes(t, any, `${base}/a`);
  const taken = await assertRejects(() => a.bind(`${base}/b`), zmq.ZmqError);
  assertEquals(taken.code, "EADDRINUSE");
  await Promise.all([b.close(), any.close()]);
  await a.bind(base.replace("ws:", "tcp:")); // the port is free
});

test("two binds at once share the port that one of them opens", async (t) => {
  const probe = new zmq.Pull();
  await probe.bind("ws://127.0.0.1:*");
  const base = probe.lastEndpoint!;
  await probe.close();
  const [a, b] = [t.use(new zmq.Pull()), t.use(new zmq.Pull())];
  await Promise.all([a.bind(`${base}/a`), b.bind(`${base}/b`)]);
  await passes(t, a);
  await passes(t, b);
  await Promise.all([a.unbind(`${base}/a`), b.unbind(`${base}/b`)]);
  await Promise.all([a.bind(`${base}/b`), b.bind(`${base}/a`)]);
  await passes(t, a);
  await passes(t, b);
});

test("a port of wss has one certificate", async (t) => {
  const [a, b] = [t.use(new zmq.Pull(SERVER)), t.use(new zmq.Pull(SERVER))];
  await a.bind("wss://127.0.0.1:*/a");
  const base = a.lastEndpoint!.slice(0, -2);
  await b.bind(`${base}/b`);
  await passes(t, a, undefined, CLIENT);
  await passes(t, b, undefined, CLIENT);
  const other = t.use(new zmq.Pull());
  const error = await assertRejects(
    () => other.bind(`${base}/other`),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EINVAL");
  assert(error.message.includes("another certificate"), error.message);
});

test("connections without a request have a limit, for each port", async (t) => {
  const pull = t.use(new zmq.Pull({ maxHandshakes: 2 }));
  await pull.bind("ws://127.0.0.1:*");
  const peers: RawWebSocket[] = [];
  const refused = once(pull, "accept:error");
  for (let i = 0; i < 3; i++) {
    peers.push(t.use(new RawWebSocket(pull.lastEndpoint!)));
    peers[i]!.send("GET / HTTP/1.1\r\n");
  }
  const { error } = await refused;
  assert(error.message.includes("option maxHandshakes"), error.message);
  await Promise.race(peers.map((peer) => peer.rest()));
  await passes(t, pull);
});

/** A server of the application that listens. */
async function listening(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.cleanup(() =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    })
  );
  const { port } = server.address() as { port: number };
  return `127.0.0.1:${port}`;
}

test("sockets are bound to paths of an application's server", async (t) => {
  const server = createServer((_, response) => response.end("a page"));
  const place = await listening(t, server);
  const shared = t.use(await zmq.shareServer(server));
  assertEquals(shared.endpoint, `ws://${place}`);
  const [a, b] = [new zmq.Pull(), new zmq.Pull()];
  await a.bind(`${shared.endpoint}/a`);
  await b.bind(`ws://${place}/b`);
  assertEquals(a.lastEndpoint, `ws://${place}/a`);
  await passes(t, a);
  await passes(t, b);
  const page = await fetch(`http://${place}/a`);
  assertEquals(await page.text(), "a page");
  const peer = t.use(new RawWebSocket(shared.endpoint));
  peer.request("ZWS2.0", { path: "/c" });
  assertEquals((await peer.response())[0], "HTTP/1.1 404 Not Found");
  await a.unbind(`ws://${place}/a`);
  await b.unbind(`ws://${place}/b`);
  await a.bind(`ws://${place}/b`);
  await passes(t, a);
  await Promise.all([a.close(), b.close()]);
});

test("upgrades of other paths are the application's", async (t) => {
  const server = createServer();
  const asked: string[] = [];
  server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    if (request.url === "/zmq") return;
    asked.push(request.url!);
    socket.end("HTTP/1.1 418 I'm a teapot\r\n\r\n");
  });
  const place = await listening(t, server);
  const shared = await zmq.shareServer(server);
  const pull = new zmq.Pull();
  await pull.bind(`${shared.endpoint}/zmq`);
  await passes(t, pull);
  const peer = t.use(new RawWebSocket(shared.endpoint));
  peer.request("chat", { path: "/chat" });
  assertEquals((await peer.response())[0], "HTTP/1.1 418 I'm a teapot");
  assertEquals(asked, ["/chat"]);
  await pull.close();
  shared.close();
  const other = t.use(new zmq.Pull());
  const error = await assertRejects(
    () => other.bind(`ws://${place}/zmq`),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EADDRINUSE"); // it is the server's alone again
});

test("a server of https has its own certificate", async (t) => {
  const { tlsCert: cert, tlsKey: key } = SERVER;
  const server = createSecureServer({ cert, key });
  const place = await listening(t, server);
  const shared = t.use(await zmq.shareServer(server));
  assertEquals(shared.endpoint, `wss://${place}`);
  const pull = new zmq.Pull();
  await pull.bind(`${shared.endpoint}/zmq`);
  await passes(t, pull, undefined, CLIENT);
  await pull.close();
});

test("a receiver that does not read holds back senders on a shared server", async (t) => {
  const server = createServer();
  await listening(t, server);
  const shared = t.use(await zmq.shareServer(server));
  const pull = new zmq.Pull({ receiveHighWaterMark: 2 });
  await pull.bind(`${shared.endpoint}/zmq`);
  const push = t.use(new zmq.Push({ sendHighWaterMark: 2, sendTimeout: 500 }));
  push.connect(pull.lastEndpoint!);
  const body = new Uint8Array(1024 * 1024);
  let sent = 0;
  await assertRejects(async () => {
    for (; sent < 200; sent++) await push.send([String(sent), body]);
  }, zmq.ZmqError);
  for (let i = 0; i < sent; i++) {
    const [number] = await within(pull.receive(), 10_000, `message ${i}`);
    assertEquals(String(number), String(i));
  }
  await pull.close();
});

test("shareServer needs a server that listens", async () => {
  for (const wrong of [createServer(), {}, null]) {
    const error = await assertRejects(
      () => zmq.shareServer(wrong as Server),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
  }
});
