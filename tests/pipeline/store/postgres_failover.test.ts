/** The failover of PostgreSQL: a standby of the server is promoted. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineStep, Pipeline } from "../../../src/pipeline/mod.ts";
import { serverUrls } from "../../../src/pipeline/store/postgres/servers.ts";
import { postgresStore } from "../../../src/pipeline/store/postgres_store.ts";
import { eventually, test, within } from "../../support/harness.ts";
import { noPostgres, PostgresServer, uniqueName } from "./postgres_server.ts";

test("a URL may list several servers", () => {
  const cases: [string, string[]][] = [
    ["postgres://u:p@a:1/db", ["postgres://u:p@a:1/db"]],
    ["postgres://u:p@a:1,b,c:3/db?x=1", [
      "postgres://u:p@a:1/db?x=1",
      "postgres://u:p@b/db?x=1",
      "postgres://u:p@c:3/db?x=1",
    ]],
    ["postgres://a,b/db?target_session_attrs=read-write&x=1", [
      "postgres://a/db?x=1",
      "postgres://b/db?x=1",
    ]],
    ["postgres://a/db?x=1&target_session_attrs=primary", [
      "postgres://a/db?x=1",
    ]],
    ["postgres:///db?host=/tmp", ["postgres:///db?host=/tmp"]],
  ];
  for (const [url, expected] of cases) assertEquals(serverUrls(url), expected);
});

test("nothing acknowledged is lost when a synchronous standby is promoted", {
  skip: noPostgres,
  timeoutMs: 120_000,
}, async (t) => {
  const primary = await PostgresServer.create();
  const standby = await primary.replicate();
  const url = primary.url.replace(
    `127.0.0.1:${primary.port}`,
    `127.0.0.1:${standby.port},127.0.0.1:${primary.port}`,
  ) + "?target_session_attrs=read-write";
  await assertRejects(
    () => postgresStore(standby.url).open(),
    Error,
    "the server is a standby, which cannot write",
  );
  const double = defineStep("double", (n: number) => 2 * n);
  const pipeline = t.use(
    new Pipeline({
      name: "sums",
      steps: [double],
      store: postgresStore(url, { name: uniqueName() }),
      onError: () => {}, // each failed commit
    }),
  );
  const { requests } = await pipeline.listen({ port: 0 });
  t.use(await double.run({ pipeline: requests }));
  const acknowledged = new Map<string, number>();
  let isOver = false;
  const submitting = (async () => {
    for (let n = 0; !isOver; n++) {
      acknowledged.set(await pipeline.submit(double, n), n);
    }
  })();
  const has = (count: number) => () => acknowledged.size >= count;
  await eventually(has(50), 30_000, "50 submissions");
  await primary.kill();
  const before = acknowledged.size;
  await standby.promote();
  await eventually(has(before + 50), 60_000, "submissions after the failover");
  isOver = true;
  await submitting;
  assertEquals(pipeline.operations.trouble, undefined);
  assert(acknowledged.size >= 100);
  for (const [id, n] of acknowledged) {
    assertEquals(await within(pipeline.result(id), 30_000, "a result"), 2 * n);
  }
});
