/**
 * Interoperability. Pairs of socket types that are not legal (`conformance.ts`
 * has those that are), large messages, and many messages in order.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { test, within } from "../../support/harness.ts";
import type { Peer } from "../../support/peers/peer.ts";
import { link, next, Ours, series, shown, STEP_MS } from "./party.ts";

const COUNT = 10_000;

/** Declares the tests. */
export function patterns(peer: Peer, name: string): void {
  test(`a large message goes to ${name} and back`, async (t) => {
    const [ours, theirs] = await link(t, peer, "PAIR", "PAIR");
    const message = [new Uint8Array(5 << 20).map((_, i) => (i * 31) >> 3)];
    await ours.send(...message);
    const there = await theirs.receive();
    assertEquals(shown(there), shown(message));
    await theirs.send(...there);
    assertEquals(shown(await ours.receive()), shown(message));
  });

  for (const [ours, theirs] of [["PUSH", "PUSH"], ["SUB", "REP"]] as const) {
    test(`our ${ours} refuses ${name}'s ${theirs}, and says so`, async (t) => {
      const our = t.use(new Ours(ours));
      // Listened for before anybody connects: libzmq does not try again.
      const refused = next(our, "handshake:error:protocol");
      const their = await peer.open(t, theirs);
      await their.connect(await our.bind("tcp://127.0.0.1:*"));
      const { error } = await within(refused, STEP_MS, "the refusal");
      assertEquals(
        (error as Error & { code: string }).code,
        "ERR_ZMTP_INVALID_METADATA",
      );
      assertEquals(error.message, `${ours} and ${theirs} are not compatible`);
    });
  }

  for (const [first, second] of [["PUSH", "PULL"], ["PAIR", "PAIR"]] as const) {
    test(`${COUNT} messages of our ${first} reach ${name}'s ${second} in order`, async (t) => {
      const [ours, theirs] = await link(t, peer, first, second);
      const received = theirs.receiveSeries(COUNT);
      await ours.sendSeries(COUNT);
      assertEquals(await received, series(COUNT));
    });
    test(`${COUNT} messages of ${name}'s ${first} reach our ${second} in order`, async (t) => {
      const [ours, theirs] = await link(t, peer, second, first);
      const received = ours.receiveSeries(COUNT);
      await theirs.sendSeries(COUNT);
      assertEquals(await received, series(COUNT));
    });
  }

  test(`${COUNT} messages go both ways at once, our DEALER and ${name}'s ROUTER`, async (t) => {
    const [ours, theirs] = await link(t, peer, "DEALER", "ROUTER", {
      theirs: { sendHighWaterMark: 0 }, // a ROUTER drops what finds no room
    });
    await ours.send("hello");
    const [id] = await theirs.receive();
    const received = theirs.receiveSeries(COUNT);
    const sent = theirs.sendSeries(COUNT, [id!]);
    await ours.sendSeries(COUNT);
    assertEquals(await ours.receiveSeries(COUNT), series(COUNT));
    assertEquals(await received, series(COUNT));
    await sent;
  });

  test(`${COUNT} messages of our PUB reach ${name}'s SUB, without high-water marks`, async (t) => {
    const [ours, theirs] = await link(t, peer, "XPUB", "SUB", {
      ours: { sendHighWaterMark: 0 },
      theirs: { receiveHighWaterMark: 0 },
    });
    await theirs.subscribe("");
    await ours.receive();
    const received = theirs.receiveSeries(COUNT);
    await ours.sendSeries(COUNT);
    assertEquals(await received, series(COUNT));
  });

  test(`${COUNT} messages of ${name}'s PUB reach our SUB, without high-water marks`, async (t) => {
    const [ours, theirs] = await link(t, peer, "SUB", "XPUB", {
      ours: { receiveHighWaterMark: 0 },
      theirs: { sendHighWaterMark: 0 },
    });
    ours.subscribe("");
    await theirs.receive();
    const received = ours.receiveSeries(COUNT);
    await theirs.sendSeries(COUNT);
    assertEquals(await received, series(COUNT));
  });
}
