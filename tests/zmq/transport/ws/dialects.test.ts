// Servers that speak ZWS 2.0 in another dialect than the client expects at first.
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import * as zmq from "../../../../src/zmq/mod.ts";
import {
  deferred,
  test,
  type TestContext,
  within,
} from "../../../support/harness.ts";
import { once } from "../../sockets/pairs.ts";
import { ready } from "./raw_web_socket.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The bytes of one frame of a client, of up to 125 bytes, without its mask. */
function unmasked(bytes: Uint8Array): number[] {
  const size = bytes[1]! & 0x7f;
  const key = bytes.subarray(2, 6);
  return [...bytes.subarray(6, 6 + size)].map((byte, i) => byte ^ key[i % 4]!);
}

/** What a server of frames does with each connection. */
interface Behavior {
  /** Whether it answers names with a slash with 400, as some libraries do. */
  readonly refusesSlash?: boolean;
  /** Its first message. */
  readonly begin: readonly number[];
  /** What follows the client's first message, if that is right. */
  answer(first: number[]): number[] | undefined;
}

/**
 * A server that knows no subprotocol but `ZWS2.0`; it ends connections whose
 * first message is wrong.
 *
 * @returns Its address, and the first messages of all clients.
 */
async function bareServer(
  t: TestContext,
  { refusesSlash = false, begin, answer }: Behavior,
) {
  const firsts: number[][] = [];
  const offers: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const frame = (body: readonly number[]) =>
    Uint8Array.from([0x82, body.length, ...body]);
  const server = createServer();
  server.on("upgrade", ({ headers }: IncomingMessage, socket: Socket) => {
    sockets.add(socket);
    const offered = headers["sec-websocket-protocol"];
    offers.push(offered);
    if (refusesSlash && offered?.includes("/")) {
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      return;
    }
    const accept = createHash("sha1")
      .update(headers["sec-websocket-key"] + GUID).digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
        `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
        "Sec-WebSocket-Protocol: ZWS2.0\r\n\r\n",
    );
    if (begin.length > 0) socket.write(frame(begin));
    socket.once("data", (bytes: Uint8Array) => {
      const first = unmasked(bytes);
      firsts.push(first);
      const answered = answer(first);
      if (answered === undefined) socket.end();
      else if (answered.length > 0) socket.write(frame(answered));
    }).on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.cleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `ws://127.0.0.1:${port}/`, firsts, offers };
}

// RFC 45.UPGRADE.1
test("a server that begins with READY under the bare name gets READY, with the second attempt", async (t) => {
  const command = deferred<number[]>();
  const { address, offers } = await bareServer(t, {
    begin: ready("PULL"),
    answer(first) {
      if (first[0] !== 2) return undefined;
      command.resolve(first);
      return [];
    },
  });
  const push = t.use(new zmq.Push({ reconnectInterval: 1 }));
  const opened = once(push, "handshake");
  push.connect(address);
  assertEquals((await opened).peer.socketType, "PULL");
  assertEquals(await within(command.promise, 5000, "READY"), ready("PUSH"));
  assertEquals(offers[0], "ZWS2.0/NULL,ZWS2.0");
  assertEquals(offers.at(-1), "ZWS2.0");
});

for (const refusesSlash of [false, true]) {
  const how = refusesSlash ? "refuses its name" : "chooses the bare name";
  test(`a server that ${how} is not sent the password of PLAIN`, async (t) => {
    const { address, firsts, offers } = await bareServer(t, {
      refusesSlash,
      begin: [0],
      answer: () => [],
    });
    const push = t.use(
      new zmq.Push({
        plainUsername: "admin",
        plainPassword: "secret",
        reconnectInterval: 1,
      }),
    );
    const retries = deferred<void>();
    let count = 0;
    push.events.on("connect:retry", () => {
      if (++count === 3) retries.resolve();
    });
    push.connect(address);
    await within(retries.promise, 5000, "further attempts");
    assertEquals(firsts, []);
    assertEquals([...new Set(offers)], ["ZWS2.0/PLAIN"]);
  });
}
