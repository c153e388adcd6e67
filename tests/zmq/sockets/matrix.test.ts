// Every legal pair of socket types, over every transport, in both bind
// directions, exchanges messages of one and more frames, of no byte and of 1 MiB.
import { assertEquals } from "@std/assert";
import {
  createSocket,
  type DuplexSocket,
  type Message,
  type Socket,
  type SocketType,
} from "../../../src/zmq/mod.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { joined, TRANSPORTS } from "./pairs.ts";

const large = new Uint8Array(1024 * 1024).map((_, i) => i * 7);

/** Messages that each direction carries, as frames. */
const MESSAGES: readonly Message[] = [
  [new Uint8Array([1])],
  [new Uint8Array(0), new Uint8Array(300).fill(9), new Uint8Array(0)],
  [new TextEncoder().encode("text"), large],
];

/** How a sender must address its peer, and what is left of it at the receiver. */
interface Flow {
  readonly from: SocketType;
  readonly to: SocketType;
  /** What both ends do before the first message. */
  prepare?(from: Socket, to: Socket): Promise<void>;
  /** Frames to put before a message. */
  head?: Message;
  /** How many frames the receiver sees before it. */
  seen?: number;
}

const id = new TextEncoder().encode("me");
const empty = new Uint8Array(0);
const anybody = async (from: Socket, to: Socket) => {
  (to as zmq.Subscriber).subscribe("");
  await (from as zmq.XPublisher).receive();
};
const xanybody = async (from: Socket, to: Socket) => {
  await (to as zmq.XSubscriber).send("\x01");
  await (from as zmq.XPublisher).receive();
};

const FLOWS: readonly Flow[] = [
  { from: zmq.PUSH, to: zmq.PULL },
  { from: zmq.PAIR, to: zmq.PAIR },
  { from: zmq.DEALER, to: zmq.DEALER },
  { from: zmq.DEALER, to: zmq.ROUTER, seen: 1 },
  { from: zmq.ROUTER, to: zmq.DEALER, head: [id] },
  { from: zmq.ROUTER, to: zmq.ROUTER, head: [id], seen: 1 },
  { from: zmq.DEALER, to: zmq.REP, head: [empty] },
  { from: zmq.REQ, to: zmq.REP },
  { from: zmq.REQ, to: zmq.ROUTER, seen: 2 },
  { from: zmq.XPUB, to: zmq.SUB, prepare: anybody },
  { from: zmq.XPUB, to: zmq.XSUB, prepare: xanybody },
  { from: zmq.PUB, to: zmq.SUB, prepare: probed },
  { from: zmq.PUB, to: zmq.XSUB, prepare: probed },
];

for (const transport of TRANSPORTS) {
  for (const isSenderBound of [true, false]) {
    const name = (flow: Flow) =>
      `${zmq.SOCKET_TYPE_NAMES[flow.from]} to ${
        zmq.SOCKET_TYPE_NAMES[flow.to]
      } over ${transport.name}, the ${
        isSenderBound ? "sender" : "receiver"
      } binds`;
    for (const flow of FLOWS) {
      test(name(flow), { skip: transport.skip }, async (t) => {
        const isRouted = flow.from === zmq.ROUTER;
        const from = t.use(createSocket(flow.from));
        const to = t.use(
          createSocket(flow.to, isRouted ? { routingId: "me" } : {}),
        );
        if (isRouted) (from as zmq.Router).mandatory = true;
        const address = await transport.address(t);
        const connected = to.events;
        const handshake = new Promise((resolve) =>
          connected.once("handshake", resolve)
        );
        if (isSenderBound) await joined(from, to, address);
        else await joined(to, from, address);
        await flow.prepare?.(from, to);
        if (isRouted) await within(handshake, 5000, "the handshake");
        for (const message of MESSAGES) {
          const sent = [...flow.head ?? [], ...message];
          await routed(() => (from as DuplexSocket).send(sent));
          const got = await within(
            (to as DuplexSocket).receive(),
            5000,
            "the message",
          );
          const seen = flow.seen ?? 0;
          assertEquals(got.length, message.length + seen);
          message.forEach((frame, i) =>
            assertEquals(Buffer.compare(frame, got[i + seen]!), 0)
          );
          if (flow.to === zmq.REP || flow.from === zmq.REQ) {
            const back = flow.to === zmq.ROUTER
              ? [got[0]!, got[1]!, "answer"]
              : ["answer"];
            await (to as DuplexSocket).send(back);
            await (from as DuplexSocket).receive();
          }
        }
      });
    }
  }
}

/** The other end of a ROUTER's handshake may be a moment behind. */
async function routed(send: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if ((error as zmq.ZmqError).code !== "EHOSTUNREACH") throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** A PUB does not report who has subscribed: publish until the first message arrives. */
async function probed(from: Socket, to: Socket): Promise<void> {
  const pub = from as zmq.Publisher;
  const probe = "\x02probe";
  if (to instanceof zmq.Subscriber) to.subscribe("");
  else await (to as zmq.XSubscriber).send("\x01");
  const receiver = to as DuplexSocket;
  while (!receiver.readable) {
    await pub.send(probe);
    await receiver.poll(zmq.POLLIN, { timeout: 5 });
  }
  while (receiver.readable) receiver.tryReceive();
  // Probes that are still on their way are behind a mark.
  await pub.send("\x02mark");
  for (;;) {
    const [frame] = await receiver.receive();
    if (new TextDecoder().decode(frame) === "\x02mark") return;
  }
}
