/**
 * The store in PostgreSQL when connections and servers are lost, and when another
 * process takes its pipeline over.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineStep, Pipeline } from "../../../src/pipeline/mod.ts";
import type { PipelineError } from "../../../src/pipeline/mod.ts";
import type { JobStore } from "../../../src/pipeline/store/job_store.ts";
import { postgresStore } from "../../../src/pipeline/store/postgres_store.ts";
import {
  deferred,
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { Relay } from "./postgres_relay.ts";
import { noPostgres, postgresServer, uniqueName } from "./postgres_server.ts";
import { batchOf, eventOf, flowOf, jobOf, plain } from "./records.ts";

const OPTIONS = { skip: noPostgres, timeoutMs: 30_000 };

/** A flow with a job and an event. */
function batchFor(id: string) {
  return batchOf({
    flows: [flowOf(id)],
    jobs: [jobOf(id)],
    events: [eventOf(id, "waiting"), eventOf(id, "dispatched")],
  });
}

/** The code of what an action rejects with. */
async function codeOf(action: () => unknown): Promise<unknown> {
  const error = await assertRejects(async () => await action(), Error);
  return (error as Error & { code?: string }).code;
}

/** A relay before the server, and the URLs of both. */
async function behindRelay(t: TestContext) {
  const server = await postgresServer();
  const relay = t.use(await Relay.create(server.port));
  const url = server.url.replace(`:${server.port}`, `:${relay.port}`);
  return { relay, url, direct: server.url };
}

async function relayed(t: TestContext, answerTimeoutMs = 5000) {
  const { relay, url } = await behindRelay(t);
  const name = uniqueName();
  const store = postgresStore(url, {
    name,
    answerTimeoutMs,
    leaderLeaseMs: 600_000, // no renewal comes between
  });
  t.cleanup(() => store.close());
  await store.open();
  await store.commit(batchFor("first"));
  return { relay, store };
}

async function requireEvents(store: JobStore, ids: readonly string[]) {
  const expected = ["waiting", "dispatched"];
  for (const id of ids) {
    const events = await store.events(id);
    assertEquals(events.map(({ type }) => type), expected, id);
  }
}

test("a commit whose answer is lost is found committed", OPTIONS, async (t) => {
  const { relay, store } = await relayed(t);
  relay.lose = "answer";
  await store.commit(batchFor("a"));
  await store.commit(batchFor("b"));
  await requireEvents(store, ["first", "a", "b"]);
  assertEquals(store.trouble, undefined);
});

test(
  "a commit that never arrived rejects, and can be repeated",
  OPTIONS,
  async (t) => {
    const { relay, store } = await relayed(t);
    relay.lose = "request";
    assertEquals(
      await codeOf(() => store.commit(batchFor("a"))),
      "ERR_STORE_FAILED",
    );
    assertEquals(store.trouble?.code, "ERR_STORE_FAILED");
    assertEquals(await store.flow("a"), undefined);
    await store.commit(batchFor("a"));
    assertEquals(store.trouble, undefined);
    await requireEvents(store, ["first", "a"]);
  },
);

test(
  "a commit that arrives late, once it was given up, does nothing",
  OPTIONS,
  async (t) => {
    const { relay, store } = await relayed(t);
    relay.lose = "late";
    assertEquals(
      await codeOf(() => store.commit(batchFor("a"))),
      "ERR_STORE_FAILED",
    );
    await relay.deliver();
    assertEquals(await store.flow("a"), undefined);
    await store.commit(batchFor("b"));
    assertEquals(await store.flow("a"), undefined);
    await store.commit(batchFor("a"));
    await requireEvents(store, ["first", "a", "b"]);
  },
);

test("a connection that falls silent is replaced", OPTIONS, async (t) => {
  const { relay, store } = await relayed(t, 300);
  relay.lose = "silence";
  await store.commit(batchFor("a"));
  await requireEvents(store, ["first", "a"]);
});

test(
  "a batch whose outcome stays unknown for long is not committed twice",
  OPTIONS,
  async (t) => {
    const { relay, store } = await relayed(t);
    relay.lose = "answer";
    relay.isDown = true;
    const { flows, jobs, events, settings } = batchFor("a");
    const more = batchFor("b");
    assertEquals(
      await codeOf(() =>
        store.commit({
          ...{ flows, jobs, events, settings },
          logs: new Map([["first", "one\n"]]),
        })
      ),
      "ERR_STORE_FAILED",
    );
    assertEquals(store.trouble?.code, "ERR_STORE_FAILED");
    relay.isDown = false;
    // As the commit queue does: the same again, with what happened meanwhile.
    await store.commit({
      flows: new Map([...flows, ...more.flows]),
      jobs: new Map([...jobs, ...more.jobs]),
      events: [...events, ...more.events],
      settings,
      logs: new Map([["first", "one\ntwo\n"]]),
    });
    await requireEvents(store, ["first", "a", "b"]);
    assertEquals(await store.log("first"), "one\ntwo\n");
    assertEquals(store.trouble, undefined);
  },
);

