// A page in Chromium, with the WebSocket of the browser.
import { assertEquals } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as zmq from "../../../../src/zmq/mod.ts";
import { noBrowser, openBrowser } from "../../../support/browser.ts";
import { test } from "../../../support/harness.ts";
import { once } from "../../sockets/pairs.ts";

const SIZES = [0, 125, 65_535, 70_000, 300_000];

test(
  "a page talks to a ROUTER, also with messages that Chromium sends in fragments",
  { skip: noBrowser, timeoutMs: 30_000 },
  async (t) => {
    const router = t.use(new zmq.Router());
    await router.bind("ws://127.0.0.1:*/zmq");
    const web = createServer((_, response) =>
      response.end("<title>page</title>")
    );
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    t.cleanup(() => web.close());
    const { page } = await openBrowser(t);
    await page.goto(`http://localhost:${(web.address() as AddressInfo).port}/`);

    const echo = (async () => {
      for (const size of SIZES) {
        const [id, body] = await router.receive();
        assertEquals([String(id), body!.byteLength], ["page", size]);
        await router.send([id!, body!, "end"]);
      }
    })();
    const gone = once(router, "disconnect");
    const [results] = await Promise.all([
      page.evaluate(talk, { address: router.lastEndpoint!, sizes: SIZES }),
      echo,
    ]);
    assertEquals(results, SIZES.map((size) => [1, size, true, 0, 3]));
    assertEquals((await gone).error, undefined);
  },
);

/** Runs in the page: sends messages of each size, and returns what the answers are like. */
async function talk(
  { address, sizes }: { address: string; sizes: readonly number[] },
): Promise<unknown[]> {
  const socket = new WebSocket(address, ["ZWS2.0"]);
  socket.binaryType = "arraybuffer";
  // Without a function that has a name: the loader of the tests adds a helper to
  // each, which the page does not have.
  const frames = new ReadableStream<Uint8Array>({
    start(controller) {
      socket.onmessage = ({ data }) => controller.enqueue(new Uint8Array(data));
    },
  }).getReader();
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("The WebSocket was refused"));
  });
  socket.send(new TextEncoder().encode("\0page"));
  await frames.read(); // the routing id of the server
  const results = [];
  for (const size of sizes) {
    const message = new Uint8Array(size + 1).map((_, i) => i === 0 ? 0 : i * 7);
    socket.send(message);
    const body = (await frames.read()).value!;
    const end = (await frames.read()).value!;
    const isSame = body.slice(1).every((byte, i) => byte === message[i + 1]);
    results.push([body[0], body.length - 1, isSame, end[0], end.length - 1]);
  }
  socket.close(1000);
  return results;
}
