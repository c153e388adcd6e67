/**
 * Interoperability. REQ and REP: in step, behind proxies, and with the options
 * that let a REQ go on without its answer.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ZmqError } from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import type { Peer } from "../../support/peers/peer.ts";
import { link, Ours, shown } from "./party.ts";

/** Declares the tests. */
export function requests(peer: Peer, name: string): void {
  test(`REQ and REP of ${name} work through our ROUTER and DEALER`, async (t) => {
    const front = t.use(new Ours("ROUTER"));
    const back = t.use(new Ours("DEALER"));
    const [client, server] = [
      await peer.open(t, "REQ"),
      await peer.open(t, "REP"),
    ];
    await client.connect(await front.bind("tcp://127.0.0.1:*"));
    await server.connect(await back.bind("tcp://127.0.0.1:*"));
    await client.send("question", "in two frames");
    await back.send(...await front.receive());
    assertEquals(shown(await server.receive()), ["question", "in two frames"]);
    await server.send("answer");
    await front.send(...await back.receive());
    assertEquals(shown(await client.receive()), ["answer"]);
  });

  test(`our REQ and REP work through ${name}'s ROUTER and DEALER`, async (t) => {
    const [front, back] = [
      await peer.open(t, "ROUTER"),
      await peer.open(t, "DEALER"),
    ];
    const [client, server] = [t.use(new Ours("REQ")), t.use(new Ours("REP"))];
    client.connect(await front.bind("tcp://127.0.0.1:*"));
    server.connect(await back.bind("tcp://127.0.0.1:*"));
    await client.send("question", "in two frames");
    await back.send(...await front.receive());
    assertEquals((await server.receive()).map(String), [
      "question",
      "in two frames",
    ]);
    await server.send("answer");
    await front.send(...await back.receive());
    assertEquals((await client.receive()).map(String), ["answer"]);
  });

  test(`our REQ keeps step with ${name}'s REP`, async (t) => {
    const [ours, theirs] = await link(t, peer, "REQ", "REP");
    for (const n of ["1", "2", "3"]) {
      assertEquals(await codeOf(ours.socket.receive({ timeout: 0 })), "EFSM");
      await ours.send(n);
      assertEquals(
        await codeOf(
          ours.socket.send("too soon", { timeout: 0 }),
        ),
        "EFSM",
      );
      assertEquals(shown(await theirs.receive()), [n]);
      await theirs.send(`re ${n}`);
      assertEquals((await ours.receive()).map(String), [`re ${n}`]);
    }
  });

  test(`our REP keeps step with ${name}'s REQ, and serves two in turn`, async (t) => {
    const [ours, first, endpoint] = await link(t, peer, "REP", "REQ");
    const second = await peer.open(t, "REQ");
    await second.connect(endpoint);
    for (const n of ["1", "2", "3"]) {
      assertEquals(
        await codeOf(
          ours.socket.send("too soon", { timeout: 0 }),
        ),
        "EFSM",
      );
      await Promise.all([first.send(n, "first"), second.send(n, "second")]);
      for (let i = 0; i < 2; i++) {
        const question = await ours.receive();
        assertEquals(await codeOf(ours.socket.receive({ timeout: 0 })), "EFSM");
        await ours.send("re", ...question);
      }
      assertEquals(shown(await first.receive()), ["re", n, "first"]);
      assertEquals(shown(await second.receive()), ["re", n, "second"]);
    }
  });

  test(`REQ with correlate works between us and ${name}, both ways`, async (t) => {
    const options = { relaxed: true, correlate: true };
    const [req, rep] = await link(t, peer, "REQ", "REP", { ours: options });
    await req.send("one");
    await rep.receive();
    await req.send("two");
    await rep.send("late answer to one");
    assertEquals(shown(await rep.receive()), ["two"]);
    await rep.send("answer to two");
    assertEquals((await req.receive()).map(String), ["answer to two"]);

    const [ours, theirs] = await link(t, peer, "REP", "REQ", {
      theirs: options,
    });
    await theirs.send("one");
    await ours.receive();
    await theirs.send("two");
    await ours.send("late answer to one");
    assertEquals((await ours.receive()).map(String), ["two"]);
    await ours.send("answer to two");
    assertEquals(shown(await theirs.receive()), ["answer to two"]);
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error: unknown) {
    return (error as ZmqError).code;
  }
}