test(
  "a pipeline that another process has taken over can write no more",
  OPTIONS,
  async (t) => {
    const { relay, url, direct } = await behindRelay(t);
    const name = uniqueName();
    const create = (url: string) => {
      const store = postgresStore(url, { name, leaderLeaseMs: 1000 });
      t.cleanup(() => store.close());
      return store;
    };
    const [old, next] = [create(url), create(direct)];
    const lost = deferred<PipelineError>();
    await old.open({ onLost: (error) => lost.resolve(error) });
    await old.commit(batchFor("a"));
    const opening = next.open();
    assertEquals(
      (await old.lead!.members()).map(({ leads }) => leads)[0],
      true,
    );
    relay.isDown = true;
    relay.cut();
    await opening;
    relay.isDown = false;
    assertEquals((await lost.promise).code, "ERR_STORE_FENCED");
    for (const id of ["b", "b"]) {
      assertEquals(
        await codeOf(() => old.commit(batchFor(id))),
        "ERR_STORE_FENCED",
      );
    }
    assertEquals(
      await codeOf(() => old.prune(Infinity, 10)),
      "ERR_STORE_FENCED",
    );
    assertEquals(old.trouble?.code, "ERR_STORE_FENCED");
    await next.commit(batchFor("c"));
    const ids = (await next.flows({ limit: 9 })).map(({ id }) => id);
    assertEquals(ids, ["c", "a"]);
  },
);

test(
  "pipelines in one database see nothing of each other",
  OPTIONS,
  async (t) => {
    const { url } = await postgresServer();
    const stores = await Promise.all([1, 2].map(async (n) => {
      const store = postgresStore(url, { name: uniqueName() });
      t.cleanup(() => store.close());
      await store.open();
      await store.commit(batchOf({
        flows: [
          flowOf("same", { priority: n, state: "completed", expiresAt: n }),
        ],
        jobs: [jobOf("same", { priority: n, state: "completed" })],
        events: [eventOf("same", "completed", { attempt: n })],
        settings: { n: String(n) },
      }));
      return store;
    }));
    for (const [i, store] of stores.entries()) {
      const n = i + 1;
      assertEquals((await store.flow("same"))?.priority, n);
      assertEquals((await store.jobsOf("same")).map((job) => job.priority), [
        n,
      ]);
      assertEquals((await store.events("same")).map((e) => e.attempt), [n]);
      assertEquals(await store.settings(), new Map([["n", String(n)]]));
      assertEquals((await store.counts()).map(({ count }) => count), [1]);
      assertEquals((await store.jobs({ limit: 9 })).length, 1);
    }
    assertEquals(await stores[0]!.prune(Infinity, 10), 2);
    assertEquals(await stores[0]!.flow("same"), undefined);
    assertEquals((await stores[1]!.flow("same"))?.priority, 2);
    assertEquals((await stores[1]!.events("same")).length, 1);
  },
);

test(
  "a pipeline goes on over a server that was killed, and loses nothing acknowledged",
  {
    ...OPTIONS,
    timeoutMs: 60_000,
  },
  async (t) => {
    const server = await postgresServer();
    const name = uniqueName();
    const double = defineStep("double", (n: number) => 2 * n);
    const create = () =>
      t.use(
        new Pipeline({
          name: "sums",
          steps: [double],
          store: postgresStore(server.url, { name }),
          onError: () => {}, // each failed commit
        }),
      );
    const first = create();
    const { requests } = await first.listen({ port: 0 });
    t.use(await double.run({ pipeline: requests }));
    const acknowledged = new Map<string, number>();
    let isOver = false;
    const submitting = (async () => {
      for (let n = 0; !isOver; n++) {
        acknowledged.set(
          await first.submit(double, n),
          n,
        );
      }
    })();
    const has = (count: number) => () => acknowledged.size >= count;
    await eventually(has(50), 20_000, "50 submissions");
    await server.kill();
    await eventually(
      () => first.operations.trouble !== undefined,
      10_000,
      "an unhealthy pipeline",
    );
    const before = acknowledged.size;
    await server.start();
    await eventually(has(before + 50), 20_000, "submissions after the restart");
    isOver = true;
    await submitting;
    assertEquals(first.operations.trouble, undefined);
    for (const [id, n] of acknowledged) {
      assertEquals(await within(first.result(id), 20_000, "a result"), 2 * n);
    }
    const late = await first.submit(double, 1000);
    assertEquals(await within(first.result(late), 10_000, "the result"), 2000);
    await first.close();

    const second = create();
    await second.listen({ port: 0 });
    assert(acknowledged.size >= 100);
    for (const [id, n] of acknowledged) {
      assertEquals(await second.result(id), 2 * n);
    }
  },
);

test(
  "what one pipeline took over PostgreSQL, the next one does",
  OPTIONS,
  async (t) => {
    const { url } = await postgresServer();
    const name = uniqueName();
    const double = defineStep("double", (n: number) => 2 * n);
    const create = () =>
      t.use(
        new Pipeline({
          name: "sums",
          steps: [double],
          store: postgresStore(url, { name }),
        }),
      );
    const first = create();
    await first.listen({ port: 0 });
    const id = await first.submit(double, 21);
    await first.close();
    const second = create();
    const { requests } = await second.listen({ port: 0 });
    t.use(await double.run({ pipeline: requests }));
    assertEquals(await within(second.result(id), 10_000, "the result"), 42);
    const types = (await second.operations.timeline(id)).map(({ type }) =>
      type
    );
    assertEquals(plain(types), ["dispatched", "completed"]);
  },
);
