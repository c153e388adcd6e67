/**
 * Interoperability. CURVE with a peer on libzmq, each side as the server, each
 * side bound; and a wrong key, which lets nobody in.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import type { Peer } from "../../support/peers/peer.ts";
import { link, next, Ours, STEP_MS } from "./party.ts";

const SIZES = [0, 1, 255, 256, 70_000];

/** Declares the tests. */
export function security(peer: Peer, name: string): void {
  for (const binds of ["ours", "theirs"] as const) {
    for (const serves of ["ours", "theirs"] as const) {
      test(`CURVE with ${name}: ${serves} the server, ${binds} bound`, async (t) => {
        const server = await zmq.curveKeyPair();
        const client = await zmq.curveKeyPair();
        const asServer = {
          curveServer: true,
          curvePublicKey: server.publicKey,
          curveSecretKey: server.secretKey,
        };
        const asClient = {
          curveServerKey: server.publicKey,
          curvePublicKey: client.publicKey,
          curveSecretKey: client.secretKey,
        };
        const isOurs = serves === "ours";
        const [our, their] = await link(t, peer, "DEALER", "DEALER", {
          binds,
          ours: isOurs ? asServer : asClient,
          theirs: isOurs ? asClient : asServer,
        });
        for (const size of SIZES) {
          const body = new Uint8Array(size).map((_, i) => i * 7);
          await our.send(body, "end");
          const [there] = await their.receive();
          assertEquals(there!.byteLength, size);
          await their.send(there!, "end");
          const [back] = await our.receive();
          assertEquals([...back!], [...body]);
        }
      });
    }
  }

  test(`CURVE with ${name}: their SUB subscribes at our XPUB`, async (t) => {
    const server = await zmq.curveKeyPair();
    const client = await zmq.curveKeyPair();
    const [our, their] = await link(t, peer, "XPUB", "SUB", {
      ours: { curveServer: true, curveSecretKey: server.secretKey },
      theirs: {
        curveServerKey: server.publicKey,
        curvePublicKey: client.publicKey,
        curveSecretKey: client.secretKey,
      },
    });
    await their.subscribe("a");
    const [event] = await our.receive();
    assertEquals([...event!], [1, 97]);
    await our.send("a", "told in secret");
    assertEquals((await their.receive()).length, 2);
  });

  test(`CURVE with ${name}: a key that is not on our list is refused`, async (t) => {
    const server = await zmq.curveKeyPair();
    const [listed, stranger] = [
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
    ];
    const our = t.use(
      new Ours("PULL", {
        curveServer: true,
        curveSecretKey: server.secretKey,
        curveAllowedKeys: [listed.publicKey],
      }),
    );
    const refused = next(our, "handshake:error:auth");
    const endpoint = await our.bind("tcp://127.0.0.1:*");
    for (const { publicKey, secretKey } of [stranger, listed]) {
      const their = await peer.open(t, "PUSH", {
        curveServerKey: server.publicKey,
        curvePublicKey: publicKey,
        curveSecretKey: secretKey,
      });
      await their.connect(endpoint);
      if (publicKey === stranger.publicKey) {
        const { error } = await within(refused, STEP_MS, "the refusal");
        assertEquals(error.status, 400);
      } else {
        await their.send("let in");
        assertEquals(String((await our.receive())[0]), "let in");
      }
    }
  });
}
