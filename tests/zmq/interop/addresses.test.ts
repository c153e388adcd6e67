/** Every form of address in docs/sockets.md, with a libzmq peer at the other end. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import * as zmq from "../../../src/zmq/mod.ts";
import { texts } from "../../support/bytes.ts";
import {
  platform,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { pyzmqPeer, zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { whyNoAbstractNames } from "../sockets/pairs.ts";
import { STEP_MS } from "./party.ts";

interface Form {
  readonly form: string;
  /** What to bind. */
  bound(t: TestContext): Promise<string>;
  /** What to connect to, where that is not the real endpoint. */
  connected?(endpoint: string): string;
  readonly skip?: string | false;
}

const unix = platform === "win32" && "Windows has no ipc";

const FORMS: readonly Form[] = [
  {
    form: "tcp://127.0.0.1:*",
    bound: () => Promise.resolve("tcp://127.0.0.1:*"),
  },
  {
    form: "tcp://*:*",
    bound: () => Promise.resolve("tcp://*:*"),
    connected: (endpoint) => endpoint.replace("0.0.0.0", "127.0.0.1"),
  },
  {
    form: "tcp://localhost:*, a host name",
    bound: () => Promise.resolve("tcp://127.0.0.1:*"),
    connected: (endpoint) => endpoint.replace("127.0.0.1", "localhost"),
  },
  {
    form: "tcp://source;target",
    bound: () => Promise.resolve("tcp://127.0.0.1:*"),
    connected: (endpoint) => endpoint.replace("tcp://", "tcp://127.0.0.1:0;"),
  },
  {
    form: "ipc:///path",
    bound: async (t) => `ipc://${join(await t.tempDir(), "s")}`,
    skip: unix,
  },
  {
    form: "ipc:///path of the greatest length",
    bound: async (t) => {
      const folder = `ipc://${await t.tempDir()}/`;
      const most = platform === "linux" ? 107 : 103;
      return folder + "x".repeat(most - (folder.length - "ipc://".length));
    },
    skip: unix,
  },
  {
    form: "ipc://@name",
    bound: () => Promise.resolve(`ipc://@${crypto.randomUUID()}`),
    skip: whyNoAbstractNames(),
  },
];

for (const kind of [zeromqPeer(), pyzmqPeer()]) {
  if (kind.missing) {
    test(`addresses of ${kind.name}`, { skip: kind.missing }, () => {});
  } else conversations(new Peer(kind));
}

function conversations(peer: Peer): void {
  for (const { form, bound, connected = same, skip } of FORMS) {
    test(
      `${form}: we bind, ${peer.kind.name} connects`,
      { skip },
      async (t) => {
        const pull = t.use(new zmq.Pull());
        await pull.bind(await bound(t));
        const push = await peer.open(t, "PUSH");
        await push.connect(connected(pull.lastEndpoint!));
        await push.send("from them");
        const got = await within(pull.receive(), STEP_MS, "the message");
        assertEquals(texts(got), ["from them"]);
      },
    );

    test(
      `${form}: ${peer.kind.name} binds, we connect`,
      { skip },
      async (t) => {
        const pull = await peer.open(t, "PULL");
        const endpoint = await pull.bind(await bound(t));
        const push = t.use(new zmq.Push({ linger: 0 }));
        push.connect(connected(endpoint));
        await push.send("from us");
        const got = await within(pull.receive(), STEP_MS, "the message");
        assertEquals(texts(got), ["from us"]);
      },
    );
  }
}

function same(endpoint: string): string {
  return endpoint;
}
