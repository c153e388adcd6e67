/**
 * Interoperability. Who is who: routing ids chosen and generated, both ways,
 * and what a ROUTER does with them.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { eventually, test, within } from "../../support/harness.ts";
import type { Peer, PeerOptions } from "../../support/peers/peer.ts";
import { link, Ours, shown, STEP_MS } from "./party.ts";

const LONGEST = "x".repeat(255);

/** Declares the tests. */
export function routing(peer: Peer, name: string): void {
  for (const type of ["DEALER", "REQ", "ROUTER"]) {
    test(`our ROUTER knows ${name}'s ${type} by its routing id`, async (t) => {
      const [ours, theirs] = await link(t, peer, "ROUTER", type, {
        theirs: { routingId: "their name" },
        ours: { routingId: "our name", mandatory: true },
      });
      if (type === "ROUTER") {
        const call = () => ours.send("their name", "hello").then(() => true);
        await eventually(() => call().catch(isUnreachable));
        assertEquals(shown(await theirs.receive()), ["our name", "hello"]);
        await theirs.send("our name", "a");
      } else await theirs.send("a");
      assertEquals((await ours.receive()).map(String)[0], "their name");
    });

    test(`${name}'s ROUTER knows our ${type} by its routing id`, async (t) => {
      const [ours, theirs] = await link(t, peer, type, "ROUTER", {
        ours: { routingId: "our näme" },
        theirs: { routingId: "their name", probeRouter: type === "ROUTER" },
      });
      if (type === "ROUTER") {
        assertEquals(shown(await ours.receive()), ["their name", ""]); // the probe
        await ours.send("their name", "a");
      } else await ours.send("a");
      assertEquals(shown(await theirs.receive())[0], shown(["our näme"])[0]);
    });
  }

  test(`routing ids of 255 bytes pass between us and ${name}`, async (t) => {
    const [a, b] = await link(t, peer, "ROUTER", "DEALER", {
      theirs: { routingId: LONGEST },
    });
    await b.send("hi");
    assertEquals((await a.receive()).map(String), [LONGEST, "hi"]);
    const [c, d] = await link(t, peer, "DEALER", "ROUTER", {
      ours: { routingId: LONGEST },
    });
    await c.send("hi");
    assertEquals(shown(await d.receive()), shown([LONGEST, "hi"]));
  });

  test(`our ROUTER and ${name}'s generate ids of five bytes for anonymous peers`, async (t) => {
    for (const [type, other] of [["ROUTER", "DEALER"], ["DEALER", "ROUTER"]]) {
      const [ours, theirs] = await link(t, peer, type!, other!);
      const [router, dealer] = type === "ROUTER"
        ? [ours, theirs]
        : [theirs, ours];
      await dealer.send("who am I?");
      const [id, body] = await router.receive();
      assertEquals([id!.byteLength, id![0]], [5, 0]);
      assertEquals(shown([body!]), ["who am I?"]);
      await router.send(id!, "you");
      assertEquals(shown(await dealer.receive()), ["you"]);
    }
  });

  test(`our ROUTER reaches each of ${name}'s DEALERs, and theirs each of ours`, async (t) => {
    const names = ["one", "two", "three"];
    const ours = t.use(new Ours("ROUTER", { mandatory: true }));
    const endpoint = await ours.bind("tcp://127.0.0.1:*");
    for (const routingId of names) {
      const dealer = await peer.open(t, "DEALER", { routingId });
      await dealer.connect(endpoint);
      await dealer.send("here I am");
      assertEquals((await ours.receive()).map(String), [
        routingId,
        "here I am",
      ]);
      await ours.send(routingId, `to ${routingId}`);
      assertEquals(shown(await dealer.receive()), [`to ${routingId}`]);
    }
    const theirs = await peer.open(t, "ROUTER", { mandatory: true });
    const theirEndpoint = await theirs.bind("tcp://127.0.0.1:*");
    const dealers = names.map((routingId) =>
      t.use(new Ours("DEALER", { routingId }))
    );
    for (const dealer of dealers) {
      dealer.connect(theirEndpoint);
      await dealer.send("here I am");
      await theirs.receive();
    }
    for (const [i, dealer] of dealers.entries()) {
      await theirs.send(names[i]!, `to ${names[i]}`);
      assertEquals((await dealer.receive()).map(String), [`to ${names[i]}`]);
    }
  });

  test(`a ROUTER that connects may name ${name}'s ROUTER, and theirs ours`, async (t) => {
    const theirs = await peer.open(t, "ROUTER", { routingId: "theirs" });
    const endpoint = await theirs.bind("tcp://127.0.0.1:*");
    const ours = t.use(new Ours("ROUTER", { routingId: "ours" }));
    ours.connect(endpoint, "alias");
    await ours.send("alias", "hello");
    assertEquals(shown(await theirs.receive()), ["ours", "hello"]);
    await theirs.send("ours", "hello yourself");
    assertEquals((await ours.receive()).map(String), [
      "alias",
      "hello yourself",
    ]);

    const bound = t.use(new Ours("ROUTER", { routingId: "bound" }));
    const other = await peer.open(t, "ROUTER", { routingId: "other" });
    await other.connect(await bound.bind("tcp://127.0.0.1:*"), "alias");
    await other.send("alias", "hello");
    assertEquals((await bound.receive()).map(String), ["other", "hello"]);
    await bound.send("other", "hello yourself");
    assertEquals(shown(await other.receive()), ["alias", "hello yourself"]);
  });

  test(`our ROUTER with handover gives a routing id to ${name}'s later DEALER`, async (t) => {
    const ours = t.use(new Ours("ROUTER", { handover: true }));
    const endpoint = await ours.bind("tcp://127.0.0.1:*");
    const options: PeerOptions = {
      routingId: "twin",
      reconnectInterval: 60_000,
    };
    const first = await peer.open(t, "DEALER", options);
    await first.connect(endpoint);
    await first.send("first");
    assertEquals((await ours.receive()).map(String), ["twin", "first"]);
    const second = await peer.open(t, "DEALER", options);
    await second.connect(endpoint);
    await second.send("second");
    assertEquals((await ours.receive()).map(String), ["twin", "second"]);
    await ours.send("twin", "for the second");
    assertEquals(shown(await second.receive()), ["for the second"]);
  });

  test(`our ROUTER serves ${name}'s DEALER once the older one with its id has disconnected`, async (t) => {
    const ours = t.use(new Ours("ROUTER"));
    const endpoint = await ours.bind("tcp://127.0.0.1:*");
    const options: PeerOptions = { routingId: "twin", reconnectInterval: 10 };
    const first = await peer.open(t, "DEALER", options);
    await first.connect(endpoint);
    await first.send("first");
    await ours.receive();
    const second = await peer.open(t, "DEALER", options);
    const turnedAway = new Promise((resolve) =>
      ours.socket.events.on("disconnect", resolve)
    );
    await second.connect(endpoint);
    await within(turnedAway, STEP_MS, "the second twin to be turned away");
    await first.close();
    // Until we see that the first has gone, what the second sends is lost with it.
    const receiving = ours.receive();
    let isReceived = false;
    void receiving.then(() => isReceived = true, () => {});
    await eventually(async () => {
      if (!isReceived) await second.send("second");
      return isReceived;
    });
    assertEquals((await receiving).map(String), ["twin", "second"]);
  });

  test(`our ROUTER with mandatory reports that ${name}'s DEALER has disconnected`, async (t) => {
    const [ours, theirs] = await link(t, peer, "ROUTER", "DEALER", {
      ours: { mandatory: true },
      theirs: { routingId: "d" },
    });
    await assertRejects(
      () => ours.send("unknown", "x"),
      zmq.ZmqError,
      "routing id",
    );
    await theirs.send("here");
    await ours.receive();
    await ours.send("d", "still there?");
    const gone = new Promise((resolve) =>
      ours.socket.events.on("disconnect", resolve)
    );
    await theirs.close();
    await within(gone, STEP_MS, "the disconnect");
    const error = await assertRejects(() => ours.send("d", "x"), zmq.ZmqError);
    assertEquals(error.code, "EHOSTUNREACH");
  });

  test(`a probe of our DEALER reaches ${name}'s ROUTER, and theirs ours`, async (t) => {
    const [, theirs] = await link(t, peer, "DEALER", "ROUTER", {
      ours: { probeRouter: true, routingId: "d" },
    });
    assertEquals(shown(await theirs.receive()), ["d", ""]);
    const [ours] = await link(t, peer, "ROUTER", "DEALER", {
      theirs: { probeRouter: true, routingId: "d" },
    });
    assertEquals((await ours.receive()).map(String), ["d", ""]);
  });
}

function isUnreachable(error: unknown): false {
  assert((error as zmq.ZmqError).code === "EHOSTUNREACH", String(error));
  return false;
}
