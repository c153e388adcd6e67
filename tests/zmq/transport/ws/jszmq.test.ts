// jszmq, the port of ZeroMQ for browsers: it speaks ZWS 2.0 without a mechanism,
// over the library ws.
import { assertEquals } from "@std/assert";
import { createRequire } from "node:module";
import * as zmq from "../../../../src/zmq/mod.ts";
import { test, type TestContext } from "../../../support/harness.ts";
import { steadyPort } from "../../../support/steady_port.ts";

/** What is used of its sockets. */
interface JszmqSocket {
  connect(address: string): void;
  bind(address: string): Promise<void>;
  unbind(address: string): void;
  subscribe(topic: string): void;
  send(message: string | string[]): void;
  once(event: "message", listener: (...frames: Uint8Array[]) => void): void;
  close(): void;
}

const jszmq = load();
const options = { skip: jszmq === undefined && "jszmq is not installed" };

function load(): { socket(type: string): JszmqSocket } | undefined {
  try {
    return createRequire(import.meta.url)("jszmq");
  } catch (error) {
    if ((error as { code?: string }).code === "MODULE_NOT_FOUND") return;
    throw error;
  }
}

function peer(t: TestContext, type: string): JszmqSocket {
  const socket = jszmq!.socket(type);
  t.cleanup(() => socket.close());
  return socket;
}

function next(socket: JszmqSocket): Promise<string[]> {
  return new Promise((resolve) =>
    socket.once("message", (...frames) => resolve(frames.map(String)))
  );
}

test("a DEALER of jszmq talks to our ROUTER", options, async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind("ws://127.0.0.1:*/zmq");
  const dealer = peer(t, "dealer");
  dealer.connect(router.lastEndpoint!);
  dealer.send(["one", "two"]);
  const [id, ...frames] = await router.receive();
  assertEquals(frames.map(String), ["one", "two"]);
  const answer = next(dealer);
  await router.send([id!, "three", "four"]);
  assertEquals(await answer, ["three", "four"]);
});

test("a SUB of jszmq subscribes to our XPUB", options, async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  await xpub.bind("ws://127.0.0.1:*/zmq");
  const sub = peer(t, "sub");
  sub.subscribe("news");
  sub.connect(xpub.lastEndpoint!);
  assertEquals(String(await xpub.receive()), "\x01news");
  const message = next(sub);
  await xpub.send(["weather", "rain"]);
  await xpub.send(["news", "all is well"]);
  assertEquals(await message, ["news", "all is well"]);
});

test("our REQ talks to a REP of jszmq that is bound", options, async (t) => {
  const address = `ws://127.0.0.1:${await steadyPort()}/zmq`;
  const rep = jszmq!.socket("rep");
  await rep.bind(address);
  t.cleanup(() => rep.unbind(address));
  const request = t.use(new zmq.Request());
  request.connect(address);
  const question = next(rep);
  await request.send("question");
  assertEquals(await question, ["question"]);
  rep.send("answer");
  assertEquals(String(await request.receive()), "answer");
});
