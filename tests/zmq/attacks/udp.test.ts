/**
 * Attacks by datagrams. Anybody who reaches a port can send some, from any
 * address that he writes on them: none of them ends a socket, or fills more than
 * its queue.
 */
import { assert, assertEquals } from "@std/assert";
import { createSocket } from "node:dgram";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext, within } from "../../support/harness.ts";

const STEP_MS = 8000;
const LIMIT = { timeoutMs: 30_000 };
/** The largest datagram of IPv4. */
const LARGEST = 65_507;

/** Sends datagrams to the port of an address. */
async function raidOf(t: TestContext, endpoint: string) {
  const socket = createSocket("udp4");
  t.cleanup(() =>
    new Promise<void>((resolve) => socket.close(() => resolve()))
  );
  const port = Number(endpoint.split(":").at(-1));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return (bytes: Uint8Array) =>
    new Promise<void>((resolve) =>
      socket.send(bytes, port, "127.0.0.1", () => resolve())
    );
}

/** Sends until one message is there: datagrams may be lost. */
async function arrives(send: () => unknown, received: Promise<unknown>) {
  const timer = setInterval(send, 20);
  try {
    await within(received, STEP_MS, "an honest message");
  } finally {
    clearInterval(timer);
  }
}

const ODD: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.of(1),
  Uint8Array.of(255, 97),
  Uint8Array.of(2, 0xc3, 0x28, 0xff),
  new Uint8Array(LARGEST).fill(255),
  new Uint8Array(LARGEST),
];

test(
  "malformed datagrams are dropped, and honest ones arrive",
  LIMIT,
  async (t) => {
    const dish = t.use(new zmq.Dish());
    dish.join("honest");
    await dish.bind("udp://127.0.0.1:*");
    const radio = t.use(new zmq.Radio());
    radio.connect(dish.lastEndpoint!);
    const raid = await raidOf(t, dish.lastEndpoint!);
    for (let i = 0; i < 50; i++) for (const bytes of ODD) await raid(bytes);
    for (let i = 0; i < 500; i++) {
      await raid(crypto.getRandomValues(new Uint8Array(i)));
    }
    const received = (async () => {
      const [body, { group }] = await dish.receive();
      assertEquals([`${body}`, `${group}`], ["hello", "honest"]);
    })();
    await arrives(() => radio.send("hello", { group: "honest" }), received);
  },
);

test(
  "a flood that is not read fills the queue, and no more",
  LIMIT,
  async (t) => {
    const dgram = t.use(new zmq.Datagram({ receiveHighWaterMark: 10 }));
    await dgram.bind("udp://127.0.0.1:*");
    const raid = await raidOf(t, dgram.lastEndpoint!);
    for (let i = 0; i < 2000; i++) await raid(new Uint8Array(1000));
    let count = 0;
    while (dgram.tryReceive() !== undefined) count++;
    assert(count <= 20, `${count} messages waited`);
    // The socket still receives.
    const received = (async () => {
      for (;;) {
        const [, body] = await dgram.receive();
        if (`${body}` === "honest") return;
      }
    })();
    await arrives(() => raid(new TextEncoder().encode("honest")), received);
  },
);

test("larger datagrams than a socket takes are dropped", LIMIT, async (t) => {
  const dish = t.use(new zmq.Dish({ maxMessageSize: 100 }));
  dish.join("");
  await dish.bind("udp://127.0.0.1:*");
  const raid = await raidOf(t, dish.lastEndpoint!);
  const received = (async () => {
    const [body] = await dish.receive();
    assert(body.byteLength <= 100, `${body.byteLength} bytes`);
  })();
  await arrives(async () => {
    await raid(new Uint8Array(102));
    await raid(new Uint8Array(90));
  }, received);
});
