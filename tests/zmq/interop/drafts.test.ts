/**
 * Interoperability of the draft types with libzmq, in the build of `npm:zeromq`:
 * CLIENT and SERVER, RADIO and DISH, SCATTER and GATHER; CHANNEL is in the
 * conformance table, and zeromq.js cannot drive a PEER.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, sameBytes } from "../../support/bytes.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { zeromqPeer } from "../../support/peers/kinds.ts";
import {
  Peer,
  type PeerOptions,
  type PeerSocket,
} from "../../support/peers/peer.ts";
import { STEP_MS } from "./party.ts";

/** What zeromq.js gives beside a message. */
interface From {
  readonly routingId?: number;
  readonly group?: string;
}

async function send(
  theirs: PeerSocket,
  body: string | Uint8Array,
  to?: From,
): Promise<void> {
  const head = to === undefined ? [] : [`${to.routingId ?? to.group}`];
  await within(theirs.send(...head, body), STEP_MS, "them to send");
}

async function receive(theirs: PeerSocket): Promise<[Uint8Array, From]> {
  const frames = await within(theirs.receive(), STEP_MS, "what they receive");
  const [body, head, ...more] = frames.reverse();
  assertEquals(more, []);
  if (head === undefined) return [body!, {}];
  const text = new TextDecoder().decode(head);
  return [
    body!,
    theirs.type === "SERVER" ? { routingId: Number(text) } : { group: text },
  ];
}

async function received(theirs: PeerSocket): Promise<string> {
  return new TextDecoder().decode((await receive(theirs))[0]);
}

function ours<T>(receiving: Promise<T>): Promise<T> {
  return within(receiving, STEP_MS, "what we receive");
}

const kind = zeromqPeer();
const skip = kind.missing || kind.draftless;
if (skip) {
  test("interoperability of drafts", { skip }, () => {});
} else conversations(new Peer(kind));

