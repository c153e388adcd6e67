/**
 * Interoperability. What each legal pair of socket types has to say to each
 * other, and the messages they say it with. Written once for both roles.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { eventually } from "../../support/harness.ts";
import type { Frame } from "../../support/peers/peer.ts";
import { type Party, shown } from "./party.ts";

/** All pairs that RFC 37 allows; the first type is the one that begins. */
export const PAIRINGS: readonly (readonly [string, string])[] = [
  ["PAIR", "PAIR"],
  ["PUSH", "PULL"],
  ["PUB", "SUB"],
  ["PUB", "XSUB"],
  ["XPUB", "SUB"],
  ["XPUB", "XSUB"],
  ["REQ", "REP"],
  ["REQ", "ROUTER"],
  ["DEALER", "REP"],
  ["DEALER", "DEALER"],
  ["DEALER", "ROUTER"],
  ["ROUTER", "ROUTER"],
];

/** What both sides of a pair need for their conversation. */
export function optionsFor(
  first: string,
  second: string,
): { probeRouter?: true } {
  // A new peer gets an empty message: that is how two ROUTERs learn their ids.
  return first === "ROUTER" && second === "ROUTER" ? { probeRouter: true } : {};
}

const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
const large = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) >> 3);

/** The messages of each conversation. */
export const MESSAGES: readonly (readonly Frame[])[] = [
  ["a"],
  ["three", "frames", "long ".repeat(60)],
  ["", "", "between empty frames", "", ""],
  [""],
  [binary, "ä€😀", new Uint8Array(255), new Uint8Array(256)],
  [large],
];

/** Has the two parties, one of each type of a pairing, say all messages. */
export async function converse(first: Party, second: Party): Promise<void> {
  const types = `${first.type} ${second.type}`;
  const say = CONVERSATIONS[types];
  if (say === undefined) throw new Error(`${types} have nothing to say`);
  await say(first, second);
}

async function tell(from: Party, to: Party, message: readonly Frame[]) {
  await from.send(...message);
  assertEquals(shown(await to.receive()), shown(message));
}

async function oneWay(from: Party, to: Party): Promise<void> {
  for (const message of MESSAGES) await tell(from, to, message);
}

async function bothWays(first: Party, second: Party): Promise<void> {
  for (const message of MESSAGES) {
    await tell(first, second, message);
    await tell(second, first, message);
  }
}

async function publish(from: Party, to: Party): Promise<void> {
  if (to.type === "SUB") await to.subscribe("");
  else await to.send("\x01");
  // A bound libzmq socket attends to new peers only while somebody calls it.
  let heard = false;
  const first = to.receive().then(() => heard = true);
  if (from.type === "XPUB") {
    assertEquals(shown(await from.receive()), shown(["\x01"]));
    await from.send("the subscription is here");
  } else {
    // A PUB does not tell when a subscription has come: call until one answers.
    await eventually(async () => {
      if (!heard) await from.send("can you hear me?");
      return heard;
    });
    await from.send("attention");
  }
  await first;
  if (from.type === "PUB") {
    while (shown(await to.receive())[0] !== "attention");
  }
  await oneWay(from, to);
}

/** A DEALER makes the envelope that REQ makes by itself. */
async function ask(client: Party, server: Party): Promise<void> {
  const envelope = client.type === "DEALER" ? [""] : [];
  for (const message of MESSAGES) {
    await client.send(...envelope, ...message);
    assertEquals(shown(await server.receive()), shown(message));
    await server.send("re", ...message);
    assertEquals(
      shown(await client.receive()),
      shown([...envelope, "re", ...message]),
    );
  }
}

/** The id of the other side comes first; behind a REQ's, the delimiter. */
async function askRouter(client: Party, router: Party): Promise<void> {
  const delimiter = client.type === "REQ" ? [""] : [];
  for (const message of MESSAGES) {
    await client.send(...message);
    const [id, ...body] = await router.receive();
    assertEquals(shown(body), shown([...delimiter, ...message]));
    await router.send(id!, ...delimiter, "re", ...message);
    assertEquals(shown(await client.receive()), shown(["re", ...message]));
  }
}

async function routers(first: Party, second: Party): Promise<void> {
  // Together: a bound libzmq socket attends to new peers only while somebody calls it.
  const [[secondId, ...probe], [firstId]] = await Promise.all([
    first.receive(),
    second.receive(),
  ]);
  assertEquals(shown(probe), [""]);
  for (const message of MESSAGES) {
    await first.send(secondId!, ...message);
    assertEquals(
      shown(await second.receive()),
      shown([firstId!, ...message]),
    );
    await second.send(firstId!, "re", ...message);
    assertEquals(
      shown(await first.receive()),
      shown([secondId!, "re", ...message]),
    );
  }
}

const CONVERSATIONS: Readonly<
  Record<string, (first: Party, second: Party) => Promise<void>>
> = {
  "PAIR PAIR": bothWays,
  "PUSH PULL": oneWay,
  "PUB SUB": publish,
  "PUB XSUB": publish,
  "XPUB SUB": publish,
  "XPUB XSUB": publish,
  "REQ REP": ask,
  "REQ ROUTER": askRouter,
  "DEALER REP": ask,
  "DEALER DEALER": bothWays,
  "DEALER ROUTER": askRouter,
  "ROUTER ROUTER": routers,
};
