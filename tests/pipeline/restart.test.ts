/** Integration: a pipeline that ends, and one that takes up what it kept. */
import { assert, assertEquals } from "@std/assert";
import {
  defineStep,
  type JobStore,
  memoryStore,
  Pipeline,
  type PipelineAddresses,
  PipelineClient,
  sqliteStore,
} from "@agentzero/agentzero/pipeline";
import { deferred, eventually, within } from "../support/harness.ts";
import { SlowStore } from "./store/slow_store.ts";
import { ANYWHERE, clientOf, open, run, seen } from "./support/pipelines.ts";
import { testOver } from "./support/store_kinds.ts";

/** The same places again. */
function samePlaces({ addresses }: { addresses?: PipelineAddresses }) {
  return { ...addresses! };
}

/** A store in this process, and one that answers as over a network. */
for (const isRemote of [false, true]) {
  const test = testOver(isRemote);
  const newStore = (): JobStore =>
    isRemote ? new SlowStore(memoryStore()) : memoryStore();

  const double = defineStep("double", (n: number) => 2 * n);

  test("workers and clients find a restarted pipeline", async (t) => {
    const store = newStore();
    const first = await open(t, { steps: [double], store });
    const worker = await run(t, double, first.requests);
    const client = clientOf(t, first.requests);
    const one = await client.submit(double, 1);
    assertEquals(await client.result(one), 2);
    const places = samePlaces(first.pipeline);
    await first.pipeline.close();
    // Asked while there is none.
    const two = client.submit(double, 2);
    const { pipeline } = await open(t, { steps: [double], store }, places);
    assertEquals(await client.result(await two), 4);
    assertEquals(await client.result(one), 2);
    const [known] = (await pipeline.operations.stats()).workers;
    assertEquals(known?.id, worker.id);
  });

  test(
    "workers and watchers find a pipeline that was restarted at other ports",
    {
      timeoutMs: 30_000,
    },
    async (t) => {
      const store = newStore();
      const first = await open(t, { steps: [double], store });
      const connections: boolean[] = [];
      const onConnection = (is: boolean) => void connections.push(is);
      const worker = await run(t, double, first.requests, { onConnection });
      const client = clientOf(t, first.requests);
      const events = client.watch("job:completed:");
      const before = events.next();
      await eventually(async () => {
        await client.result(await client.submit(double, 1));
        return await Promise.race([before, Promise.resolve()]) !== undefined;
      });
      await first.pipeline.close();

      const places = { port: 0, requests: first.requests };
      const { pipeline } = await open(t, { steps: [double], store }, places);
      assert(pipeline.addresses!.feed !== first.pipeline.addresses!.feed);
      const two = await client.submit(double, 2);
      assertEquals(await within(client.result(two), 20_000, "the result"), 4);
      assertEquals(
        (await pipeline.operations.stats()).workers[0]!.id,
        worker.id,
      );
      assertEquals(connections.slice(-2), [false, true]);

      // The watcher may have found it later than the worker.
      const after = events.next();
      const found = after.then(() => true);
      await eventually(async () => {
        await client.result(await client.submit(double, 3));
        return await Promise.race([found, Promise.resolve(false)]);
      }, 20_000);
      await events.return();
    },
  );

  test("a job that runs while the pipeline is away is claimed, and done once", async (t) => {
    const store = newStore();
    const gate = deferred();
    let runs = 0;
    const held = defineStep("held", async () => {
      runs++;
      await gate.promise;
      return "done";
    });
    const first = await open(t, { steps: [held], store });
    await run(t, held, first.requests);
    const active = seen(t, first.pipeline, "job:active:");
    const id = await first.pipeline.submit(held, null);
    await active;
    await eventually(() => runs === 1);
    const places = samePlaces(first.pipeline);
    await first.pipeline.close();
    const { pipeline } = await open(t, { steps: [held], store }, places);
    assertEquals(
      (await pipeline.operations.status(id)).jobs[0]!.state,
      "active",
    );
    await eventually(async () =>
      (await pipeline.operations.stats()).workers[0]?.jobs.has(id)
    );
    gate.resolve();
    assertEquals(await pipeline.result(id), "done");
    assertEquals(
      [runs, (await pipeline.operations.status(id)).jobs[0]!.attempt],
      [1, 1],
    );
  });

  test("a result that was not settled is sent again to the next pipeline", async (t) => {
    const store = newStore();
    const gate = deferred();
    let runs = 0;
    const held = defineStep("held", async () => {
      runs++;
      await gate.promise;
      return runs;
    });
    const first = await open(t, { steps: [held], store });
    const worker = await run(t, held, first.requests);
    const id = await first.pipeline.submit(held, null);
    await eventually(() => runs === 1);
    const places = samePlaces(first.pipeline);
    await first.pipeline.close();
    gate.resolve(); // it is done while there is no pipeline
    await eventually(() => worker.running === 0);
    const { pipeline } = await open(t, { steps: [held], store }, places);
    assertEquals(await pipeline.result(id), 1);
    assertEquals(runs, 1);
  });

  test("a result that the pipeline received and could not commit is sent again", async (t) => {
    const kept = newStore();
    let isBroken = false;
    const store: JobStore = new Proxy(kept, {
      get(target, name) {
        if (name === "commit" && isBroken) {
          return () => Promise.reject(new Error("no room"));
        }
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const gate = deferred();
    const held = defineStep("held", async () => {
      await gate.promise;
      return "done";
    });
    const first = await open(t, { steps: [held], store });
    await run(t, held, first.requests);
    const active = seen(t, first.pipeline, "job:active:");
    const id = await first.pipeline.submit(held, null);
    await active;
    isBroken = true;
    gate.resolve();
    await eventually(() => first.errors.length > 0);
    const places = samePlaces(first.pipeline);
    await first.pipeline.close();
    isBroken = false;
    assertEquals((await kept.job(id))!.state !== "completed", true);
    const { pipeline } = await open(t, { steps: [held], store: kept }, places);
    assertEquals(await pipeline.result(id), "done");
  });

  test("an unclaimed job runs again", async (t) => {
    const store = newStore();
    let runs = 0;
    const stuck = defineStep(
      "stuck",
      () => ++runs === 1 ? new Promise(() => {}) : "done",
    );
    const first = await open(t, { steps: [stuck], store });
    const worker = await run(t, stuck, first.requests);
    const id = await first.pipeline.submit(stuck, null);
    await eventually(() => runs === 1);
    const places = samePlaces(first.pipeline);
    await first.pipeline.close();
    await worker.close(); // and no one is notified
    const { pipeline } = await open(
      t,
      { steps: [stuck], store, claimMs: 100 },
      places,
    );
    await run(t, stuck, places.requests);
    assertEquals(await pipeline.result(id), "done");
    assertEquals((await pipeline.operations.status(id)).jobs[0]!.kills, 0);
  });

  test("jobs go on in the middle of their flows, with a store on disk too", async (t) => {
    const [major = 0, minor = 0] = "Deno" in globalThis || "Bun" in globalThis
      ? [99]
      : (globalThis as unknown as { process: { versions: { node: string } } })
        .process.versions.node.split(".").map(Number);
    const stores: ((path: string) => JobStore)[] = [];
    const memory = newStore();
    stores.push(() => memory);
    // node:sqlite is there from 22.13 on.
    if (major > 22 || (major === 22 && minor >= 13)) stores.push(sqliteStore);
    for (const storeAt of stores) {
      const path = `${await t.tempDir()}/jobs.db`;
      const add = defineStep("add", (n: number) => n + 1);
      const times = defineStep("times", (n: number) => n * 10);
      const steps = [add, times] as const;
      const first = new Pipeline({ name: "a", steps, store: storeAt(path) });
      const { requests } = await first.listen(ANYWHERE);
      const adding = await add.run({ pipeline: requests });
      const half = seen(
        t,
        first as unknown as Pipeline,
        "job:completed:add:",
        20,
      );
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, n) => first.submit(add, n)),
      );
      await half;
      const places = samePlaces(first);
      await first.close();
      const { pipeline } = await open(
        t,
        { steps: [add, times] as never, store: storeAt(path) },
        places,
      );
      await run(t, times, places.requests);
      for (const [n, id] of ids.entries()) {
        assertEquals(await pipeline.result(id), (n + 1) * 10);
      }
      await adding.close();
      await pipeline.close();
    }
  });

  test(
    "over many restarts every submission is answered once, and none is lost",
    {
      timeoutMs: 40_000,
    },
    async (t) => {
      const store = newStore();
      const done = new Map<number, number>();
      const count = defineStep("count", (n: number) => {
        done.set(n, (done.get(n) ?? 0) + 1);
        return n;
      });
      let { pipeline, requests } = await open(t, { steps: [count], store });
      const places = samePlaces(pipeline);
      await run(t, count, requests, { concurrency: 4, prefetch: 4 });
      const client = t.use(new PipelineClient({ pipeline: requests }));
      const results: Promise<number>[] = [];
      for (let round = 0; round < 5; round++) {
        for (let n = 0; n < 100; n++) {
          const id = client.submit(count, round * 100 + n);
          results.push(id.then((id) => client.result<number>(id)));
        }
        await seen(t, pipeline, "job:completed:", 20);
        await pipeline.close();
        ({ pipeline, requests } = await open(
          t,
          { steps: [count], store },
          places,
        ));
      }
      const all = await within(Promise.all(results), 30_000, "all results");
      assertEquals(all, Array.from({ length: 500 }, (_, n) => n));
      assertEquals(done.size, 500);
      assertEquals((await store.flows({ limit: 1000 })).length, 500);
      assert([...done.values()].every((times) => times === 1), "one ran twice");
    },
  );
}
