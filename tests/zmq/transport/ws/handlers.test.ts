// Sockets at the paths of a server of Deno.serve or Bun.serve.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../../src/zmq/mod.ts";
import {
  runtime,
  test,
  type TestContext,
  within,
} from "../../../support/harness.ts";
import { once } from "../../sockets/pairs.ts";
import { steadyPort } from "../../../support/steady_port.ts";
import { SECURITY } from "./requests.ts";
import { ascii, masked, RawWebSocket, ready } from "./raw_web_socket.ts";

const options = {
  skip: runtime === "node" && "Node has no server of requests",
  timeoutMs: 30_000,
};

/** The servers of the runtimes, as far as they are used here. */
interface Runtimes {
  Deno: {
    serve(
      options: object,
      handler: (request: Request, info: zmq.DenoRequestInfo) => Response,
    ): { shutdown(): Promise<void> };
  };
  Bun: {
    serve(options: object): { stop(closeAll: boolean): Promise<void> };
  };
}
const { Deno, Bun } = globalThis as unknown as Runtimes;

/** A server of the application, shared with sockets. */
async function shared(
  t: TestContext,
  own?: zmq.BunHandlers,
): Promise<zmq.SharedHandler> {
  const port = await steadyPort();
  const handler = t.use(await zmq.shareHandler(`ws://127.0.0.1:${port}`));
  const at = { hostname: "127.0.0.1", port };
  if (runtime === "deno") {
    const server = Deno.serve(
      { ...at, onListen() {} },
      (request, info) => handler.handle(request, info) ?? page(request),
    );
    t.cleanup(() => server.shutdown());
  } else {
    const server = Bun.serve({
      ...at,
      fetch: (
        request: Request,
        server: zmq.BunServerLike,
      ) =>
        handler.handle(request, server) ??
          (server.upgrade(request, { data: "own" })
            ? undefined
            : page(request)),
      websocket: handler.websocket(own),
    });
    t.cleanup(() => server.stop(true));
  }
  return handler;
}

function page({ url }: Request): Response {
  const isPage = new URL(url).pathname === "/page";
  return new Response("a page", { status: isPage ? 200 : 404 });
}

// RFC 45.DIALECT.4
test(
  "pages and sockets have one port, with each mechanism",
  options,
  async (t) => {
    const { endpoint } = await shared(t);
    for (const [mechanism, [bound, connected]] of Object.entries(SECURITY)) {
      const reply = t.use(new zmq.Reply(bound));
      await reply.bind(`${endpoint}/${mechanism}`);
      assertEquals(reply.lastEndpoint, `${endpoint}/${mechanism}`);
      const request = t.use(new zmq.Request(connected));
      request.connect(reply.lastEndpoint!);
      for (const size of [0, 125, 70_000, 3_000_000]) {
        const body = new Uint8Array(size).map((_, i) => i * 7);
        await request.send([body, "last"]);
        await reply.send([(await reply.receive())[0]!, "!"]);
        const [answer] = await request.receive();
        assertEquals(answer!.byteLength, size);
        assert(body.every((byte, i) => byte === answer![i]));
      }
      const gone = once(reply, "disconnect");
      await request.close();
      assertEquals((await gone).error, undefined);
      await reply.close();
    }
    const response = await fetch(`${endpoint.replace("ws:", "http:")}/page`);
    assertEquals(await response.text(), "a page");
  },
);

test(
  "the offer of libzmq, which runtimes refuse, is answered with one name",
  options,
  async (t) => {
    const { endpoint } = await shared(t);
    const pull = t.use(new zmq.Pull());
    await pull.bind(`${endpoint}/zmq`);
    const peer = t.use(new RawWebSocket(endpoint));
    peer.request("ZWS2.0/NULL,ZWS2.0");
    const [status, ...headers] = await peer.response();
    assertEquals(status, "HTTP/1.1 101 Switching Protocols");
    assertEquals(
      headers.filter((line) => /^sec-websocket-protocol/i.test(line))
        .map((line) => line.split(": ")[1]),
      ["ZWS2.0/NULL"],
    );
    const first = ready("PULL");
    assertEquals((await peer.read(first.length + 2)).slice(2), first);
    peer.send(masked(0x82, ready("PUSH")), masked(0x82, [0, ...ascii("A")]));
    assertEquals(String(await pull.receive()), "A");
  },
);

