// Every pair of the draft types, over every transport, in both bind directions,
// exchanges messages of one byte, of none, and of 1 MiB.
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { sameBytes } from "../../support/bytes.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { TRANSPORTS, untilReceived } from "./pairs.ts";

const MESSAGES: readonly Uint8Array[] = [
  new Uint8Array([1]),
  new Uint8Array(0),
  new Uint8Array(1024 * 1024).map((_, i) => i * 7),
];

/** One direction between two types: how to make its ends, and how a message goes. */
interface Flow {
  readonly name: string;
  make(t: TestContext): Ends;
}

interface Ends {
  readonly from: zmq.Socket;
  readonly to: zmq.Socket;
  /** Connects one end to the other, where that takes more than an address. */
  connect?(address: string, isSenderBound: boolean): Promise<void>;
  /** What must be before the first message. */
  prepare?(): Promise<void>;
  send(body: Uint8Array): Promise<void>;
  receive(): Promise<Uint8Array>;
}

const FLOWS: readonly Flow[] = [
  {
    name: "CLIENT to SERVER",
    make(t) {
      const from = t.use(new zmq.Client());
      const to = t.use(new zmq.Server());
      return {
        from,
        to,
        send: (body) => from.send(body),
        receive: async () => (await to.receive())[0],
      };
    },
  },
  {
    name: "SERVER to CLIENT",
    make(t) {
      const from = t.use(new zmq.Server());
      const to = t.use(new zmq.Client());
      let peer: zmq.RoutingId;
      return {
        from,
        to,
        async prepare() {
          await to.send("here I am");
          [, peer] = await from.receive();
        },
        send: (body) => from.send(body, peer),
        receive: async () => (await to.receive())[0]!,
      };
    },
  },
  {
    name: "PEER to PEER",
    make(t) {
      const from = t.use(new zmq.Peer());
      const to = t.use(new zmq.Peer());
      let peer: zmq.RoutingId;
      return {
        from,
        to,
        async connect(address, isSenderBound) {
          const [connected, bound] = isSenderBound ? [to, from] : [from, to];
          peer = { routingId: connected.connectPeer(address) };
          if (!isSenderBound) return;
          // The bound side knows a peer once it has received from it.
          await connected.send("here I am", peer);
          [, peer] = await bound.receive();
        },
        send: (body) => from.send(body, peer),
        receive: async () => (await to.receive())[0],
      };
    },
  },
  {
    name: "CHANNEL to CHANNEL",
    make(t) {
      const from = t.use(new zmq.Channel());
      const to = t.use(new zmq.Channel());
      return {
        from,
        to,
        send: (body) => from.send(body),
        receive: async () => (await to.receive())[0]!,
      };
    },
  },
  {
    name: "SCATTER to GATHER",
    make(t) {
      const from = t.use(new zmq.Scatter());
      const to = t.use(new zmq.Gather());
      return {
        from,
        to,
        send: (body) => from.send(body),
        receive: async () => (await to.receive())[0]!,
      };
    },
  },
  {
    name: "RADIO to DISH",
    make(t) {
      const from = t.use(new zmq.Radio());
      const to = t.use(new zmq.Dish());
      return {
        from,
        to,
        async prepare() {
          to.join("a group");
          await untilReceived(from, to, "a group");
        },
        send: (body) => from.send(body, { group: "a group" }),
        async receive() {
          const [body, { group }] = await to.receive();
          assertEquals(String(group), "a group");
          return body;
        },
      };
    },
  },
];

for (const transport of TRANSPORTS) {
  for (const isSenderBound of [true, false]) {
    for (const { name, make } of FLOWS) {
      const who = isSenderBound ? "sender" : "receiver";
      test(
        `${name} over ${transport.name}, the ${who} binds`,
        { skip: transport.skip },
        async (t) => {
          const ends = make(t);
          const [bound, connected] = isSenderBound
            ? [ends.from, ends.to]
            : [ends.to, ends.from];
          await bound.bind(await transport.address(t));
          const address = bound.lastEndpoint!;
          if (ends.connect) await ends.connect(address, isSenderBound);
          else connected.connect(address);
          await ends.prepare?.();
          for (const message of MESSAGES) {
            await ends.send(message);
            const got = await within(ends.receive(), 5000, "the message");
            assert(sameBytes(got, message), `${got.byteLength} bytes`);
          }
        },
      );
    }
  }
}
