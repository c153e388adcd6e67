// What happens to the connections of a page in Chromium: its server is killed,
// it goes offline, it is slow, it is of another site.
import { assert, assertEquals, assertMatch } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { noBrowser } from "../../support/browser.ts";
import { test, type TestContext } from "../../support/harness.ts";
import { Program } from "../../pipeline/support/programs.ts";
import { openSite, serveSite, SitePage } from "./site.ts";

const SERVERS = new URL("./programs/servers.ts", import.meta.url).href;
/** A name of this machine that is no name of it to the sockets. */
const ELSEWHERE = ["127.0.0.1", "elsewhere.test"] as const;
const options = { skip: noBrowser, timeoutMs: 60_000 };
const WITHOUT_STREAM = "delete globalThis.WebSocketStream";

test("two tabs, whose server is killed and comes back", options, async (t) => {
  const first = t.use(new Program("node", SERVERS, {}));
  const { reply } = JSON.parse(await first.ready);
  const origin = await serveSite(t);
  const one = await openSite(t, origin);
  const two = await new SitePage(await one.page.context().newPage())
    .open(origin);
  for (const tab of [one, two]) await tab.call("open", reply);
  const ask = (question: string) =>
    Promise.all([one, two].map((tab) => tab.call("ask", question)));
  assertEquals(await ask("there?"), ["there?", "there?"]);

  first.kill("SIGKILL");
  await first.ended;
  const answers = ask("back?");
  const ports = { reply: Number(new URL(reply).port) };
  t.use(new Program("node", SERVERS, ports));
  assertEquals(await answers, ["back?", "back?"]);
});

test(
  "an address is tried at once when the page is online again",
  options,
  async (t) => {
    const free = new zmq.Reply();
    await free.bind("ws://127.0.0.1:*");
    const address = free.lastEndpoint!;
    await free.close();
    const page = await openSite(t, await serveSite(t));
    const tried = page.call("comesOnline", address);
    await page.page.waitForFunction("globalThis.isWaiting");
    await page.page.context().setOffline(true);
    await page.page.context().setOffline(false);
    assertEquals(await tried, true);
  },
);

test(
  "a page of another site is refused, unless wsOrigins has it",
  options,
  async (t) => {
    const page = await openSite(t, (await serveSite(t)).replace(...ELSEWHERE));
    const foreign = await page.page.evaluate<string>("location.origin");
    const router = t.use(new zmq.Router());
    await router.bind("ws://127.0.0.1:*");
    const open = t.use(new zmq.Reply({ wsOrigins: [foreign] }));
    await open.bind("ws://127.0.0.1:*");
    const seen: string[] = [];
    router.events.on("accept:error", ({ error }) => seen.push(error.message));
    const error = await page.call<string>("refused", router.lastEndpoint!);
    assertMatch(error, /^ECONNREFUSED Cannot connect to /);
    assertMatch(seen.join(), /elsewhere\.test/);
    await page.call("open", open.lastEndpoint!);
    const answer = page.call("ask", "may I?");
    await open.receive();
    await open.send("yes");
    assertEquals(await answer, "yes");
  },
);

const MESSAGES = 2000;
const SIZE = 16_384; // together as much as TCP and the browser never hold

/** Sends numbered messages; returns how many have left when nothing moves any more. */
async function sendAll(socket: zmq.Push | zmq.Dealer): Promise<void> {
  for (let i = 0; i < MESSAGES; i++) {
    const message = new Uint8Array(SIZE);
    new DataView(message.buffer).setUint32(0, i);
    await socket.send(message);
  }
  await socket.send("end");
}

const ALL = Array.from({ length: MESSAGES }, (_, i) => i);

for (
  const [name, type, Server] of [
    ["PUSH", "Pull", zmq.Push],
    ["DEALER", "Dealer", zmq.Dealer],
  ] as const
) {
  test(`a slow page loses nothing that a ${name} sends`, options, async (t) => {
    const socket = t.use(new Server({ sendHighWaterMark: 10 }));
    await socket.bind("ws://127.0.0.1:*");
    const page = await openSite(t, await serveSite(t));
    await page.call("hold", type, socket.lastEndpoint!);
    let isSent = false;
    const sent = sendAll(socket).then(() => isSent = true);
    await stalls(t, socket);
    assertEquals(isSent, false, "the page holds back the sender");
    assertEquals(await page.call("readAll"), ALL);
    await sent;
  });
}

/** Resolves once a socket has not been able to send for a while. */
async function stalls(t: TestContext, socket: zmq.Push | zmq.Dealer) {
  while (!t.signal.aborted) {
    if (await socket.poll(zmq.POLLOUT, { timeout: 500 }) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test(
  "a PUB drops what a slow page does not take, and nothing else",
  options,
  async (t) => {
    const publisher = t.use(new zmq.XPublisher({ sendHighWaterMark: 10 }));
    await publisher.bind("ws://127.0.0.1:*");
    const page = await openSite(t, await serveSite(t));
    await page.call("hold", "Subscriber", publisher.lastEndpoint!);
    await publisher.receive(); // its subscription
    for (let i = 0; i < MESSAGES; i++) {
      const message = new Uint8Array(SIZE);
      new DataView(message.buffer).setUint32(0, i);
      await publisher.send(message);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    const read = page.call<number[]>("readAll");
    const end = setInterval(() => publisher.send("end"), 50);
    t.cleanup(() => clearInterval(end));
    const numbers = await read;
    assert(
      numbers.length > 0 && numbers.length < MESSAGES,
      `${numbers.length}`,
    );
    assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  },
);

test(
  "with WebSocket alone, what waits for a slow page is bounded",
  options,
  async (t) => {
    const push = t.use(new zmq.Push({ linger: 0 }));
    await push.bind("ws://127.0.0.1:*");
    const page = await openSite(t, await serveSite(t), WITHOUT_STREAM);
    await page.call("hold", "Pull", push.lastEndpoint!);
    const gone = new Promise((resolve) =>
      push.events.on("disconnect", resolve)
    );
    const body = new Uint8Array(1024 * 1024);
    for (let i = 0; i < 64; i++) push.trySend(body);
    await gone;
    assertMatch(
      await page.call("readUntilGone"),
      /^ENOBUFS More than 33554432 bytes wait to be received/,
    );
  },
);
