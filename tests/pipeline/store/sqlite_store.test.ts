/** Tests of the store in SQLite: the contract, its file, its lock and its speed. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { DatabaseSync } from "node:sqlite";
import type { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import type { LocalJobStore } from "../../../src/pipeline/store/job_store.ts";
import { storeError } from "../../../src/pipeline/store/sqlite/damage.ts";
import { openDatabase } from "../../../src/pipeline/store/sqlite/database.ts";
import { Lister } from "../../../src/pipeline/store/sqlite/lister.ts";
import { Reader } from "../../../src/pipeline/store/sqlite/reader.ts";
import {
  migrate,
  MIGRATIONS,
  requireOurs,
} from "../../../src/pipeline/store/sqlite/schema.ts";
import { Writer } from "../../../src/pipeline/store/sqlite/writer.ts";
import { sqliteStore } from "../../../src/pipeline/store/sqlite_store.ts";
import { test, type TestContext } from "../../support/harness.ts";
import { testStore } from "./contract.ts";
import { batchOf, eventOf, flowOf, jobOf } from "./records.ts";
import { batchAt } from "./programs/steady_batches.ts";
import { noSqlite, StoreProcess } from "./sqlite_support.ts";

const skip = noSqlite;
const paths = new WeakMap<LocalJobStore, string>();

testStore({
  name: "sqlite",
  skip,
  async create(t) {
    const path = await newPath(t);
    return at(path);
  },
  again: (store) => at(paths.get(store as LocalJobStore)!),
});

test(
  "sqlite: a runtime without it says what is needed",
  { skip: noSqlite ? false : "this runtime has node:sqlite" },
  async (t) => {
    const store = sqliteStore(await newPath(t));
    const error = await fails(store.open(), "ERR_STORE_UNSUPPORTED");
    assert(error.message.includes("Node 22.13"));
    assert(error.cause instanceof Error);
    await store.close();
  },
);

test("sqlite: a path or an option that cannot be used is refused", () => {
  const never = { synchronous: "off" as "full" };
  for (
    const create of [
      () => sqliteStore(""),
      () => sqliteStore(":memory:"),
      () => sqliteStore("file:jobs.db?mode=memory"),
      () => sqliteStore("jobs.db", never),
    ]
  ) {
    const error = assertThrows(create, Error);
    assertEquals((error as { code?: string }).code, "ERR_PIPELINE_INVALID");
  }
});

test("sqlite: a store that is not open throws", { skip }, async (t) => {
  const store = at(await newPath(t));
  await fails(store.commit(batchOf({})), "ERR_PIPELINE_CLOSED");
  await store.open();
  await store.close();
  await fails(store.commit(batchOf({})), "ERR_PIPELINE_CLOSED");
  const error = assertThrows(() => store.flow("a"), Error);
  assertEquals((error as { code?: string }).code, "ERR_PIPELINE_CLOSED");
});

test("sqlite: a file has one owner in a process", { skip }, async (t) => {
  const path = await newPath(t);
  const [first, second] = [at(path), at(path)];
  t.cleanup(() => Promise.all([first.close(), second.close()]));
  await first.open();
  await fails(second.open(), "ERR_STORE_LOCKED");
  await first.commit(batchOf({ settings: { epoch: "1" } }));
  await first.close();
  await second.open();
  assertEquals(second.settings().get("epoch"), "1");
});

test(
  "sqlite: a file has one owner among processes, and none once that is killed",
  { skip, timeoutMs: 40_000 },
  async (t) => {
    const path = await newPath(t);
    const store = at(path);
    t.cleanup(() => store.close());
    const owner = t.use(new StoreProcess(path, "hold"));
    await owner.said(1);
    assertEquals(owner.lines, ["open"]);
    await fails(store.open(), "ERR_STORE_LOCKED");
    await owner.kill();
    await store.open();
    const late = t.use(new StoreProcess(path, "hold"));
    await late.said(1);
    assertEquals(late.lines, ["ERR_STORE_LOCKED"]);
  },
);

test(
  "sqlite: of several processes that create a file at once, one owns it",
  { skip, timeoutMs: 40_000 },
  async (t) => {
    const path = await newPath(t);
    const all = Array.from(
      { length: 4 },
      () => t.use(new StoreProcess(path, "hold")),
    );
    await Promise.all(all.map((one) => one.said(1)));
    const said = all.map(({ lines }) => lines[0]).sort();
    const locked = "ERR_STORE_LOCKED";
    assertEquals(said, [locked, locked, locked, "open"]);
  },
);

test(
  "sqlite: a store that was killed and lost its write-ahead log is refused, unless it is to recover",
  { skip, timeoutMs: 40_000 },
  async (t) => {
    const path = await newPath(t);
    const log = `${path}-wal`;
    const owner = t.use(new StoreProcess(path, "commit"));
    await owner.said(20);
    await owner.kill();

    // Moved away, as by a copy of the file alone, and put back.
    const apart = `${path}-apart`;
    await rename(log, apart);
    const error = await fails(at(path).open(), "ERR_STORE_DAMAGED");
    assert(error.message.includes(log));
    await rm(log, { force: true });
    await rename(apart, log);
    const whole = at(path);
    await whole.open();
    assert(Number(whole.settings().get("last")) >= 18);
    assertEquals(whole.settings().get("store.in_use"), undefined);
    await whole.close();

    const again = t.use(new StoreProcess(path, "hold"));
    await again.said(1);
    assertEquals(again.lines, ["open"]);
    await again.kill();
    await rm(log);
    const recovered = sqliteStore(path, { recover: true });
    await recovered.open();
    await recovered.close();
    await at(path).open().then(() => {}, (error) => assert(false, error));
  },
);

test("sqlite: a link does not hide the write-ahead log", {
  skip: skip || process.platform === "win32" && "links need a privilege there",
  timeoutMs: 40_000,
}, async (t) => {
  const path = await newPath(t);
  const owner = t.use(new StoreProcess(path, "commit"));
  await owner.said(5);
  await owner.kill();
  await symlink(path, `${path}-link`);
  const store = at(`${path}-link`);
  t.cleanup(() => store.close());
  await store.open();
  assert(Number(store.settings().get("last")) >= 3);
});

test("sqlite: a file that is damaged in the middle is refused", {
  skip,
}, async (t) => {
  const path = await newPath(t);
  const store = at(path);
  await store.open();
  for (let n = 0; n < 50; n++) await store.commit(batchAt(n));
  await store.close();
  const { size } = await stat(path);
  const file = await open(path, "r+");
  await file.write(new Uint8Array(4096).fill(0xa5), 0, 4096, 4096 * 3);
  await file.close();
  const error = await fails(at(path).open(), "ERR_STORE_DAMAGED");
  assert(error.message.includes(path), `${error.message} (${size} bytes)`);
});

test("sqlite: SQLite's errors about damaged pages have a code and the path", {
  skip,
}, async (t) => {
  const path = await newPath(t);
  const store = at(path);
  await store.open();
  for (let n = 0; n < 20; n++) await store.commit(batchAt(n));
  await store.close();
  const { size } = await stat(path);
  const file = await open(path, "r+");
  const rubbish = new Uint8Array(size - 4096).fill(0xa5);
  await file.write(rubbish, 0, rubbish.length, 4096);
  await file.close();
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(path);
  t.cleanup(() => db.close());
  const thrown = assertThrows(
    () => db.prepare("SELECT count(*) FROM jobs").get(),
    Error,
  );
  const error = storeError("read", path, thrown);
  assertEquals(error.code, "ERR_STORE_DAMAGED");
  assert(error.message.includes(path));
});

test("sqlite: other users cannot read its files", {
  skip: skip || process.platform === "win32" && "Windows has no modes",
}, async (t) => {
  const path = await newPath(t);
  const store = sqliteStore(path);
  t.cleanup(() => store.close());
  await store.open();
  await store.commit(batchAt(0));
  const copy = `${path}-copy`;
  await store.backup(copy);
  for (const file of [path, `${path}-wal`, copy]) {
    assertEquals((await stat(file)).mode & 0o777, 0o600, file);
  }
  const restored = at(copy);
  await restored.open();
  assertEquals(restored.settings().get("last"), "0");
  await restored.close();
});

test("sqlite: a file that is not a store is refused, and not changed", {
  skip,
}, async (t) => {
  const dir = await t.tempDir();
  const { DatabaseSync } = await import("node:sqlite");

  const text = join(dir, "text");
  await writeFile(text, "This is no database. ".repeat(100));
  await fails(at(text).open(), "ERR_STORE_FAILED");
  assert((await readFile(text, "utf8")).startsWith("This is no database."));

  const foreign = join(dir, "foreign.db");
  const db = new DatabaseSync(foreign);
  db.exec("CREATE TABLE addresses (name TEXT)");
  db.close();
  const before = await readFile(foreign);
  const error = await fails(at(foreign).open(), "ERR_STORE_FAILED");
  assert(error.message.includes("another program"));
  assertEquals(await readFile(foreign), before);

  await fails(at(join(dir, "missing/jobs.db")).open(), "ERR_STORE_FAILED");
  await mkdir(join(dir, "folder"));
  await fails(at(join(dir, "folder")).open(), "ERR_STORE_FAILED");
});

test("sqlite: a file of a later version is refused, and not changed", {
  skip,
}, async (t) => {
  const path = await newPath(t);
  const store = at(path);
  await store.open();
  await store.close();
  const db = await openDatabase({ path, isFull: false });
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  db.close();
  const before = await readFile(path);
  await fails(store.open(), "ERR_STORE_VERSION");
  assertEquals(await readFile(path), before);
});

test(
  "sqlite: a file of an earlier version is brought to the latest, step by step",
  {
    skip,
  },
  async (t) => {
    const db = await openDatabase({ path: await newPath(t), isFull: false });
    t.cleanup(() => db.close());
    new Writer(db).commit(batchOf({ flows: [flowOf("f")] }));
    const steps = [
      ...MIGRATIONS,
      "ALTER TABLE flows ADD COLUMN colour TEXT",
      "UPDATE flows SET colour = 'red'",
    ];
    migrate(db, steps);
    migrate(db, steps);
    assertEquals(
      db.prepare("SELECT id, colour FROM flows").all().map(entries),
      [
        [["id", "f"], ["colour", "red"]],
      ],
    );
    requireOurs(db, "jobs.db", steps.length);

    // A step that fails leaves the file at the version before.
    const bad = [...steps, "UPDATE flows SET colour = 'blue'; SELECT nothing"];
    assertThrows(() => migrate(db, bad), Error);
    requireOurs(db, "jobs.db", steps.length);
    const { colour } = db.prepare("SELECT colour FROM flows").get()!;
    assertEquals(colour, "red");
  },
);

test("sqlite: commits wait for the disk on request", { skip }, async (t) => {
  for (const [isFull, level] of [[false, 1], [true, 2]] as const) {
    const db = await openDatabase({ path: await newPath(t), isFull });
    t.cleanup(() => db.close());
    assertEquals(db.prepare("PRAGMA synchronous").get()!["synchronous"], level);
  }
  const store = sqliteStore(await newPath(t), { synchronous: "full" });
  t.cleanup(() => store.close());
  await store.open();
  await store.commit(batchOf({ flows: [flowOf("f")] }));
  assertEquals(store.flow("f")!.id, "f");
});

test("sqlite: a batch that does not fit on the disk leaves nothing behind", {
  skip,
}, async (t) => {
  const db = await openDatabase({ path: await newPath(t), isFull: false });
  t.cleanup(() => db.close());
  const [writer, reader] = [new Writer(db), new Reader(db)];
  writer.commit(batchOf({ flows: [flowOf("old")], jobs: [jobOf("old")] }));
  const pages = db.prepare("PRAGMA page_count").get()!["page_count"] as number;
  db.exec(`PRAGMA max_page_count = ${pages + 10}`);
  const big = batchOf({
    flows: [flowOf("new"), flowOf("old", { state: "failed" })],
    jobs: [
      jobOf("old", { state: "dead" }),
      jobOf("new", { payload: JSON.stringify("x".repeat(100_000)) }),
    ],
    events: [eventOf("old", "dead")],
  });
  const error = assertThrows(() => writer.commit(big), Error);
  assertEquals(error.message, "database or disk is full");
  assertEquals(reader.flow("new"), undefined);
  assertEquals(reader.job("old")!.state, "waiting");
  assertEquals(reader.events("old"), []);
  db.exec("PRAGMA max_page_count = 1000000");
  writer.commit(big);
  assertEquals(reader.job("new")!.payload.length, 100_002);
});

test("sqlite: a change of state does not write a big payload again", {
  skip,
}, async (t) => {
  const path = await newPath(t);
  const store = at(path);
  t.cleanup(() => store.close());
  await store.open();
  const job = jobOf("f", { payload: JSON.stringify("x".repeat(2e6)) });
  await store.commit(batchOf({ flows: [flowOf("f")], jobs: [job] }));
  const { size } = await stat(`${path}-wal`);
  for (let attempt = 1; attempt <= 20; attempt++) {
    job.attempt = attempt;
    await store.commit(
      batchOf({ jobs: [job], events: [eventOf("f", "dispatched")] }),
    );
  }
  assert((await stat(`${path}-wal`)).size < size + 1e6);
});

test("sqlite: no statement scans rows that it does not need", {
  skip,
}, async (t) => {
  const db = await openDatabase({ path: await newPath(t), isFull: false });
  t.cleanup(() => db.close());
  const seen: string[] = [];
  const watched = {
    prepare(sql: string) {
      seen.push(sql);
      return db.prepare(sql);
    },
  } as DatabaseSync;
  new Reader(watched);
  new Writer(watched);
  for (const [table, name] of [["flows", "name"], ["jobs", "job_type"]]) {
    new Lister(watched, { table: table!, name: name!, seqOf: () => 0 });
  }
  assert(seen.length > 25);
  for (const sql of seen) {
    for (const { detail } of db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()) {
      const step = String(detail);
      const isSmall =
        /^SCAN (settings|counts|json_each|first_jobs|2-ORDER|CONSTANT)/;
      assert(
        !step.startsWith("SCAN") || isSmall.test(step),
        `${sql}\n${step}`,
      );
    }
  }
});

async function newPath(t: TestContext): Promise<string> {
  return join(await t.tempDir(), "jobs.db");
}

function at(path: string): LocalJobStore {
  const store = sqliteStore(path);
  paths.set(store, path);
  return store;
}

async function fails(promise: Promise<unknown>, code: string): Promise<Error> {
  const error = await assertRejects(() => promise, Error);
  assertEquals((error as Error & { code?: string }).code, code);
  return error as Error;
}

function entries(row: object): [string, unknown][] {
  return Object.entries(row);
}

test("sqlite: a record that cannot be stored is named, and no other", {
  skip,
}, async (t) => {
  const store = at(await newPath(t));
  await store.open();
  t.cleanup(() => store.close());
  const bad: [string, object][] = [
    ["key", { key: 5 }],
    ["priority", { priority: "high" }],
    ["priority NaN", { priority: NaN }],
    ["time", { createdAt: {} }],
    ["traceparent", { traceparent: 5 }],
  ];
  for (const [what, wrong] of bad) {
    const batch = batchOf({
      flows: [flowOf("good"), flowOf("bad", wrong as never)],
      jobs: [jobOf("good"), jobOf("bad")],
    });
    const error = await fails(store.commit(batch), "ERR_STORE_FAILED");
    assertEquals((error as PipelineError).id, "bad", what);
    assertEquals(store.flow("good"), undefined);
  }
  const batch = batchOf({ flows: [flowOf("f")], jobs: [jobOf("f")] });
  await store.commit(batch);
  const wrong = { progress: "half" as never };
  const job = batchOf({ jobs: [jobOf("f", wrong)] });
  const error = await fails(store.commit(job), "ERR_STORE_FAILED");
  assertEquals((error as PipelineError).id, "f");
});
