/**
 * Hostile peers. Those that send without end, or read nothing, or both: what
 * the engine takes from them is bounded, others are served meanwhile, and the
 * socket closes in time.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { aliveBytes, isMoreAliveThan } from "../../support/alive_bytes.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import {
  bytes,
  command,
  frame,
  handshake,
  longHeader,
  message,
} from "../../support/peers/zmtp_bytes.ts";
import {
  floodUntilStalled,
  KIB,
  MIB,
  repeated,
  settle,
  TOO_MUCH,
  TooMuchError,
} from "./flood.ts";
import { EventLog, ROLES, STEP_MS, victim } from "./victim.ts";

const PINGS = repeated(command("PING", "\0\0sixteen bytes..."), 64 * KIB);

for (const role of ROLES) {
  test(
    `a ${role} socket stops answering a peer that sends PINGs but reads nothing`,
    async (t) => {
      const target = await victim(t, role);
      const attacker = await target.attacker({ isReading: false });
      await attacker.send(handshake("DEALER", "bad"));
      await target.log.next("handshake");
      const taken = await floodUntilStalled(attacker, PINGS, target.exchange);
      attacker.startReading();
      await target.exchange();
      await attacker.read(64);
      await attacker.readFrame(); // READY
      // All that was taken is answered, once somebody listens.
      const count = Math.floor(taken / PINGS.byteLength) * PINGS.byteLength /
        command("PING", "\0\0sixteen bytes...").byteLength;
      const pong = command("PONG", "sixteen bytes...");
      await attacker.waitFor(count * pong.byteLength);
      await target.exchange();
      await target.close();
    },
    { timeoutMs: 20_000 },
  );

  test(
    `a ${role} socket closes although a peer does not read its PONGs`,
    async (t) => {
      const target = await victim(t, role); // with the default linger: for ever
      const attacker = await target.attacker({ isReading: false });
      await attacker.send(handshake("DEALER", "bad"));
      await target.log.next("handshake");
      await floodUntilStalled(attacker, PINGS, target.exchange);
      await target.close(); // no message waits: there is nothing to linger for
    },
    { timeoutMs: 20_000 },
  );
}

test(
  "a PULL reads no more than it has room for, and the rest later",
  async (t) => {
    const { pull, attacker, exchange } = await pullUnderAttack(t);
    const chunk = repeated(message("x".repeat(1000)), 64 * KIB);
    const taken = await floodUntilStalled(attacker, chunk, exchange);
    assert(taken > 0);
    // What was taken comes, and room for the rest with it: nothing is lost.
    const count = taken / frame("x".repeat(1000)).byteLength;
    for (let i = 0; i < Math.floor(count); i++) {
      const [body] = await within(pull.receive(), STEP_MS, "a message");
      assertEquals(body!.byteLength, 1000);
    }
    await within(pull.close(), STEP_MS, "close()");
  },
  { timeoutMs: 20_000 },
);

test("a PULL that receives nothing closes while it is flooded", async (t) => {
  const { pull, attacker, exchange } = await pullUnderAttack(t);
  const chunk = repeated(message("x".repeat(1000)), 64 * KIB);
  await floodUntilStalled(attacker, chunk, exchange);
  await within(pull.close(), STEP_MS, "close()");
  await within(attacker.closed, STEP_MS, "the attacker's connection to close");
}, { timeoutMs: 20_000 });

test(
  "a lingering socket reads no more from a peer that reads nothing",
  async (t) => {
    const { dealer, attacker } = await dealerUnderAttack(t, -1);
    const closed = dealer.close();
    const other = await victim(t, "bound");
    // Whether it is dropped or not read does not matter, but it must not be kept.
    const chunk = repeated(message("x".repeat(1000)), 64 * KIB);
    const before = aliveBytes();
    await floodUntilStalled(attacker, chunk, async () => {
      assert(!isMoreAliveThan(before + 1.5 * TOO_MUCH), "what comes is kept");
      await other.exchange();
    }).catch((error: unknown) => {
      if (!(error instanceof TooMuchError)) throw error; // all of it was dropped
    });
    attacker.reset();
    await within(closed, STEP_MS, "close()");
  },
  { timeoutMs: 20_000 },
);

for (const linger of [0, 50]) {
  test(`a socket with linger ${linger} closes although a peer reads nothing`, async (t) => {
    const { dealer } = await dealerUnderAttack(t, linger);
    await within(dealer.close(), STEP_MS, "close()");
  });
}

for (const how of ["end", "reset"] as const) {
  test(`the end (${how}) of a peer that reads nothing is noticed`, async (t) => {
    const { dealer, attacker, log } = await dealerUnderAttack(t, 0);
    attacker[how]();
    await log.next("disconnect");
    await within(dealer.close(), STEP_MS, "close()");
  });
}

test("a message that announces a terabyte takes memory only as it arrives", async (t) => {
  const target = await victim(t, "bound");
  const attacker = await target.attacker();
  await attacker.shakeHands("DEALER", "bad");
  await attacker.send(bytes(longHeader(2 ** 40), new Uint8Array(MIB)));
  await target.exchange();
  attacker.end();
  await target.log.next("disconnect");
  await target.exchange();
  assertEquals(target.strays, []);
  await target.close();
});

/** A PULL that receives nothing by itself, and a pair whose exchanges measure time. */
async function pullUnderAttack(t: TestContext) {
  const other = await victim(t, "bound");
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 10 }));
  await pull.bind("tcp://127.0.0.1:*");
  const attacker = t.use(await FakePeer.connect(pull.lastEndpoint!));
  await attacker.shakeHands("PUSH");
  return { pull, attacker, exchange: other.exchange };
}

/** A DEALER whose only peer reads nothing, so that its messages wait everywhere. */
async function dealerUnderAttack(t: TestContext, linger: number) {
  const other = await victim(t, "bound");
  const dealer = t.use(new zmq.Dealer({ linger }));
  const log = new EventLog(dealer);
  await dealer.bind("tcp://127.0.0.1:*");
  const attacker = t.use(
    await FakePeer.connect(dealer.lastEndpoint!, {
      isReading: false,
      isHalfOpen: true,
    }),
  );
  await attacker.send(handshake("DEALER"));
  await log.next("handshake");
  const large = new Uint8Array(MIB);
  while (dealer.trySend(large));
  await settle(other.exchange);
  return { dealer, attacker, log };
}
