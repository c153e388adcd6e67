/**
 * The example `guide/titanic`: the scene, what is on the disk, the services of
 * RFC 9, and a titanic that is killed again and again at any moment.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { zmq } from "@agentzero/agentzero";
import { MajordomoBroker } from "../../../examples/guide/majordomo/broker.ts";
import { MajordomoClient } from "../../../examples/guide/majordomo/client.ts";
import { MajordomoWorker } from "../../../examples/guide/majordomo/worker.ts";
import { Child } from "../../../examples/guide/support/child.ts";
import {
  TitanicClient,
  TitanicError,
} from "../../../examples/guide/titanic/client.ts";
import { RequestStore } from "../../../examples/guide/titanic/request_store.ts";
import { runTitanic } from "../../../examples/guide/titanic/titanic.ts";
import { test, type TestContext } from "../../support/harness.ts";
import { playScene, SCENE } from "./scene.ts";

const UNKNOWN = "0".repeat(32);

test("titanic: the scene", SCENE, async (t) => {
  const lines = await playScene(t, "titanic");
  assertEquals(
    lines.at(-1),
    "20 requests, the titanic killed 2 times, 20 correct replies, 0 files left",
  );
});

test("titanic: a store finds stored requests again, and nothing incomplete", async (t) => {
  const folder = await t.tempDir();
  const store = await RequestStore.open(folder);
  const ids: string[] = [];
  for (const text of ["one", "two", "three"]) {
    ids.push((await store.add("echo", [bytes(text), bytes("")])).id);
  }
  await store.saveReply(ids[1]!, [bytes("reply")]);
  // What a crash may leave: a file that was not renamed, a reply without request.
  await writeFile(join(folder, `${UNKNOWN}.request.unfinished`), "\0\0\0\x09x");
  await writeFile(join(folder, `${UNKNOWN}.reply`), "\0\0\0\x01x");

  const again = await RequestStore.open(folder);
  const pending = await again.pending();
  assertEquals(
    pending.map(({ id }) => id).sort(),
    [ids[0]!, ids[2]!].sort(),
  );
  assertEquals(pending.map(({ service }) => service), ["echo", "echo"]);
  assertEquals(texts(await again.body(ids[0]!)), ["one", ""]);
  assertEquals(texts(await again.reply(ids[1]!)), ["reply"]);
  assertEquals(await again.reply(UNKNOWN), undefined);
  assertEquals((await readdir(folder)).length, 4);
});

test("titanic: a damaged file is an error", async (t) => {
  const folder = await t.tempDir();
  const store = await RequestStore.open(folder);
  await writeFile(join(folder, `${UNKNOWN}.request`), "\0\0\0\x09short");
  await assertRejects(() => store.body(UNKNOWN), Error, "is damaged");
});

test("titanic: a reply to a removed request is not stored", async (t) => {
  const folder = await t.tempDir();
  const store = await RequestStore.open(folder);
  const { id } = await store.add("echo", [bytes("x")]);
  await store.remove(id);
  await store.saveReply(id, [bytes("late")]);
  assertEquals(await readdir(folder), []);
});

test("titanic: an id is not a path", async (t) => {
  const folder = await t.tempDir();
  const store = await RequestStore.open(join(folder, "store"));
  const outside = "../x".padEnd(32, "0");
  await writeFile(join(folder, `${outside.slice(3)}.reply`), "\0\0\0\x01x");
  await writeFile(join(folder, `${outside.slice(3)}.request`), "\0\0\0\x01x");
  assertEquals(await store.reply(outside), undefined);
  await store.remove(outside);
  assertEquals((await readdir(folder)).length, 3);
});

test("titanic: the three services answer as RFC 9 says", async (t) => {
  const address = await startBroker(t);
  await startTitanic(t, address);
  const mdp = t.use(new MajordomoClient(address, { timeoutMs: 9000 }));
  const ask = async (service: string, ...body: string[]) =>
    texts(await mdp.request(service, body)).map((text) =>
      text.replace(/^(\d{3}) .*/, "$1")
    );
  const [status, id = ""] = await ask("titanic.request", "upper", "abc", "d");
  assertEquals(status, "200");
  assertMatch(id, /^[0-9a-f]{32}$/);
  assertEquals(await ask("titanic.reply", id), ["300"]);
  assertEquals(await ask("titanic.reply", UNKNOWN), ["400"]);
  assertEquals(await ask("titanic.reply", "no id"), ["400"]);
  assertEquals(await ask("titanic.request", "upper"), ["400"]);

  runWorker(t, address);
  const client = t.use(new TitanicClient(address, { timeoutMs: 9000 }));
  assertEquals(texts(await client.waitForReply(id)), ["ABC", "D"]);
  assertEquals(await ask("titanic.reply", id), ["200", "ABC", "D"]);
  assertEquals(await ask("titanic.reply", id), ["200", "ABC", "D"]);
  assertEquals(await ask("titanic.close", id), ["200"]);
  assertEquals(await ask("titanic.close", id), ["200"]);
  assertEquals(await ask("titanic.reply", id), ["400"]);
  await assertRejects(() => client.reply(id), TitanicError, "400");
});

