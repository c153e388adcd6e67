/**
 * Test support. Attacks on sockets: a ROUTER, an XPUB and a PULL.
 *
 * @module
 */
import {
  bytes,
  command,
  frame,
  longHeader,
  MORE,
} from "../../support/peers/zmtp_bytes.ts";
import { many, Raider } from "../raider.ts";
import {
  after,
  type Attack,
  type Outcome,
  pause,
  type Places,
} from "./attack.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** The attacks. */
export const ENGINE_ATTACKS: readonly Attack[] = [
  attack("pings", flood("router", "DEALER", command("PING", "\0\0abcd"))),
  attack("unknown commands", flood("router", "DEALER", command("X", "y"))),
  attack("frames without an end", flood("router", "DEALER", frame("", MORE))),
  attack("tiny messages", flood("router", "DEALER", frame("x"))),
  attack("tiny messages to a PULL", flood("pull", "PUSH", frame("x"))),
  attack("frames of one byte", async ({ pull }) => {
    using raider = await Raider.join(pull, "PUSH");
    await raider.put(many(frame("x", MORE), 300 * KIB), frame("end"));
    return await after(raider);
  }),
  attack("PINGs of a peer that does not read", async ({ router }) => {
    using raider = await Raider.join(router, "DEALER", { isReading: false });
    await raider.put(many(command("PING", "\0\0sixteen bytes..."), MIB));
    return await after(raider);
  }),
  attack("a frame that promises a terabyte", async ({ pull }) => {
    using raider = await Raider.join(pull, "PUSH");
    await raider.put(longHeader(2 ** 40), new Uint8Array(MIB));
    return await after(raider);
  }),
  attack("a message above the limit", async ({ router }) => {
    using raider = await Raider.join(router, "DEALER");
    await raider.put(frame(new Uint8Array(3 * MIB)));
    return await after(raider);
  }),
  attack("subscriptions", async ({ xpub }) => {
    using raider = await Raider.join(xpub, "SUB");
    for (let part = 0; part < 10; part++) {
      const topics = Array.from(
        { length: 2000 },
        (_, i) => command("SUBSCRIBE", `t${part * 2000 + i}`),
      );
      if (!await raider.put(...topics)) break;
    }
    return await after(raider);
  }),
  attack("topics of 64 KiB", async ({ xpub }) => {
    using raider = await Raider.join(xpub, "SUB");
    const body = new Uint8Array(64 * KIB).fill(97);
    for (let i = 0; i < 40; i++) {
      body[body.length - 1] = i;
      if (!await raider.put(frame(bytes(1, body)))) break;
    }
    return await after(raider);
  }),
  attack("subscribe and leave, and again", async ({ xpub }) => {
    using raider = await Raider.join(xpub, "SUB");
    const pair = bytes(command("SUBSCRIBE", "a"), command("CANCEL", "a"));
    await raider.put(many(pair, 256 * KIB));
    return await after(raider);
  }),
  attack("a subscriber that does not read", async ({ xpub }) => {
    using raider = await Raider.join(xpub, "SUB", { isReading: false });
    await raider.put(command("SUBSCRIBE", ""));
    return await after(raider, 2000);
  }),
  attack("connections that say nothing", async ({ router, pull }) => {
    const raiders = await Promise.all(
      Array.from(
        { length: 40 },
        (_, i) => Raider.connect(i % 2 ? router : pull),
      ),
    );
    await pause(500);
    for (const raider of raiders) raider[Symbol.dispose]();
    return raiders.some(({ isCut }) => isCut) ? "cut" : "passed";
  }),
  attack("connections that come and go", async ({ router }) => {
    for (let i = 0; i < 30; i++) {
      using _raider = await Raider.join(router, "DEALER", { identity: `${i}` });
    }
    return "passed";
  }),
  attack("no ZMTP at all", async ({ router, xpub, pull }) => {
    let last: Outcome = "passed";
    for (const place of [router, xpub, pull]) {
      using raider = await Raider.connect(place);
      await raider.put("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await raider.put(crypto.getRandomValues(new Uint8Array(512)));
      last = await after(raider);
    }
    return last;
  }),
  attack("rubbish behind the handshake", async ({ router }) => {
    using raider = await Raider.join(router, "DEALER");
    await raider.put(crypto.getRandomValues(new Uint8Array(64 * KIB)));
    return await after(raider);
  }),
  attack("the identity of the honest peer", async ({ router }) => {
    using raider = await Raider.join(router, "DEALER", { identity: "honest" });
    await raider.put(frame("I am the honest one"));
    return await after(raider);
  }),
];

function attack(name: string, once: Attack["once"]): Attack {
  return { name, once };
}

/** Sends the same for some time, as fast as it is taken. */
function flood(
  to: "router" | "pull",
  type: string,
  unit: Uint8Array,
): (places: Places) => Promise<Outcome> {
  const chunk = many(unit, 64 * KIB);
  return async (places) => {
    using raider = await Raider.join(places[to], type);
    for (let n = 0; n < 8; n++) if (!await raider.put(chunk)) break;
    return await after(raider);
  };
}
