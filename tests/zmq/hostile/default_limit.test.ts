/**
 * Hostile peers. A message whose header promises more than 1 GiB, where the
 * program has not set `maxMessageSize`: refused beyond loopback, and only there.
 * And what `maxMessageSize` does not extend.
 */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import {
  bytes,
  COMMAND,
  greeting,
  longHeader,
} from "../../support/peers/zmtp_bytes.ts";
import { EventLog, STEP_MS } from "./victim.ts";

const GIB = 2 ** 30;

/** A socket, and a peer that has promised a frame of so many bytes and sent a few. */
async function promised(
  t: TestContext,
  address: string,
  size: number,
  options: Partial<zmq.SocketOptions> = {},
) {
  const pull = t.use(new zmq.Pull(options));
  const log = new EventLog(pull);
  await pull.bind(address);
  const port = /\d+$/.exec(pull.lastEndpoint!)![0];
  const endpoint = `tcp://127.0.0.1:${port}`;
  const peer = t.use(await FakePeer.connect(endpoint));
  await peer.shakeHands("PUSH");
  await log.next("handshake");
  await peer.send(bytes(longHeader(size), "some of it"));
  return { pull, log, endpoint };
}

test("beyond loopback a message above 1 GiB is refused by its header", async (t) => {
  const { log } = await promised(t, "tcp://0.0.0.0:*", GIB + 1);
  const { error } = await log.next("handshake:error:protocol");
  assertEquals(
    (error as zmq.ProtocolError).code,
    "ERR_ZMTP_MESSAGE_TOO_LARGE",
  );
});

const ALLOWED = [
  ["of 1 GiB beyond loopback", "tcp://0.0.0.0:*", GIB, {}],
  ["of more on loopback", "tcp://127.0.0.1:*", GIB + 1, {}],
  ["of more where -1 is set", "tcp://0.0.0.0:*", GIB + 1, {
    maxMessageSize: -1,
  }],
] as const;
for (const [what, address, size, options] of ALLOWED) {
  test(`a message ${what} is accepted`, async (t) => {
    const { pull, log, endpoint } = await promised(t, address, size, options);
    const other = t.use(await FakePeer.connect(endpoint));
    await other.shakeHands("PUSH");
    await other.send("\x00\x05hello");
    const [text] = await within(pull.receive(), STEP_MS, "the other's message");
    assertEquals(`${text}`, "hello");
    assertEquals(log.count("handshake:error:protocol"), 0);
  });
}

test("a command of the handshake has at most 64 KiB, whatever maxMessageSize is", async (t) => {
  const pull = t.use(new zmq.Pull({ maxMessageSize: GIB }));
  const log = new EventLog(pull);
  await pull.bind("tcp://127.0.0.1:*");
  const peer = t.use(await FakePeer.connect(pull.lastEndpoint!));
  await peer.send(bytes(greeting(), longHeader(65_537, COMMAND)));
  const { error } = await log.next("handshake:error:protocol");
  assertEquals(
    (error as zmq.ProtocolError).code,
    "ERR_ZMTP_MESSAGE_TOO_LARGE",
  );
});
