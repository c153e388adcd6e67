/** How the store in PostgreSQL is opened: options, versions, encryption, what is missing. */
import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  loadFrom,
  loadPg,
} from "../../../src/pipeline/store/postgres/driver.ts";
import { Connection } from "../../../src/pipeline/store/postgres/connection.ts";
import {
  migrate,
  MIGRATIONS,
} from "../../../src/pipeline/store/postgres/schema.ts";
import {
  postgresStore,
  type PostgresStoreOptions,
} from "../../../src/pipeline/store/postgres_store.ts";
import type { PipelineError } from "../../../src/pipeline/mod.ts";
import { test, type TestContext } from "../../support/harness.ts";
import {
  noOpenssl,
  noPostgres,
  postgresServer,
  uniqueName,
} from "./postgres_server.ts";
import { batchOf, flowOf } from "./records.ts";

const OPTIONS = { skip: noPostgres, timeoutMs: 30_000 };

async function openingFails(
  url: string,
  options?: PostgresStoreOptions,
): Promise<PipelineError> {
  const store = postgresStore(url, options);
  return await assertRejects(() => store.open(), Error) as PipelineError;
}

/** A connection to the server, for what only tests do. */
async function connection(t: TestContext): Promise<Connection> {
  const { url } = await postgresServer();
  const config = { application_name: "test" };
  const answerTimeoutMs = 10_000;
  const own = new Connection({
    pg: await loadPg(),
    servers: [url],
    config,
    answerTimeoutMs,
  });
  t.cleanup(() => own.close());
  return own;
}

function run(connection: Connection, text: string) {
  return connection.query({ name: "", text });
}

let schemas = 0;

test("options that cannot be are refused at once", () => {
  const url = "postgres://user:secret@localhost/jobs";
  const cases: [string, unknown, RegExp][] = [
    ["mysql://localhost/jobs", {}, /none of PostgreSQL/],
    ["jobs.db", {}, /none of PostgreSQL/],
    [url, { schema: 'a"b' }, /schema cannot be/],
    [url, { schema: "1st" }, /schema cannot be/],
    [url, { name: "" }, /name of a store/],
    [url, { answerTimeoutMs: -1 }, /answerTimeoutMs/],
    [url, { tls: false }, /options of tls/],
    [url, { tls: { ca: "" } }, /ca of tls/],
    [url, { tls: { caFile: "x" } }, /caFile/],
    [`${url}?sslmode=require`, { tls: true }, /one of them/],
    [url, { user: "x" }, /user/],
  ];
  for (const [where, options, message] of cases) {
    const error = assertThrows(
      () => postgresStore(where, options as PostgresStoreOptions),
      Error,
    ) as PipelineError;
    assertEquals(error.code, "ERR_PIPELINE_INVALID");
    assertEquals(message.test(error.message), true, error.message);
    assertEquals(error.message.includes("secret"), false);
  }
});

test("without npm:pg, the error says what to install", async () => {
  const missing = Object.assign(new Error("Cannot find package 'pg'"), {
    code: "ERR_MODULE_NOT_FOUND",
  });
  for (
    const [cause, text] of [[missing, "npm install pg@8"], [
      new Error("odd"),
      "odd",
    ]] as const
  ) {
    const error = await assertRejects(
      () => loadFrom(() => Promise.reject(cause)),
      Error,
    ) as PipelineError;
    assertEquals(error.code, "ERR_STORE_UNSUPPORTED");
    assertStringIncludes(error.message, text);
  }
});

test(
  "a server that cannot be reached is an error without the password",
  OPTIONS,
  async () => {
    const error = await openingFails("postgres://user:secret@127.0.0.1:1/jobs");
    assertEquals(error.code, "ERR_STORE_FAILED");
    assertStringIncludes(error.message, "postgres://127.0.0.1:1/jobs");
    assertStringIncludes(error.message, "ECONNREFUSED");
    assertEquals(error.message.includes("secret"), false);
  },
);