function conversations(peer: Peer): void {
  const large = pattern(1024 * 1024);

  for (const transport of ["tcp", "ipc"]) {
    for (const binder of ["we", "they"]) {
      const how = `over ${transport}, ${binder} bind`;
      const join = async (
        t: TestContext,
        socket: zmq.Socket,
        theirType: string,
        options: PeerOptions = {},
      ): Promise<PeerSocket> => {
        const theirs = await peer.open(t, theirType, options);
        const address = transport === "tcp"
          ? "tcp://127.0.0.1:*"
          : `ipc://${await t.tempDir()}/s`;
        if (binder === "we") {
          await socket.bind(address);
          await theirs.connect(socket.lastEndpoint!);
        } else socket.connect(await theirs.bind(address));
        return theirs;
      };

      test(`our CLIENT and their SERVER, ${how}`, async (t) => {
        const client = t.use(new zmq.Client());
        const theirs = await join(t, client, "SERVER");
        await client.send("question");
        const [question, from] = await receive(theirs);
        assertEquals(new TextDecoder().decode(question), "question");
        await send(theirs, "answer", from);
        assertEquals(String(await ours(client.receive())), "answer");
        await client.send(large);
        const [body, again] = await receive(theirs);
        assert(sameBytes(body, large));
        assertEquals(again, from);
        await send(theirs, large, from);
        assert(sameBytes((await ours(client.receive()))[0]!, large));
      });

      test(`our SERVER and their CLIENT, ${how}`, async (t) => {
        const server = t.use(new zmq.Server());
        const theirs = await join(t, server, "CLIENT");
        await send(theirs, "question");
        const [question, from] = await ours(server.receive());
        assertEquals(String(question), "question");
        await server.send("answer", from);
        await server.send("", from);
        assertEquals(await received(theirs), "answer");
        assertEquals(await received(theirs), "");
      });

      test(`our SCATTER and their GATHER, ${how}`, async (t) => {
        const scatter = t.use(new zmq.Scatter());
        const theirs = await join(t, scatter, "GATHER");
        for (const body of ["1", "", "2"]) await scatter.send(body);
        for (const body of ["1", "", "2"]) {
          assertEquals(await received(theirs), body);
        }
      });

      test(`our GATHER and their SCATTER, ${how}`, async (t) => {
        const gather = t.use(new zmq.Gather());
        const theirs = await join(t, gather, "SCATTER");
        for (const body of ["1", "", "2"]) await send(theirs, body);
        for (const body of ["1", "", "2"]) {
          assertEquals(String(await ours(gather.receive())), body);
        }
      });

      test(`our RADIO and their DISH, ${how}`, async (t) => {
        const radio = t.use(new zmq.Radio());
        const theirs = await join(t, radio, "DISH");
        await theirs.subscribe("news");
        await theirs.subscribe("mark");
        await untilTheyReceive(radio, theirs, "mark");
        for (const group of ["new", "news", "newsy"]) {
          await radio.send(`in ${group}`, { group });
        }
        const [body, from] = await receive(theirs);
        assertEquals(new TextDecoder().decode(body), "in news");
        assertEquals(from, { group: "news" });
        await radio.send(large, { group: "news" });
        assert(sameBytes((await receive(theirs))[0], large));
        await theirs.unsubscribe("news");
        await theirs.subscribe("later");
        await untilTheyReceive(radio, theirs, "later");
        await radio.send("left", { group: "news" });
        await radio.send("the end", { group: "mark" });
        assertEquals(await received(theirs), "the end");
      });

      test(`our DISH and their RADIO, ${how}`, async (t) => {
        const dish = t.use(new zmq.Dish());
        dish.join("news");
        const theirs = await join(t, dish, "RADIO");
        dish.join("mark", "x".repeat(255));
        await untilWeReceive(theirs, dish, "mark");
        for (const group of ["new", "news", "newsy"]) {
          await send(theirs, `in ${group}`, { group });
        }
        const [body, { group }] = await ours(dish.receive());
        assertEquals([String(body), String(group)], ["in news", "news"]);
        await send(theirs, "long", { group: "x".repeat(255) });
        assertEquals(String((await ours(dish.receive()))[0]), "long");
        dish.leave("news");
        dish.join("later");
        await untilWeReceive(theirs, dish, "later");
        await send(theirs, "left", { group: "news" });
        await send(theirs, "the end", { group: "mark" });
        assertEquals(String((await ours(dish.receive()))[0]), "the end");
      });
    }
  }

  test("groups are joined again when their RADIO comes back", async (t) => {
    const dish = t.use(new zmq.Dish({ reconnectInterval: 10 }));
    dish.join("g");
    const first = await peer.open(t, "RADIO");
    const endpoint = await first.bind("tcp://127.0.0.1:*");
    dish.connect(endpoint);
    await untilWeReceive(first, dish, "g");
    const lost = new Promise((resolve) =>
      dish.events.once("disconnect", resolve)
    );
    await first.close();
    await within(lost, STEP_MS, "the loss");
    const second = await peer.open(t, "RADIO");
    await second.rebind(endpoint);
    await untilWeReceive(second, dish, "g");
  });

  for (const isServer of [true, false]) {
    const who = isServer ? "our RADIO" : "their RADIO";
    test(`groups are joined under CURVE, ${who} is the server`, async (t) => {
      const server = await zmq.curveKeyPair();
      const client = await zmq.curveKeyPair();
      const asServer = {
        curveServer: true,
        curveSecretKey: server.secretKey,
      };
      const asClient = {
        curveServerKey: server.publicKey,
        curvePublicKey: client.publicKey,
        curveSecretKey: client.secretKey,
      };
      if (isServer) {
        const radio = t.use(new zmq.Radio(asServer));
        await radio.bind("tcp://127.0.0.1:*");
        const theirs = await peer.open(t, "DISH", asClient);
        await theirs.subscribe("g");
        await theirs.connect(radio.lastEndpoint!);
        await untilTheyReceive(radio, theirs, "g");
      } else {
        const dish = t.use(new zmq.Dish(asClient));
        dish.join("g");
        const theirs = await peer.open(t, "RADIO", asServer);
        dish.connect(await theirs.bind("tcp://127.0.0.1:*"));
        await untilWeReceive(theirs, dish, "g");
      }
    });
  }

  test("similar types are not compatible", async (t) => {
    const theirs = await peer.open(t, "SERVER");
    const dealer = t.use(
      new zmq.Dealer({ linger: 0, reconnectInterval: 60_000 }),
    );
    // Either side may be the first to see it, and hang up.
    const first = new Promise<string>((resolve) => {
      for (
        const type of [
          "handshake",
          "handshake:error:protocol",
          "handshake:error:other",
        ] as const
      ) dealer.events.once(type, () => resolve(type));
    });
    dealer.connect(await theirs.bind("tcp://127.0.0.1:*"));
    assert((await within(first, STEP_MS, "the refusal")) !== "handshake");
  });
}

/** Sends to a group until they get it. */
async function untilTheyReceive(
  radio: zmq.Radio,
  theirs: PeerSocket,
  group: string,
): Promise<void> {
  let isReceived = false;
  const first = received(theirs).then(() => isReceived = true);
  while (!isReceived) {
    await radio.send("probe", { group });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await first;
  await radio.send("no more probes", { group });
  while (await received(theirs) !== "no more probes");
}

/** Has them send to a group until we get it. */
async function untilWeReceive(
  theirs: PeerSocket,
  dish: zmq.Dish,
  group: string,
): Promise<void> {
  while (!dish.readable) {
    await send(theirs, "probe", { group });
    await dish.poll(zmq.POLLIN, { timeout: 5 });
  }
  await send(theirs, "no more probes", { group });
  for (;;) {
    const [body] = await ours(dish.receive());
    if (String(body) === "no more probes") return;
  }
}