test(
  "the page of another site gets 403; other paths are the application's",
  options,
  async (t) => {
    const { endpoint } = await shared(t);
    const pull = t.use(new zmq.Pull());
    await pull.bind(`${endpoint}/zmq`);
    const refused = once(pull, "accept:error");
    const foreign = t.use(new RawWebSocket(endpoint));
    const headers = { Origin: "http://example.com" };
    foreign.request("ZWS2.0", { headers });
    assertEquals((await foreign.response())[0], "HTTP/1.1 403 Forbidden");
    assert((await refused).error.message.includes("example.com"));
    const other = t.use(new RawWebSocket(endpoint));
    other.request("ZWS2.0/PLAIN");
    assertEquals((await other.response())[0], "HTTP/1.1 403 Forbidden");
    const page = await fetch(`${endpoint.replace("ws:", "http:")}/other`);
    assertEquals([page.status, await page.text()], [404, "a page"]);
  },
);

test("a slow client holds back what is sent to it", options, async (t) => {
  const { endpoint } = await shared(t);
  const push = t.use(new zmq.Push({ sendHighWaterMark: 2, sendTimeout: 500 }));
  await push.bind(`${endpoint}/push`);
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 2 }));
  pull.connect(push.lastEndpoint!);
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

test(
  "what waits for a socket that does not receive is bounded",
  options,
  async (t) => {
    const { endpoint } = await shared(t);
    const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 2 }));
    await pull.bind(`${endpoint}/pull`);
    const push = t.use(
      new zmq.Push({ sendHighWaterMark: 2, reconnectInterval: -1 }),
    );
    push.connect(pull.lastEndpoint!);
    const gone = once(push, "disconnect");
    const sending = (async () => {
      const body = new Uint8Array(1024 * 1024);
      while (!push.closed) await push.send(body);
    })().catch(() => {});
    await within(gone, 20_000, "the end");
    await push.close();
    await sending;
    const ended = once(pull, "disconnect");
    void (async () => {
      for await (const _ of pull);
    })();
    const { error } = await ended;
    assertEquals((error as zmq.ZmqError).code, "ENOBUFS");
  },
);

test(
  "on Bun, other WebSockets are the application's",
  { skip: runtime !== "bun" && "Deno has no handlers for all WebSockets" },
  async (t) => {
    const { endpoint } = await shared(t, {
      message: (socket: { send(text: string): void }, text: string) =>
        socket.send(`own: ${text}`),
    });
    const pull = t.use(new zmq.Pull());
    await pull.bind(`${endpoint}/zmq`);
    const socket = new WebSocket(`${endpoint}/chat`);
    t.cleanup(() => socket.close());
    socket.onopen = () => socket.send("hello");
    const answer = await new Promise((resolve) =>
      socket.onmessage = ({ data }) => resolve(data)
    );
    assertEquals(answer, "own: hello");
  },
);

test(
  "an address has a host and a port, and no path; a handler a server",
  options,
  async (t) => {
    for (
      const wrong of ["ws://127.0.0.1:*", "ws://127.0.0.1:80/a", "tcp://a:1"]
    ) {
      const error = await assertRejects(
        () => zmq.shareHandler(wrong),
        zmq.ZmqError,
      );
      assertEquals(error.code, "EINVAL", wrong);
    }
    const handler = t.use(await zmq.shareHandler("ws://127.0.0.1:1"));
    const pull = t.use(new zmq.Pull());
    await pull.bind("ws://127.0.0.1:1/zmq");
    const headers = {
      "connection": "upgrade",
      "upgrade": "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-protocol": "ZWS2.0",
    };
    const request = new Request("http://127.0.0.1:1/zmq", { headers });
    let thrown: unknown;
    try {
      handler.handle(request, {} as zmq.DenoRequestInfo);
    } catch (error) {
      thrown = error;
    }
    assert(thrown instanceof zmq.ArgumentError, String(thrown));
  },
);
