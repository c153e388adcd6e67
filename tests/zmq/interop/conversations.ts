/**
 * Interoperability. What each legal pair of socket types has to say to each
 * other, and the messages they say it with. Written once for both roles.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { eventually } from "../../support/harness.ts";
import type { Frame } from "../../support/peers/peer.ts";
import { type Party, series, shown } from "./party.ts";

/** How many numbers follow each other, to see their order. */
const COUNT = 30;

/** What both sides of a pair need for their conversation. */
export function optionsFor(
  first: string,
  second: string,
): { probeRouter?: true } {
  // A new peer gets an empty message: that is how two ROUTERs learn their ids.
  return first === "ROUTER" && second === "ROUTER" ? { probeRouter: true } : {};
}

const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
const large = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) >> 3);

/** The messages of each conversation. */
export const MESSAGES: readonly (readonly Frame[])[] = [
  ["a"],
  ["three", "frames", "long ".repeat(60)],
  ["", "", "between empty frames", "", ""],
  [""],
  [binary, "ä€😀", new Uint8Array(255), new Uint8Array(256)],
  [large],
];

/** Has two parties, in either order, say all that their types have to say. */
export async function converse(a: Party, b: Party): Promise<void> {
  for (const [first, second] of [[a, b], [b, a]] as const) {
    const say = CONVERSATIONS[`${first.type} ${second.type}`];
    if (say !== undefined) return await say(first, second);
  }
  throw new Error(`A ${a.type} and a ${b.type} have nothing to say`);
}

async function tell(from: Party, to: Party, message: readonly Frame[]) {
  await from.send(...message);
  assertEquals(shown(await to.receive()), shown(message));
}

/** Many messages at once, behind the frames of `head`, keep their order. */
async function count(from: Party, to: Party, head: Frame[] = []) {
  const received = to.receiveSeries(COUNT);
  await from.sendSeries(COUNT, head);
  assertEquals(await received, series(COUNT));
}

async function oneWay(from: Party, to: Party): Promise<void> {
  for (const message of MESSAGES) await tell(from, to, message);
  await count(from, to);
}

async function bothWays(first: Party, second: Party): Promise<void> {
  for (const message of MESSAGES) {
    await tell(first, second, message);
    await tell(second, first, message);
  }
  await Promise.all([count(first, second), count(second, first)]);
}

/** What is not subscribed to does not come: before, and after, all does. */
async function publish(from: Party, to: Party): Promise<void> {
  await subscribe(from, to, "news");
  await from.send("weather", "rain");
  await tell(from, to, ["news", "of the day"]);
  await from.send("new");
  await tell(from, to, ["newsletter"]);

  await subscribe(from, to, "");
  await oneWay(from, to);

  await unsubscribe(from, to, "");
  await from.send("weather", "rain again");
  await tell(from, to, ["news", "once more"]);
}

/** Returns when the publisher knows. */
async function subscribe(from: Party, to: Party, topic: string) {
  if (to.type === "SUB") await to.subscribe(topic);
  else await to.send(`\x01${topic}`);
  // A bound libzmq socket attends to new peers only while somebody calls it.
  let isHeard = false;
  const first = to.receive().then(() => isHeard = true);
  if (from.type === "XPUB") {
    assertEquals(shown(await from.receive()), shown([`\x01${topic}`]));
    await from.send(topic);
    await first;
    return;
  }
  // A PUB does not tell when a subscription has come: call until one answers.
  await eventually(async () => {
    if (!isHeard) await from.send(`${topic}?`);
    return isHeard;
  });
  await from.send(`${topic}!`);
  await first;
  while (shown(await to.receive())[0] !== `${topic}!`);
}

/** Returns when the publisher knows; "news" still comes. */
async function unsubscribe(from: Party, to: Party, topic: string) {
  if (to.type === "SUB") await to.unsubscribe(topic);
  else await to.send(`\x00${topic}`);
  if (from.type === "XPUB") {
    assertEquals(shown(await from.receive()), shown([`\x00${topic}`]));
    return;
  }
  await eventually(async () => {
    await from.send("do you still hear me?");
    await from.send("news");
    const isHeard = shown(await to.receive())[0] !== "news";
    if (isHeard) await to.receive();
    return !isHeard;
  });
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
  let clientId: Uint8Array | undefined;
  for (const message of MESSAGES) {
    await client.send(...message);
    const [id, ...body] = await router.receive();
    assertEquals(shown(body), shown([...delimiter, ...message]));
    await router.send(id!, ...delimiter, "re", ...message);
    assertEquals(shown(await client.receive()), shown(["re", ...message]));
    clientId = id;
  }
  if (client.type === "REQ") return; // it waits for each answer
  await Promise.all([
    count(client, router),
    count(router, client, [clientId!]),
  ]);
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
  await Promise.all([
    count(first, second, [secondId!]),
    count(second, first, [firstId!]),
  ]);
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
