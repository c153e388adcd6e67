/**
 * Attacks on a server that an application shares with sockets: requests for
 * WebSockets that are none, and what follows them. The page of the application
 * and an honest peer are served meanwhile.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { many, Raider } from "../../siege/raider.ts";

const STEP_MS = 8000;
const LIMIT = { timeoutMs: 60_000 };
const PATH = "/questions";
const HEADERS = {
  "Host": "127.0.0.1",
  "Upgrade": "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Protocol": "ZWS2.0/NULL",
};

function requestOf(
  headers: Readonly<Record<string, string>>,
  start = `GET ${PATH} HTTP/1.1`,
): string {
  const lines = Object.entries(headers).map((pair) => pair.join(": "));
  return [start, ...lines, "", ""].join("\r\n");
}

/** A page and a REP at one port. */
async function sharing(
  t: TestContext,
  options: ConstructorParameters<typeof zmq.Reply>[0] = {},
) {
  const server = createServer((_request, response) => response.end("a page"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const shared = await zmq.shareServer(server);
  const reply = new zmq.Reply(options);
  await reply.bind(`${shared.endpoint}${PATH}`);
  const served = zmq.serve(reply, (frames) => frames);
  const request = new zmq.Request({ linger: 0 });
  request.connect(reply.lastEndpoint!);
  t.cleanup(async () => {
    await request.close();
    await reply.close();
    await served;
    shared.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  let count = 0;
  const honest = async () => {
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals(await within(page.text(), STEP_MS, "the page"), "a page");
    const text = `${++count}`;
    await request.send(text);
    const [answer] = await within(request.receive(), STEP_MS, "an answer");
    assertEquals(`${answer}`, text);
  };
  await honest();
  const raid = async () =>
    t.use(await Raider.connect(`http://127.0.0.1:${port}`));
  return { raid, honest };
}

/** What is answered, as far as it is text. */
function answerTo(raider: Raider): { text: string } {
  const answer = { text: "" };
  raider.onData = (chunk) => answer.text += new TextDecoder().decode(chunk);
  return answer;
}

const { "Sec-WebSocket-Key": _key, ...KEYLESS } = HEADERS;

for (
  const [what, request] of [
    ["has no key", requestOf(KEYLESS)],
    ["has half a key", requestOf({ ...HEADERS, "Sec-WebSocket-Key": "YQ==" })],
    [
      "is of another version",
      requestOf({ ...HEADERS, "Sec-WebSocket-Version": "8" }),
    ],
    [
      "offers another protocol",
      requestOf({ ...HEADERS, "Sec-WebSocket-Protocol": "chat" }),
    ],
    ["is for an unknown path", requestOf(HEADERS, "GET /other HTTP/1.1")],
    [
      "has a path that is none",
      requestOf(HEADERS, "GET //%ff/../questions HTTP/1.1"),
    ],
    ["is a POST", requestOf(HEADERS, `POST ${PATH} HTTP/1.1`)],
    ["is for another protocol", requestOf({ ...HEADERS, "Upgrade": "h2c" })],
  ] as const
) {
  test(
    `a request that ${what} is refused, and others are served`,
    LIMIT,
    async (t) => {
      const { raid, honest } = await sharing(t);
      const raiders = await Promise.all(Array.from({ length: 10 }, raid));
      for (const raider of raiders) {
        const answer = answerTo(raider);
        await raider.put(request);
        await eventually(
          () => raider.isCut || answer.text !== "",
          STEP_MS,
          "an answer",
        );
        // Some runtimes answer for an unknown protocol as if nothing were asked.
        if (answer.text !== "") {
          assertMatch(answer.text, /^HTTP\/1\.1 [24]\d\d/);
        }
        assert(!answer.text.startsWith("HTTP/1.1 101"), answer.text);
      }
      await honest();
    },
  );
}

test(
  "rubbish in the packet of a request, and behind it, ends that connection",
  LIMIT,
  async (t) => {
    const { raid, honest } = await sharing(t);
    for (const rest of ["\x88", "\xff".repeat(10_000), "x".repeat(100_000)]) {
      const raider = await raid();
      await raider.put(requestOf(HEADERS), rest);
      await raider.put(many(Uint8Array.of(0xff, 0xff, 0, 1), 64 * 1024));
      await eventually(
        () => raider.isCut,
        STEP_MS,
        "the end of the connection",
      );
      await honest();
    }
  },
);

test(
  "connections that ask and then say nothing are ended in time",
  LIMIT,
  async (t) => {
    const { raid, honest } = await sharing(t, { handshakeInterval: 300 });
    const raiders = await Promise.all(Array.from({ length: 20 }, raid));
    for (const raider of raiders) await raider.put(requestOf(HEADERS));
    await honest();
    await eventually(
      () => raiders.every(({ isCut }) => isCut),
      STEP_MS,
      "the end of all of them",
    );
    await honest();
  },
);
