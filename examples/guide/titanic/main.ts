/**
 * Example: titanic. Requests are submitted while there is no worker; the titanic
 * is killed with `kill -9` before there is one, and again while replies arrive.
 * Every request gets its reply.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MajordomoBroker } from "../majordomo/broker.ts";
import { Child } from "../support/child.ts";
import { play } from "../support/scene.ts";
import { TitanicClient } from "./client.ts";

const TITANIC = new URL("./titanic_process.ts", import.meta.url);
const WORKER = new URL("../majordomo/worker_process.ts", import.meta.url);
const COUNT = 20;
/** Where the first worker hangs, so that the titanic is killed in the middle. */
const MIDDLE = 7;

await play(async () => {
  const folder = await mkdtemp(join(tmpdir(), "agentzero-titanic-"));
  try {
    await using broker = new MajordomoBroker();
    const address = await broker.bind("tcp://127.0.0.1:*");
    await using client = new TitanicClient(address, { timeoutMs: 30_000 });

    await using first = new Child(TITANIC, [address, folder]);
    const ids = new Map<string, string>();
    for (let i = 0; i < COUNT; i++) {
      const text = `message ${i}`;
      ids.set(await client.submit("upper", [text]), text);
    }
    for (const id of ids.keys()) {
      assert.equal(await client.reply(id), undefined);
    }
    console.log(
      `${ids.size} requests are stored, and there is no worker for them`,
    );

    await first.kill();
    await using second = new Child(TITANIC, [address, folder]);
    const [, found] = await second.line(/^(\d+) requests to do/);
    assert.equal(Number(found), COUNT);
    console.log(`the titanic was killed; the next one finds ${found}`);

    const hang = ["--hang-at", `message ${MIDDLE}`];
    await using weak = new Child(WORKER, [address, ...hang]);
    await weak.line(/^hangs/);
    await second.kill();
    await weak.kill();
    await using third = new Child(TITANIC, [address, folder]);
    const [, left] = await third.line(/^(\d+) requests to do/);
    assert.ok(Number(left) > 0 && Number(left) < COUNT);
    console.log(
      "it is killed in the middle, together with the worker; both are restarted",
    );
    await using strong = new Child(WORKER, [address]);
    await strong.line(/^served/);

    for (const [id, text] of ids) {
      for (const _ of ["once", "and again"]) {
        const [reply] = await client.waitForReply(id);
        assert.equal(`${reply}`, text.toUpperCase());
      }
    }
    for (const id of ids.keys()) await client.close(id);
    const files = await readdir(folder);
    assert.deepEqual(files, []);
    return `${COUNT} requests, the titanic killed 2 times, ` +
      `${ids.size} correct replies, ${files.length} files left`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
