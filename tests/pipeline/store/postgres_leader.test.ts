/** Which of several processes leads a pipeline over PostgreSQL. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import type { PipelineMember } from "../../../src/pipeline/store/job_store.ts";
import { postgresStore } from "../../../src/pipeline/store/postgres_store.ts";
import {
  deferred,
  eventually,
  test,
  type TestContext,
} from "../../support/harness.ts";
import { Relay } from "./postgres_relay.ts";
import { noPostgres, postgresServer, uniqueName } from "./postgres_server.ts";

const OPTIONS = { skip: noPostgres, timeoutMs: 30_000 };

/** Two stores of one pipeline: the first one reaches the server through a relay. */
async function two(t: TestContext, leaderLeaseMs: number) {
  const server = await postgresServer();
  const relay = t.use(await Relay.create(server.port));
  const name = uniqueName();
  const create = (url: string) => {
    const store = postgresStore(url, { name, leaderLeaseMs });
    t.cleanup(() => store.close());
    return store;
  };
  const [first, second] = [
    create(server.url.replace(`:${server.port}`, `:${relay.port}`)),
    create(server.url),
  ];
  const lost = deferred<PipelineError>();
  await first.open({
    member: { address: "tcp://first:1", host: "one", pid: 1 },
    onLost: (error) => lost.resolve(error),
  });
  const leader = deferred<PipelineMember>();
  const opened = second.open({
    member: { address: "tcp://second:1", host: "two", pid: 2 },
    onStandby: (member) => leader.resolve(member),
  });
  return { relay, first, second, opened, lost, leader: await leader.promise };
}

test(
  "a standby learns who leads, and leads at once when that ends",
  OPTIONS,
  async (t) => {
    const { first, second, opened, leader } = await two(t, 600_000);
    assertEquals([leader.address, leader.host, leader.pid, leader.leads], [
      "tcp://first:1",
      "one",
      1,
      true,
    ]);
    const names = (members: PipelineMember[]) =>
      members.map(({ address, leads }) => `${address} ${leads}`);
    assertEquals(names(await first.lead!.members()), [
      "tcp://first:1 true",
      "tcp://second:1 false",
    ]);
    first.lead!.announce("tcp://first:2");
    const before = performance.now();
    await first.close();
    await opened;
    assert(
      performance.now() - before < 10_000,
      "long before the lease is over",
    );
    assertEquals(names(await second.lead!.members()), ["tcp://second:1 true"]);
  },
);

test(
  "a leader whose connection is gone is replaced long before its lease is over",
  OPTIONS,
  async (t) => {
    const { relay, opened, lost } = await two(t, 600_000);
    relay.isDown = true;
    relay.cut();
    await opened;
    relay.isDown = false;
    assertEquals((await lost.promise).code, "ERR_STORE_FENCED");
  },
);

test(
  "a leader that is cut off is replaced when its lease is over, and learns it",
  OPTIONS,
  async (t) => {
    const { relay, first, opened, lost } = await two(t, 1500);
    relay.isFrozen = true;
    await opened;
    relay.isFrozen = false;
    relay.cut();
    assertEquals((await lost.promise).code, "ERR_STORE_FENCED");
    const error = await assertRejects(
      () => first.prune(0, 1) as Promise<number>,
      PipelineError,
    );
    assertEquals(error.code, "ERR_STORE_FENCED");
  },
);

test(
  "a leader that renews its lease keeps it, also over new connections",
  OPTIONS,
  async (t) => {
    const { relay, first, second, opened, lost } = await two(t, 2500);
    let isOver = false;
    const over = () => isOver = true;
    opened.then(over, over);
    lost.promise.then(over);
    const start = performance.now();
    for (let n = 1; n <= 3; n++) {
      // More than the lease in all.
      const isTime = () => performance.now() - start > n * 1000;
      await eventually(isTime, 10_000, "the time for a cut");
      relay.cut();
      const members = async () => await first.lead!.members();
      const isLeader = () =>
        members().then(([member]) => member!.leads, () => false);
      await eventually(isLeader, 10_000, "a new connection");
    }
    assertEquals(isOver, false);
    await second.close();
    await assertRejects(() => opened, PipelineError);
  },
);

test("the wait for the lead can be given up", OPTIONS, async (t) => {
  const { url } = await postgresServer();
  const name = uniqueName();
  const [first, second] = [0, 1].map(() => postgresStore(url, { name }));
  t.cleanup(() => first!.close());
  await first!.open();
  const standing = deferred<void>();
  const end = new AbortController();
  const opened = second!.open({
    signal: end.signal,
    onStandby: () => standing.resolve(),
  });
  await standing.promise;
  const reason = new PipelineError("ERR_PIPELINE_CLOSED", "enough");
  end.abort(reason);
  assertEquals(await assertRejects(() => opened, PipelineError), reason);
  assertEquals((await first!.lead!.members()).length, 1);
});