test("titanic: a request for a service without workers delays no other", async (t) => {
  const address = await startBroker(t);
  await startTitanic(t, address);
  const client = t.use(new TitanicClient(address, { timeoutMs: 9000 }));
  const waiting: string[] = [];
  for (let i = 0; i < 10; i++) waiting.push(await client.submit("no", ["x"]));
  const id = await client.submit("upper", ["abc"]);
  runWorker(t, address);
  assertEquals(texts(await client.waitForReply(id)), ["ABC"]);
  for (const id of waiting) assertEquals(await client.reply(id), undefined);
});

test(
  "titanic: what was accepted is done, whenever the titanic is killed",
  { timeoutMs: 60_000 },
  async (t) => {
    const folder = await t.tempDir();
    const address = await startBroker(t);
    runWorker(t, address);
    const file = new URL(
      "../../../examples/guide/titanic/titanic_process.ts",
      import.meta.url,
    );
    const start = () => t.use(new Child(file, [address, folder]));

    let titanic = start();
    const accepted = new Map<string, string>();
    const submit = async (name: string, count: number) => {
      const client = t.use(new TitanicClient(address, { timeoutMs: 30_000 }));
      for (let i = 0; i < count; i++) {
        const text = `${name}${i}`;
        accepted.set(await client.submit("upper", [text]), text);
        // In the middle of the work of the others.
        if (name === "a" && i % 10 === 5) {
          await titanic.kill();
          titanic = start();
        }
      }
    };
    await Promise.all([submit("a", 30), submit("b", 30), submit("c", 30)]);
    assertEquals(new Set(accepted.values()).size, 90);

    const client = t.use(new TitanicClient(address, { timeoutMs: 30_000 }));
    for (const [id, text] of accepted) {
      const reply = await client.waitForReply(id);
      assertEquals(texts(reply), [text.toUpperCase()]);
    }
  },
);

async function startBroker(t: TestContext): Promise<string> {
  return await t.use(new MajordomoBroker()).bind("tcp://127.0.0.1:*");
}

async function startTitanic(t: TestContext, address: string): Promise<void> {
  const store = await RequestStore.open(await t.tempDir());
  const stop = new AbortController();
  const ended = runTitanic(address, store, stop.signal);
  t.cleanup(async () => {
    stop.abort();
    await ended;
  });
}

/** Makes text upper case. */
function runWorker(t: TestContext, address: string): void {
  const stop = new AbortController();
  const ended = new MajordomoWorker(
    address,
    "upper",
    (body) => texts(body).map((text) => text.toUpperCase()),
  ).run(stop.signal);
  t.cleanup(async () => {
    stop.abort();
    await ended;
  });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function texts(
  frames: readonly Uint8Array[] | zmq.Message | undefined,
): string[] {
  return (frames ?? []).map((frame) => new TextDecoder().decode(frame));
}
