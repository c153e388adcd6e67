/**
 * Interoperability. How connections live and end: either side killed and
 * started again, linger, disconnect and unbind.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { eventually, test, within } from "../../support/harness.ts";
import { Peer } from "../../support/peers/peer.ts";
import { link, next, Ours, series, shown, STEP_MS } from "./party.ts";

/** Declares the tests. */
export function lifecycle(peer: Peer, name: string): void {
  test(
    `our DEALER reconnects to ${name}'s ROUTER after it was killed`,
    async (t) => {
      const ours = t.use(
        new Ours("DEALER", { routingId: "d", reconnectInterval: 10 }),
      );
      const first = t.use(new Peer(peer.kind));
      const router = await first.open(t, "ROUTER");
      const endpoint = await router.bind("tcp://127.0.0.1:*");
      ours.connect(endpoint);
      await ours.send("before");
      assertEquals(shown(await router.receive()), ["d", "before"]);

      const lost = next(ours, "disconnect");
      await first.kill();
      await within(lost, STEP_MS, "the disconnect");
      await ours.send("while no peer is there");

      const second = t.use(new Peer(peer.kind));
      const again = await second.open(t, "ROUTER");
      await again.bind(endpoint);
      assertEquals(shown(await again.receive()), [
        "d",
        "while no peer is there",
      ]);
      await again.send("d", "welcome back");
      assertEquals(shown(await ours.receive()), ["welcome back"]);
    },
    { timeoutMs: 15_000 },
  );

  test(`our SUB reconnects to ${name}'s PUB after it was killed`, async (t) => {
    const ours = t.use(new Ours("SUB", { reconnectInterval: 10 }));
    ours.subscribe("t");
    const first = t.use(new Peer(peer.kind));
    const pub = await first.open(t, "XPUB");
    const endpoint = await pub.bind("tcp://127.0.0.1:*");
    ours.connect(endpoint);
    await pub.receive();
    await pub.send("t1");
    assertEquals(shown(await ours.receive()), ["t1"]);
    await first.kill();

    const second = t.use(new Peer(peer.kind));
    const again = await second.open(t, "XPUB");
    await again.bind(endpoint);
    await again.receive();
    await again.send("t2");
    assertEquals(shown(await ours.receive()), ["t2"]);
  }, { timeoutMs: 15_000 });

  test(
    `our bound ROUTER serves ${name}'s DEALER after it was killed and restarted`,
    async (t) => {
      const ours = t.use(new Ours("ROUTER"));
      const endpoint = await ours.bind("tcp://127.0.0.1:*");
      for (const round of ["1", "2"]) {
        const process = t.use(new Peer(peer.kind));
        const dealer = await process.open(t, "DEALER", { routingId: "d" });
        await dealer.connect(endpoint);
        await dealer.send(round);
        assertEquals((await ours.receive()).map(String), ["d", round]);
        await ours.send("d", `re ${round}`);
        assertEquals(shown(await dealer.receive()), [`re ${round}`]);
        const lost = next(ours, "disconnect");
        await process.kill();
        await within(lost, STEP_MS, "the disconnect");
      }
    },
    { timeoutMs: 15_000 },
  );

  test(`${name}'s DEALER reconnects to our ROUTER after it was closed`, async (t) => {
    const theirs = await peer.open(t, "DEALER", { reconnectInterval: 10 });
    let address = "tcp://127.0.0.1:*";
    for (const round of ["1", "2", "3"]) {
      const ours = t.use(new Ours("ROUTER"));
      const shaken = next(ours, "handshake");
      const isFirst = address.endsWith("*");
      address = await ours.bind(address);
      if (isFirst) await theirs.connect(address);
      await within(shaken, STEP_MS, "the handshake");
      await theirs.send(round);
      const [id, body] = await ours.receive();
      assertEquals(`${body}`, round);
      await ours.send(id!, `re ${round}`);
      assertEquals(shown(await theirs.receive()), [`re ${round}`]);
      await ours.socket.close();
    }
  });

  test(`our disconnect and unbind end the connection with ${name}`, async (t) => {
    const [pull, push, endpoint] = await link(t, peer, "PULL", "PUSH");
    await push.send("1");
    assertEquals((await pull.receive()).map(String), ["1"]);
    const lost = next(pull, "disconnect");
    await pull.socket.unbind(endpoint);
    await within(lost, STEP_MS, "the end of the connection, as in libzmq");
    const successor = await peer.open(t, "PULL");
    await successor.bind(endpoint); // the address is free, and the peer comes there
    let isThere = false;
    const again = successor.receive();
    void again.then(() => isThere = true);
    // It may not have noticed yet, and send into the void at first.
    await eventually(() => push.send("2").then(() => isThere));
    assertEquals(shown(await again), ["2"]);

    const other = await peer.open(t, "PULL");
    const where = await other.bind("tcp://127.0.0.1:*");
    const ours = t.use(new Ours("PUSH"));
    ours.connect(where);
    await ours.send("3");
    const disconnected = ours.socket.disconnect(where);
    const received = within(other.receive(), STEP_MS, "what was sent before");
    assertEquals(shown(await received), ["3"]);
    await within(disconnected, STEP_MS, "the disconnect");
    assertEquals(ours.socket.writable, false);
  });

  test(`${name}'s disconnect and unbind end the connection with us`, async (t) => {
    const [pull, push, endpoint] = await link(t, peer, "PULL", "PUSH");
    await push.send("1");
    assertEquals((await pull.receive()).map(String), ["1"]);
    const lost = next(pull, "disconnect");
    let isLost = false;
    await push.disconnect(endpoint);
    // A libzmq socket completes this only while somebody calls it.
    void lost.then(() => isLost = true);
    await eventually(() => push.ask("attend", {}).then(() => isLost));
    const { error } = await lost;
    assertEquals(error, undefined);
  });

  test(`all that our PUSH sent before it was closed reaches ${name}'s PULL`, async (t) => {
    const [ours, theirs] = await link(t, peer, "PUSH", "PULL", {
      binds: "theirs",
      ours: { sendHighWaterMark: 0, linger: STEP_MS },
    });
    const count = 2000;
    for (let i = 0; i < count; i++) ours.socket.trySend(`${i}`);
    const closed = ours.socket.close();
    const received = within(
      theirs.receiveSeries(count),
      STEP_MS,
      "all that was sent",
    );
    assertEquals(await received, series(count));
    await within(closed, STEP_MS, "close");
  });

  test(`all that ${name}'s PUSH sent before it was closed reaches our PULL`, async (t) => {
    const [ours, theirs] = await link(t, peer, "PULL", "PUSH", {
      theirs: { sendHighWaterMark: 0 },
    });
    const count = 2000;
    await theirs.sendSeries(count);
    await theirs.close(-1);
    assertEquals(await ours.receiveSeries(count), series(count));
  });

  test(`close with linger waits for ${name}, without it drops messages`, async (t) => {
    const theirs = await peer.open(t, "PULL");
    const endpoint = await theirs.bind("tcp://127.0.0.1:*");
    await theirs.unbind(endpoint);
    const patient = new Ours("PUSH", {
      reconnectInterval: 10,
      linger: STEP_MS,
    });
    patient.connect(endpoint);
    await patient.send("I wait");
    const closed = patient.socket.close();

    for (const linger of [0, 20]) {
      const hasty = new Ours("PUSH", { linger });
      hasty.connect(endpoint);
      await hasty.send("I am dropped");
      await within(
        hasty.socket.close(),
        STEP_MS,
        `close with linger ${linger}`,
      );
    }

    await theirs.rebind(endpoint);
    const received = within(theirs.receive(), STEP_MS, "what lingered");
    assertEquals(shown(await received), ["I wait"]);
    await within(closed, STEP_MS, "the close that lingers");
  });
}
