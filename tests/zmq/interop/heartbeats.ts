/**
 * Interoperability. Heartbeats both ways, and a network that falls silent
 * between two peers that are both alive.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Event } from "../../../src/zmq/mod.ts";
import {
  deferred,
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import type { Peer } from "../../support/peers/peer.ts";
import { Relay } from "../../support/peers/relay.ts";
import { next, Ours, shown, STEP_MS } from "./party.ts";

/** Declares the tests. */
export function heartbeats(peer: Peer, name: string): void {
  for (const binds of ["ours", "theirs"] as const) {
    test(`heartbeats go both ways between us and ${name}, ${binds} bound`, async (t) => {
      const beats = { PING: [0, 0], PONG: [0, 0] };
      const all = deferred();
      const { ours, theirs } = await linkByRelay(
        t,
        peer,
        binds,
        (text, isClient) => {
          for (const kind of ["PING", "PONG"] as const) {
            beats[kind][isClient ? 0 : 1]! += text.split(`\x04${kind}`).length -
              1;
          }
          if (Object.values(beats).flat().every((n) => n >= 3)) all.resolve();
        },
        both(5000),
      );
      const events: Event[] = [];
      ours.socket.events.on("disconnect", (event) => events.push(event));
      await within(all.promise, STEP_MS, "three PINGs and PONGs of each");
      await talk(ours, theirs);
      assertEquals(events, []);
    });

    test(`we detect that ${name} is silent, and reconnect, ${binds} bound`, async (t) => {
      const { ours, theirs, relay } = await linkByRelay(
        t,
        peer,
        binds,
        () => {},
        both(1000), // less is lost at times on a busy machine, with what was sent
      );
      const lost = next(ours, "disconnect");
      const back = next(ours, "handshake");
      relay.silence();
      const { error } = await within(lost, STEP_MS, "the disconnect");
      assertEquals((error as Error & { code: string }).code, "ETIMEDOUT");
      await within(back, STEP_MS, "the new handshake");
      await ours.send("hello again");
      assertEquals(shown(await theirs.receive()), ["hello again"]);
      // They may not have noticed yet, and send into the void at first.
      let isReceived = false;
      void ours.receive().then(() => isReceived = true);
      await eventually(async () => {
        if (!isReceived) await theirs.send("hello yourself");
        return isReceived;
      });
    });
  }

  test(
    `a message to ${name} that takes longer than the heartbeat's timeout arrives over one connection`,
    {
      timeoutMs: 20_000,
    },
    async (t) => {
      const ours = t.use(
        new Ours("DEALER", { heartbeatInterval: 50, heartbeatTimeout: 2000 }),
      );
      const theirs = await peer.open(t, "DEALER");
      const target = await theirs.bind("tcp://127.0.0.1:*");
      const relay = t.use(await Relay.start(target, () => {}));
      // Three seconds; what the systems' buffers hold of it is out of our sight.
      relay.slowDown(5 * MIB);
      ours.connect(relay.endpoint);
      const events: Event[] = [];
      ours.socket.events.on("disconnect", (event) => events.push(event));
      await ours.send(new Uint8Array(16 * MIB));
      const [frame] = await within(theirs.receive(), 15_000, "the message");
      assertEquals(frame!.byteLength, 16 * MIB);
      assertEquals(events, []);
      relay.slowDown(Infinity);
      await talk(ours, theirs);
    },
  );

  test(`${name} honours the time to live in our PINGs`, async (t) => {
    // Only we ping, and only they are to notice that we are gone.
    const pinged = deferred();
    const { theirs, relay, ours } = await linkByRelay(
      t,
      peer,
      "ours",
      (text) => {
        if (text.includes("\x04PING")) pinged.resolve();
      },
      {
        ours: {
          heartbeatInterval: 20,
          heartbeatTimeout: 60_000,
          heartbeatTimeToLive: 200,
        },
        theirs: { reconnectInterval: 10 },
      },
    );
    await within(pinged.promise, STEP_MS, "a PING");
    const again = next(ours, "accept");
    relay.silence();
    await within(again, STEP_MS, "the peer to give up and connect again");
    await theirs.send("I am back"); // we still hold the old connection, too
    assertEquals(shown(await ours.receive()), ["I am back"]);
  });
}

const MIB = 2 ** 20;

/** Fast heartbeats on both sides. */
function both(heartbeatTimeout: number) {
  const options = {
    heartbeatInterval: 20,
    heartbeatTimeout,
    reconnectInterval: 10,
  };
  return { ours: options, theirs: options };
}

/** Joins two DEALERs through a relay. */
async function linkByRelay(
  t: TestContext,
  peer: Peer,
  binds: "ours" | "theirs",
  onText: (text: string, isClient: boolean) => void,
  options: { ours: Record<string, number>; theirs: Record<string, number> },
) {
  const ours = t.use(new Ours("DEALER", options.ours));
  const theirs = await peer.open(t, "DEALER", options.theirs);
  const [first, second] = binds === "ours" ? [ours, theirs] : [theirs, ours];
  const relay = t.use(
    await Relay.start(
      await first.bind("tcp://127.0.0.1:*"),
      (chunk, isClient) => onText(String.fromCharCode(...chunk), isClient),
    ),
  );
  await second.connect(relay.endpoint);
  await talk(ours, theirs);
  return { ours, theirs, relay };
}

async function talk(ours: Ours, theirs: Awaited<ReturnType<Peer["open"]>>) {
  await ours.send("hello");
  assertEquals(shown(await theirs.receive()), ["hello"]);
  await theirs.send("hello yourself");
  assertEquals(shown(await ours.receive()), ["hello yourself"]);
}
