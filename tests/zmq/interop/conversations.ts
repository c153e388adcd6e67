/**
 * Interoperability. What each legal pair of socket types has to say to each
 * other, and the messages they say it with. Written once for both roles.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { eventually } from "../../support/harness.ts";
import type { Frame } from "../../support/peers/peer.ts";
import { bytes } from "../../support/peers/zmtp_bytes.ts";
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

/**
 * Has two parties, in either order, say all that their types have to say.
 *
 * @param hasTopics whether a publisher receives subscriptions; without, it
 *   assumes that everything is subscribed to
 */
export async function converse(
  a: Party,
  b: Party,
  hasTopics = true,
): Promise<void> {
  for (const [first, second] of [[a, b], [b, a]] as const) {
    const say = CONVERSATIONS[`${first.type} ${second.type}`];
    if (say !== undefined) return await say(first, second, hasTopics);
  }
  throw new Error(`A ${a.type} and a ${b.type} have nothing to say`);
}

async function deliver(from: Party, to: Party, message: readonly Frame[]) {
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
  for (const message of MESSAGES) await deliver(from, to, message);
  await count(from, to);
}

async function bothWays(first: Party, second: Party): Promise<void> {
  for (const message of MESSAGES) {
    await deliver(first, second, message);
    await deliver(second, first, message);
  }
  await Promise.all([count(first, second), count(second, first)]);
}

/** What is not subscribed to does not come: before, and after, all does. */
async function publish(from: Party, to: Party, hasTopics: boolean) {
  if (!hasTopics) {
    await subscribe(from, to, "");
    return await oneWay(from, to);
  }
  await subscribe(from, to, "news");
  await from.send("weather", "rain");
  await deliver(from, to, ["news", "of the day"]);
  await from.send("new");
  await deliver(from, to, ["newsletter"]);

  await subscribe(from, to, "");
  await oneWay(from, to);

  await unsubscribe(from, to, "");
  await from.send("weather", "rain again");
  await deliver(from, to, ["news", "once more"]);
}

/** Returns when the publisher knows. */
async function subscribe(from: Party, to: Party, topic: string) {
  if (to.type === "SUB") await to.subscribe(topic);
  else await to.send(`\x01${topic}`);
  // A bound libzmq socket attends to new peers only while somebody calls it.
  let isReceived = false;
  const first = to.receive().then(() => isReceived = true);
  if (from.type === "XPUB") {
    assertEquals(shown(await from.receive()), shown([`\x01${topic}`]));
    await from.send(topic);
    await first;
    return;
  }
  // A PUB does not report subscriptions: publish until a message arrives.
  await eventually(async () => {
    if (!isReceived) await from.send(`${topic}?`);
    return isReceived;
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
    await from.send("are you still there?");
    await from.send("news");
    const isReceived = shown(await to.receive())[0] !== "news";
    if (isReceived) await to.receive();
    return !isReceived;
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

/** The frames that are messages of their own where a message has but one. */
const BODIES = [...new Set(MESSAGES.flat())];

async function clientServer(client: Party, server: Party): Promise<void> {
  let id: Uint8Array | undefined;
  for (const body of BODIES) {
    await client.send(body);
    const [from, there] = await server.receive();
    assertEquals(shown([there!]), shown([body]));
    await server.send(from!, there!);
    assertEquals(shown(await client.receive()), shown([body]));
    id = from;
  }
  await Promise.all([count(client, server), count(server, client, [id!])]);
}

/** A message is of a group if it was sent to exactly that. */
async function radioDish(radio: Party, dish: Party): Promise<void> {
  await dish.subscribe("news");
  // A RADIO does not report who has joined: send until a message arrives.
  let isReceived = false;
  const first = dish.receive().then(() => isReceived = true);
  await eventually(async () => {
    if (!isReceived) await radio.send("news", "is anyone there?");
    return isReceived;
  });
  await radio.send("news", "attention");
  await first;
  while (shown(await dish.receive())[1] !== "attention");

  for (const body of BODIES) {
    for (const group of ["new", "newsletter", "weather"]) {
      await radio.send(group, body);
    }
    await deliver(radio, dish, ["news", body]);
  }
  await count(radio, dish, ["news"]);
}

async function scatterGather(scatter: Party, gather: Party): Promise<void> {
  for (const body of BODIES) await deliver(scatter, gather, [body]);
  await count(scatter, gather);
}

async function channels(first: Party, second: Party): Promise<void> {
  for (const body of BODIES) {
    await deliver(first, second, [body]);
    await deliver(second, first, [body]);
  }
  await Promise.all([count(first, second), count(second, first)]);
}

/** Bytes without limits between messages; no bytes mean that one has come. */
async function streams(first: Party, second: Party): Promise<void> {
  // Together: a bound libzmq socket attends to new peers only while somebody calls it.
  const [[secondId, ...hello], [firstId]] = await Promise.all([
    first.receive(),
    second.receive(),
  ]);
  assertEquals(shown(hello), [""]);
  for (
    const [from, to, id] of [
      [first, second, secondId],
      [second, first, firstId],
    ] as const
  ) {
    const sent = BODIES.filter((body) => body.length > 0);
    for (const body of sent) await from.send(id!, body);
    const whole = bytes(...sent);
    let received: Uint8Array = new Uint8Array(0);
    while (received.byteLength < whole.byteLength) {
      received = bytes(received, (await to.receive())[1]!);
    }
    assertEquals(shown([received]), shown([whole]));
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
  await Promise.all([
    count(first, second, [secondId!]),
    count(second, first, [firstId!]),
  ]);
}

const CONVERSATIONS: Readonly<
  Record<
    string,
    (first: Party, second: Party, hasTopics: boolean) => Promise<void>
  >
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
  "STREAM STREAM": streams,
  "CLIENT SERVER": clientServer,
  "RADIO DISH": radioDish,
  "SCATTER GATHER": scatterGather,
  "CHANNEL CHANNEL": channels,
};