test("a store that is not open says so", async () => {
  const store = postgresStore("postgres://localhost/jobs");
  for (const use of [() => store.commit(batchOf({})), () => store.flow("a")]) {
    const error = await assertRejects(
      async () => await use(),
      Error,
    ) as PipelineError;
    assertEquals(error.code, "ERR_PIPELINE_CLOSED");
  }
  await store.close();
});

test(
  "several processes that start at once create the tables once",
  OPTIONS,
  async (t) => {
    const { url } = await postgresServer();
    const schema = `fresh_${schemas++}`;
    const stores = Array.from(
      { length: 4 },
      (_, n) => postgresStore(url, { schema, name: `p${n}` }),
    );
    for (const store of stores) t.cleanup(() => store.close());
    await Promise.all(stores.map((store) => store.open()));
    await Promise.all(
      stores.map((store) => store.commit(batchOf({ flows: [flowOf("a")] }))),
    );
    const own = await connection(t);
    const { rows } = await run(
      own,
      `SELECT count(*)::int AS n FROM ${schema}.flows`,
    );
    assertEquals(rows, [{ n: 4 }]);
  },
);

test(
  "tables of a later version are refused, and older ones are brought up to date",
  OPTIONS,
  async (t) => {
    const { url } = await postgresServer();
    const schema = `versions_${schemas++}`;
    const own = await connection(t);
    await migrate(own, schema);
    const later = [
      ...MIGRATIONS,
      `ALTER TABLE {schema}.flows ADD COLUMN later text`,
    ];
    await migrate(own, schema, later);
    await run(own, `SELECT later FROM ${schema}.flows`);
    const error = await openingFails(url, { schema });
    assertEquals(error.code, "ERR_STORE_VERSION");
    // A migration that fails leaves nothing behind.
    const broken = [
      ...later,
      `DROP TABLE {schema}.events; SELECT 1 / 0`,
    ];
    await assertRejects(() => migrate(own, schema, broken), Error);
    await run(own, `SELECT * FROM ${schema}.events`);
  },
);

test("a database that is not in UTF-8 is refused", OPTIONS, async (t) => {
  const { url } = await postgresServer();
  const own = await connection(t);
  await run(
    own,
    "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0",
  );
  const error = await openingFails(url.replace(/postgres$/, "ascii"));
  assertEquals(error.code, "ERR_STORE_UNSUPPORTED");
  assertStringIncludes(error.message, "SQL_ASCII");
});

test("a Unix socket is a place for a server, too", OPTIONS, async (t) => {
  const { dir, port } = await postgresServer();
  const url = `postgres://agentzero@/postgres?host=${
    encodeURIComponent(dir)
  }&port=${port}`;
  const store = postgresStore(url, { name: uniqueName() });
  t.cleanup(() => store.close());
  await store.open();
  await store.commit(batchOf({ flows: [flowOf("a")] }));
  assertEquals((await store.flow("a"))?.id, "a");
});

test("with tls, the server's certificate is checked", {
  ...OPTIONS,
  skip: noPostgres || noOpenssl,
}, async (t) => {
  const server = await postgresServer();
  const ca = await server.encrypt();
  const open = async (tls: PostgresStoreOptions["tls"]) => {
    const store = postgresStore(server.url, { name: uniqueName(), tls });
    t.cleanup(() => store.close());
    await store.open();
    await store.commit(batchOf({ flows: [flowOf("a")] }));
    const own = await connection(t);
    const { rows } = await run(
      own,
      "SELECT count(*)::int AS n FROM pg_stat_ssl WHERE ssl",
    );
    return rows[0]!["n"];
  };
  assertEquals(await open({ ca }) as number > 0, true);
  for (const tls of [true, { ca, servername: "other.example" }] as const) {
    const error = await openingFails(server.url, { tls });
    assertEquals(error.code, "ERR_STORE_FAILED");
  }
});
