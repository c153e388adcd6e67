/** Interoperability of STREAM with libzmq's, in zeromq.js and in pyzmq. */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, sameBytes } from "../../support/bytes.ts";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { pyzmqPeer, zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer, type PeerSocket } from "../../support/peers/peer.ts";
import { STEP_MS } from "./party.ts";

for (const kind of [zeromqPeer(), pyzmqPeer()]) {
  if (kind.missing) {
    test(`STREAMs of ${kind.name}`, { skip: kind.missing }, () => {});
  } else conversations(new Peer(kind));
}

function conversations(peer: Peer): void {
  const { name } = peer.kind;

  for (const binder of ["we", "they"]) {
    test(`our STREAM and that of ${name} exchange bytes, ${binder} bind`, async (t) => {
      const ours = t.use(new zmq.Stream({ linger: 0 }));
      const theirs = await joined(t, peer, ours, binder);
      const [ourId, beginning] = await next(ours);
      assertEquals(beginning, "");
      const [theirId, theirBeginning] = await receive(theirs);
      assertEquals(theirBeginning.byteLength, 0);

      await ours.send([ourId, "from us"]);
      assertEquals((await receive(theirs)).map(text), [
        text(theirId),
        "from us",
      ]);
      await theirs.send(theirId, "from them");
      assertEquals((await next(ours))[1], "from them");

      const large = pattern(1024 * 1024);
      await ours.send([ourId, large]);
      let size = 0;
      while (size < large.byteLength) {
        const [, part] = await receive(theirs);
        assert(sameBytes(part, large.subarray(size, size + part.byteLength)));
        size += part.byteLength;
      }
      await theirs.send(theirId, large);
      for (size = 0; size < large.byteLength;) {
        const [, part] = await within(ours.receive(), STEP_MS, "bytes");
        assert(sameBytes(part!, large.subarray(size, size + part!.byteLength)));
        size += part!.byteLength;
      }
    });

    test(`either side closes, we or the STREAM of ${name}; ${binder} bind`, async (t) => {
      const ours = t.use(new zmq.Stream({ linger: 0 }));
      const theirs = await joined(t, peer, ours, binder);
      const [ourId] = await next(ours);
      const [theirId] = await receive(theirs);
      if (binder === "we") {
        await ours.send([ourId, "bye"]);
        await ours.send([ourId, ""]);
        assertEquals((await receive(theirs)).map(text), [text(theirId), "bye"]);
        assertEquals((await receive(theirs)).map(text), [text(theirId), ""]);
      } else {
        await theirs.send(theirId, "");
        // libzmq closes in several steps, some of which it leaves for later calls.
        await eventually(async () => {
          await theirs.ask("attend", {});
          return ours.readable;
        });
        assertEquals(await next(ours), [ourId, ""]);
      }
    });
  }
}

/** Joins both; neither tries again once the connection is over. */
async function joined(
  t: TestContext,
  peer: Peer,
  ours: zmq.Stream,
  binder: string,
): Promise<PeerSocket> {
  const theirs = await peer.open(t, "STREAM", { reconnectInterval: 60_000 });
  ours.reconnectInterval = 60_000;
  if (binder === "we") {
    await ours.bind("tcp://127.0.0.1:*");
    await theirs.connect(ours.lastEndpoint!);
  } else ours.connect(await theirs.bind("tcp://127.0.0.1:*"));
  return theirs;
}

async function next(ours: zmq.Stream): Promise<[Uint8Array, string]> {
  const [id, body] = await within(ours.receive(), STEP_MS, "a message");
  return [id!, String(body)];
}

async function receive(
  theirs: PeerSocket,
): Promise<[Uint8Array, Uint8Array]> {
  const frames = await within(theirs.receive(), STEP_MS, "what they receive");
  assertEquals(frames.length, 2);
  return frames as [Uint8Array, Uint8Array];
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
