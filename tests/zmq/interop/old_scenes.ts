/**
 * Interoperability. Short scenes with one socket, ours or libzmq's, and a peer
 * that speaks ZMTP 2.0 or 1.0 by hand, to record what the socket says to it.
 *
 * @module
 */
import type { TestContext } from "../../support/harness.ts";
import { FakeListener } from "../../support/fake_peer.ts";
import type { Age } from "../../support/peers/ageing.ts";
import { oldGreeting, oldMessage } from "../../support/peers/old_bytes.ts";
import type { Frame } from "../../support/peers/peer.ts";
import { bytes } from "../../support/peers/zmtp_bytes.ts";
import type { Party } from "./party.ts";

/** One thing that happens. */
export type Step =
  | { readonly send: readonly string[] }
  | { readonly subscribe: string }
  | { readonly unsubscribe: string }
  /** The peer says something, and the socket's application receives something. */
  | { readonly receive: readonly string[] };

/** A scene. The last that the socket says ends with "end", if it says anything. */
export interface Scene {
  readonly type: string;
  readonly options?: { readonly routingId: string };
  /** What the peer says it is. */
  readonly peer: string;
  readonly steps: readonly Step[];
  /** What reaches the peer: messages, each one's frames. */
  readonly arrives: readonly (readonly string[])[];
}

const LONG = [253, 254, 255, 256].map((size) => "x".repeat(size));

/** The scenes; each name is that of the socket's type. */
export const SCENES: readonly Scene[] = [
  {
    type: "PAIR",
    peer: "PAIR",
    steps: [{ send: ["a", "", "b"] }, { receive: ["c"] }, { send: ["end"] }],
    arrives: [["a", "", "b"], ["end"]],
  },
  { type: "PUB", peer: "SUB", steps: [], arrives: [] },
  {
    type: "SUB",
    peer: "PUB",
    steps: [
      { subscribe: "abc" },
      { subscribe: "" },
      { subscribe: "x".repeat(253) },
      { unsubscribe: "abc" },
      { receive: ["news"] },
      { subscribe: "end" },
    ],
    arrives: [
      ["\x01abc"],
      ["\x01"],
      [`\x01${"x".repeat(253)}`],
      ["\x00abc"],
      ["\x01end"],
    ],
  },
  {
    type: "REQ",
    options: { routingId: "me" },
    peer: "REP",
    steps: [
      { send: ["question"] },
      { receive: ["", "answer"] },
      { send: ["another", "end"] },
    ],
    arrives: [["", "question"], ["", "another", "end"]],
  },
  {
    type: "REP",
    options: { routingId: "me" },
    peer: "REQ",
    steps: [{ receive: ["", "question"] }, { send: ["answer", "end"] }],
    arrives: [["", "answer", "end"]],
  },
  {
    type: "DEALER",
    options: { routingId: "me" },
    peer: "ROUTER",
    steps: [{ send: ["", "a"] }, { receive: ["b"] }, { send: ["end"] }],
    arrives: [["", "a"], ["end"]],
  },
  {
    type: "ROUTER",
    options: { routingId: "us" },
    peer: "DEALER",
    steps: [{ receive: ["hello"] }, { send: ["you", "hello", "end"] }],
    arrives: [["hello", "end"]],
  },
  { type: "PULL", peer: "PUSH", steps: [{ receive: ["a"] }], arrives: [] },
  {
    type: "PUSH",
    peer: "PULL",
    steps: [...LONG.map((text) => ({ send: [text, text] })), { send: ["end"] }],
    arrives: [...LONG.map((text) => [text, text]), ["end"]],
  },
  {
    type: "XPUB",
    peer: "XSUB",
    steps: [{ receive: ["\x01"] }, { send: ["abc", "end"] }],
    arrives: [["abc", "end"]],
  },
  {
    type: "XSUB",
    peer: "XPUB",
    steps: [
      { send: ["\x01abc"] },
      { send: ["\x00abc"] },
      { send: ["up", "end"] },
    ],
    arrives: [["\x01abc"], ["\x00abc"], ["up", "end"]],
  },
];

/** A scene is played by a socket, which connects to a peer of this age; resolves to the bytes that the socket has said. */
export async function playScene(
  t: TestContext,
  { peer, steps, arrives }: Scene,
  age: Age,
  socket: Party,
): Promise<Uint8Array> {
  const listener = t.use(await FakeListener.listen());
  await socket.connect(listener.endpoint);
  const fake = await listener.accept();
  await fake.send(oldGreeting(age, peer, "you"));
  for (const step of steps) {
    if ("send" in step) await socket.send(...step.send as Frame[]);
    else if ("subscribe" in step) await socket.subscribe(step.subscribe);
    else if ("unsubscribe" in step) await socket.unsubscribe(step.unsubscribe);
    else {
      await fake.send(oldMessage(age, ...step.receive));
      await socket.receive();
    }
  }
  const said: Uint8Array[] = [];
  if (arrives.length === 0) {
    // An empty identity ends the greeting; without one it is a part of the signature.
    said.push(await fake.read(age === "1.0 without a greeting" ? 10 : 14));
  } else {
    for (let tail = ""; !tail.endsWith("end");) {
      const byte = await fake.read(1);
      said.push(byte);
      tail = tail.slice(-2) + String.fromCharCode(byte[0]!);
    }
  }
  await fake.close();
  return bytes(...said);
}
