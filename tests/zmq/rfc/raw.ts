/**
 * Test support. Raw peers that stand against a socket, for the tests of RFC
 * clauses: one that has shaken hands, and the messages on its wire.
 *
 * @module
 */
import type { Socket } from "../../../src/zmq/mod.ts";
import { type FakeOptions, FakePeer } from "../../support/fake_peer.ts";
import { type TestContext, within } from "../../support/harness.ts";
import {
  bytes,
  COMMAND,
  command,
  handshake,
  message,
  MORE,
} from "../../support/peers/zmtp_bytes.ts";
import { once, TCP } from "../sockets/pairs.ts";

/** How long any one thing may take. */
export const STEP_MS = 3000;

/** The names that socket types have in the handshake. */
export type TypeName =
  | "REQ"
  | "REP"
  | "DEALER"
  | "ROUTER"
  | "PUB"
  | "SUB"
  | "XPUB"
  | "XSUB"
  | "PUSH"
  | "PULL"
  | "PAIR"
  | "CLIENT"
  | "SERVER"
  | "RADIO"
  | "DISH"
  | "SCATTER"
  | "GATHER"
  | "CHANNEL"
  | "PEER";

/** Binds the socket where that is still to do, and joins it as a raw peer. */
export async function join(
  t: TestContext,
  socket: Socket,
  type: TypeName,
  identity = "",
  options: FakeOptions = {},
): Promise<FakePeer> {
  if (socket.lastEndpoint === null) await socket.bind(TCP);
  const met = once(socket, "handshake");
  const peer = t.use(await FakePeer.connect(socket.lastEndpoint!, options));
  if (options.isReading === false) await peer.send(handshake(type, identity));
  else await peer.shakeHands(type, identity);
  await within(met, STEP_MS, "the handshake");
  return peer;
}

/** The frames of the next message; commands are passed over. */
export async function readMessage(peer: FakePeer): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for (;;) {
    const { flags, body } = await peer.readFrame();
    if ((flags & COMMAND) !== 0) continue;
    frames.push(body);
    if ((flags & MORE) === 0) return frames;
  }
}

/** The next message as text. */
export async function readTexts(peer: FakePeer): Promise<string[]> {
  return (await readMessage(peer)).map((frame) =>
    new TextDecoder().decode(frame)
  );
}

/** Sends a message of these frames. */
export function say(
  peer: FakePeer,
  ...frames: (string | Uint8Array)[]
): Promise<void> {
  return peer.send(message(...frames));
}

/** Sends whole messages, one behind the other, in one piece. */
export function flood(
  peer: FakePeer,
  count: number,
  ...frames: string[]
): Promise<void> {
  const one = message(...frames);
  const all = new Uint8Array(one.byteLength * count);
  for (let i = 0; i < count; i++) all.set(one, i * one.byteLength);
  return peer.send(all);
}

/** Waits until the socket has read all that the peer sent. */
export async function allRead(peer: FakePeer): Promise<void> {
  await peer.send(command("PING", bytes(0, 0, "all read?")));
  for (;;) {
    const { body } = await peer.readFrame();
    if (new TextDecoder().decode(body) === "\x04PONGall read?") return;
  }
}
