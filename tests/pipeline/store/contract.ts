/**
 * Test support. What every store does: the one suite that each of them passes.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type {
  FlowRecord,
  JobEvent,
  JobRecord,
} from "../../../src/pipeline/model/records.ts";
import { MAX_LOG_LENGTH } from "../../../src/pipeline/model/job_log.ts";
import type {
  FlowSearchQuery,
  JobStore,
  UnfinishedFlow,
} from "../../../src/pipeline/store/job_store.ts";
import {
  test as declare,
  type TestContext,
  type TestFunction,
} from "../../support/harness.ts";
import { batchOf, eventOf, flowOf, jobOf, plain } from "./records.ts";

/** All unfinished flows, each with all its jobs. */
async function unfinishedOf(store: JobStore): Promise<UnfinishedFlow[]> {
  const all: UnfinishedFlow[] = [];
  for await (const { flow, jobs } of store.unfinished()) {
    const last = all.at(-1);
    if (last?.flow.id === flow.id) last.jobs.push(...jobs);
    else all.push({ flow, jobs });
  }
  return all;
}

/** A store to test. */
export interface Subject {
  readonly name: string;
  /** Why it cannot be tested here. */
  readonly skip?: string | false;
  /** A new store, not yet open. */
  create(t: TestContext): Promise<JobStore> | JobStore;
  /** Another one of the same data, for those that keep it beyond the process. */
  again?(store: JobStore): JobStore;
}

/** Every string that is not plain: quotes, NUL, half a character, right to left, more than 16 bits. */
const ODD = '"q" \\ \0 \ud800 \u202eשלום é e\u0301 🎈 \ufeff\uffff';

/** Declares the tests of a store. */
export function testStore(subject: Subject): void {
  const test = (name: string, fn: TestFunction, timeoutMs?: number) =>
    declare(`${subject.name}: ${name}`, fn, { skip: subject.skip, timeoutMs });

  async function opened(t: TestContext): Promise<JobStore> {
    const store = await subject.create(t);
    t.cleanup(() => store.close());
    await store.open();
    return store;
  }

  test("the priority of a flow and of a job changes", async (t) => {
    const store = await opened(t);
    const [flow, job] = [flowOf("f"), jobOf("f")];
    await store.commit(batchOf({ flows: [flow], jobs: [job] }));
    flow.priority = job.priority = 7;
    await store.commit(batchOf({ flows: [flow], jobs: [job] }));
    assertEquals((await store.flow("f"))!.priority, 7);
    assertEquals((await store.job("f"))!.priority, 7);
  });

  test("a flow that expires before all times is deleted by itself", async (t) => {
    const store = await opened(t);
    const over = { state: "completed" } as const;
    const flows = ["kept", "removed"].map((id) =>
      flowOf(id, { ...over, expiresAt: 5 })
    );
    const jobs = flows.map(({ id }) => jobOf(id, over));
    await store.commit(batchOf({ flows, jobs }));
    // Of a finished flow only what changes is in the batch.
    const removed = { ...flows[1]!, expiresAt: 0 };
    await store.commit(batchOf({ flows: [removed] }));
    assertEquals(await store.prune(0, 10), 2);
    assertEquals(await store.flow("removed"), undefined);
    assertEquals(await store.job("removed"), undefined);
    assertEquals((await store.jobs({ limit: 9 })).map(({ id }) => id), [
      "kept",
    ]);
  });

  test("a store keeps the end of the log of each job, and deletes it with the job", async (t) => {
    const store = await opened(t);
    const over = { state: "completed" } as const;
    const flows = ["f", "g"].map((id) => flowOf(id, { ...over, expiresAt: 5 }));
    const jobs = [jobOf("f", over), jobOf("f", { ...over, node: 1 })];
    await store.commit(batchOf({ flows, jobs: [...jobs, jobOf("g", over)] }));
    assertEquals(await store.log("f"), "");
    await store.commit(batchOf({ logs: { f: "one\n", "f.1": "two\n" } }));
    // What is for a job that does not exist is ignored.
    const none = { none: "x\n", "f.7": "x\n", "f.1.2": "x\n" };
    await store.commit(batchOf({ logs: { ...none, f: "three\n" } }));
    assertEquals(await store.log("f"), "one\nthree\n");
    assertEquals(await store.log("f.1"), "two\n");
    for (const id of ["g", ...Object.keys(none)]) {
      assertEquals(await store.log(id), "");
    }
    const long = `${"x".repeat(MAX_LOG_LENGTH - 3)}\n`;
    await store.commit(batchOf({ logs: { f: long } }));
    assertEquals(await store.log("f"), `e\n${long}`);
    await store.commit(batchOf({ logs: { f: "y".repeat(MAX_LOG_LENGTH) } }));
    assertEquals(await store.log("f"), "y".repeat(MAX_LOG_LENGTH));
    assertEquals(await store.prune(5, 10), 5);
    await store.commit(batchOf({ flows, jobs }));
    assertEquals([await store.log("f"), await store.log("f.1")], ["", ""]);
  });

  test("a new store is empty", async (t) => {
    const store = await opened(t);
    assertEquals(await unfinishedOf(store), []);
    assertEquals(await store.settings(), new Map());
    assertEquals(await store.flow("a"), undefined);
    assertEquals(await store.job("a"), undefined);
    assertEquals(await store.jobsOf("a"), []);
    assertEquals(await store.events("a"), []);
    assertEquals(await store.flows({ limit: 10 }), []);
    assertEquals(await store.jobs({ limit: 10 }), []);
    assertEquals(await store.counts(), []);
    assertEquals(await store.prune(Infinity, 10), 0);
  });

  test("a store belongs to one pipeline at a time", async (t) => {
    const store = await opened(t);
    const error = await assertRejects(() => store.open(), Error);
    assertEquals((error as Error & { code: string }).code, "ERR_STORE_LOCKED");
    await store.close();
    await store.close();
    await store.open();
  });

  test("every field of a flow is read as it was written", async (t) => {
    const store = await opened(t);
    const few = flowOf("few");
    const all = fullFlow("all-fields_1");
    await store.commit(batchOf({ flows: [few, all] }));
    assertEquals(plain(await store.flow("few")), few);
    assertEquals(plain(await store.flow("all-fields_1")), all);
  });

  test("every field of a job is read as it was written", async (t) => {
    const store = await opened(t);
    const few = jobOf("f");
    const all = fullJob("f");
    await store.commit(batchOf({ flows: [flowOf("f")], jobs: [few, all] }));
    assertEquals(plain(await store.job("f")), few);
    assertEquals(plain(await store.job("f.3.7")), all);
    assertEquals(plain(await store.jobsOf("f")), [few, all]);
    assertEquals(await store.job("f.3"), undefined);
    assertEquals(await store.job("f.3.8"), undefined);
    assertEquals(await store.job("F"), undefined);
  });

  test("pages of jobs and of a timeline have the requested entries", async (t) => {
    const store = await opened(t);
    const jobs = Array.from(
      { length: 5 },
      (_, n) =>
        jobOf("f", n === 0 ? {} : { id: `f.1.${n - 1}`, node: 1, item: n - 1 }),
    );
    const events = Array.from(
      { length: 5 },
      (_, n) => eventOf("f", "progress", { at: n }),
    );
    await store.commit(
      batchOf({ flows: [flowOf("f"), flowOf("g")], jobs, events }),
    );
    const pages: [number | undefined, number | undefined, number[]][] = [
      [undefined, undefined, [0, 1, 2, 3, 4]],
      [Infinity, 0, [0, 1, 2, 3, 4]],
      [2, undefined, [0, 1]],
      [2, 2, [2, 3]],
      [2, 4, [4]],
      [2, 5, []],
      [0, 1, []],
      [undefined, 3, [3, 4]],
    ];
    for (const [limit, offset, expected] of pages) {
      const page = { limit, offset };
      assertEquals(
        plain(await store.jobsOf("f", page)),
        expected.map((n) => jobs[n]),
      );
      assertEquals(
        plain(await store.events("f", page)),
        expected.map((n) => events[n]),
      );
    }
    for (const [id, count] of Object.entries({ f: 5, g: 0, h: 0 })) {
      assertEquals(await store.jobCountOf(id), count);
    }
  });

  test("every field of an event is read as it was written", async (t) => {
    const store = await opened(t);
    const few = eventOf("f", "released");
    const all = eventOf("f", "late", {
      at: 1.5,
      attempt: 7,
      worker: ODD,
      detail: ODD,
    });
    await store.commit(
      batchOf({ flows: [flowOf("f")], jobs: [jobOf("f")], events: [few, all] }),
    );
    assertEquals(plain(await store.events("f")), [few, all]);
  });

  test("a list without payloads has all but these", async (t) => {
    const store = await opened(t);
    const [flow, job] = [fullFlow("f"), fullJob("f")];
    await store.commit(batchOf({ flows: [flow], jobs: [job] }));
    const query = { limit: 9, payloads: false };
    const { result: _1, ...flowHead } = flow;
    const { result: _2, ...jobHead } = job;
    assertEquals((await store.flows(query)).map(plain), [flowHead]);
    assertEquals((await store.jobs(query)).map(plain), [
      { ...jobHead, payload: "null" },
    ]);
  });

  test("a change replaces the earlier record", async (t) => {
    const store = await opened(t);
    const flow = fullFlow("f");
    const job = fullJob("f");
    await store.commit(batchOf({ flows: [flow], jobs: [job] }));
    flow.state = "running";
    flow.result =
      flow.error =
      flow.finishedAt =
      flow.expiresAt =
        undefined;
    Object.assign(job, { state: "waiting", attempt: 3, failures: 0, kills: 0 });
    job.runAt = job.worker = job.progress = undefined;
    job.result =
      job.error =
      job.startedAt =
      job.finishedAt =
        undefined;
    await store.commit(batchOf({ flows: [flow], jobs: [job] }));
    assertEquals(plain(await store.flow("f")), plain(flow));
    assertEquals(plain(await store.job(job.id)), plain(job));
    assertEquals((await store.jobsOf("f")).length, 1);
    assertEquals((await store.flows({ limit: 10 })).length, 1);
  });

  test("a record is stored as it was during the call", async (t) => {
    const store = await opened(t);
    const flow = flowOf("f");
    const job = jobOf("f");
    const kept = store.commit(batchOf({ flows: [flow], jobs: [job] }));
    flow.state = "failed";
    job.state = "dead";
    job.attempt = 9;
    await kept;
    assertEquals((await store.flow("f"))!.state, "running");
    assertEquals(plain(await store.job("f")), jobOf("f"));
  });

  test("returned records are copies", async (t) => {
    const store = await opened(t);
    await store.commit(batchOf({ flows: [flowOf("f")], jobs: [jobOf("f")] }));
    const taken = [
      (await store.job("f"))!,
      ...await store.jobsOf("f"),
      ...await store.jobs({ limit: 1 }),
      ...(await unfinishedOf(store)).flatMap(({ jobs }) => jobs),
    ];
    assertEquals(taken.length, 4);
    for (const job of taken) job.state = "dead";
    for (
      const flow of [
        (await store.flow("f"))!,
        ...await store.flows({ limit: 1 }),
      ]
    ) {
      flow.state = "failed";
    }
    assertEquals((await store.job("f"))!.state, "waiting");
    assertEquals((await store.flow("f"))!.state, "running");
    assertEquals(await store.counts(), [
      { jobType: "hash", state: "waiting", count: 1 },
    ]);
  });

  test("a batch that cannot be stored leaves nothing behind", async (t) => {
    const store = await opened(t);
    await store.commit(batchOf({
      flows: [flowOf("old")],
      jobs: [jobOf("old")],
      settings: { epoch: "1" },
    }));
    const good = {
      flows: [flowOf("new"), flowOf("old", { state: "failed" })],
      jobs: [jobOf("new"), jobOf("old", { state: "dead" })],
      events: [eventOf("old", "dead")],
      settings: { epoch: "2" },
    };
    const noFlow = batchOf({ ...good, jobs: [...good.jobs, jobOf("gone")] });
    const noJob = batchOf({
      ...good,
      events: [...good.events, eventOf("old.1", "dead")],
    });
    for (const bad of [noFlow, noJob]) {
      const error = await assertRejects(() => store.commit(bad), Error);
      assertEquals((error as { code?: string }).code, "ERR_STORE_FAILED");
      assertEquals(await store.flow("new"), undefined);
      assertEquals(await store.job("new"), undefined);
      assertEquals(plain(await store.flow("old")), flowOf("old"));
      assertEquals(plain(await store.job("old")), jobOf("old"));
      assertEquals(await store.events("old"), []);
      assertEquals(await store.settings(), new Map([["epoch", "1"]]));
      assertEquals(await store.counts(), [
        { jobType: "hash", state: "waiting", count: 1 },
      ]);
    }
    await store.commit(batchOf(good));
    assertEquals((await store.job("new"))?.state, "waiting");
    assertEquals((await store.settings()).get("epoch"), "2");
    assertEquals(plain(await store.events("old")), [eventOf("old", "dead")]);
    const counts = await store.counts();
    assertEquals(counts.sort((a, b) => a.state.localeCompare(b.state)), [
      { jobType: "hash", state: "dead", count: 1 },
      { jobType: "hash", state: "waiting", count: 1 },
    ]);
  });

  test("events are in the order in which they were added", async (t) => {
    const store = await opened(t);
    const types: JobEvent["type"][] = [
      "dispatched",
      "retrying",
      "waiting",
      "dispatched",
      "completed",
    ];
    // The clock may be set back meanwhile.
    const events = types.map((type, i) => eventOf("a", type, { at: 100 - i }));
    const other = eventOf("b", "dispatched");
    await store.commit(batchOf({
      flows: [flowOf("a"), flowOf("b")],
      jobs: [jobOf("a"), jobOf("b")],
      events: [events[0]!, other, events[1]!],
    }));
    await store.commit(batchOf({ events: events.slice(2, 3) }));
    await store.commit(
      batchOf({ jobs: [jobOf("a")], events: events.slice(3) }),
    );
    assertEquals(plain(await store.events("a")), events);
    assertEquals(plain(await store.events("b")), [other]);
    // Of a job that is over, too.
    const late = eventOf("b", "late");
    const over = [flowOf("b", { state: "failed" })];
    await store.commit(batchOf({
      flows: over,
      jobs: [jobOf("b", { state: "dead" })],
      events: [eventOf("b", "dead")],
    }));
    await store.commit(batchOf({ events: [late, late] }));
    const all = [other, eventOf("b", "dead"), late, late];
    assertEquals(plain(await store.events("b")), all);
  });

  test("settings are set, changed and deleted", async (t) => {
    const store = await opened(t);
    await store.commit(
      batchOf({ settings: { a: "1", b: '{"x":"🎈"}', c: "null" } }),
    );
    await store.commit(
      batchOf({ settings: { a: null, b: "2", "never:set": null } }),
    );
    assertEquals(await store.settings(), new Map([["b", "2"], ["c", "null"]]));
  });

  test("unfinished flows are running or have jobs that are not final, oldest first", async (t) => {
    const store = await opened(t);
    const done = { state: "completed" } as const;
    await store.commit(batchOf({
      flows: [
        flowOf("z-first"),
        flowOf("done", done),
        flowOf("half", { state: "failed" }),
        flowOf("failed", { state: "failed" }),
        flowOf("empty"),
      ],
      jobs: [
        jobOf("half", { state: "dead" }),
        jobOf("z-first", done),
        jobOf("done", done),
        jobOf("failed", { state: "dead" }),
        jobOf("half", { node: 2, state: "active" }),
        jobOf("half", { node: 1, state: "cancelled" }),
      ],
    }));
    const seen = async () =>
      (await unfinishedOf(store)).map(({ flow, jobs }) => [
        flow.id,
        ...jobs.map(({ id }) => id),
      ]);
    assertEquals(await seen(), [
      ["z-first", "z-first"],
      ["half", "half", "half.1", "half.2"],
      ["empty"],
    ]);
    await store.commit(batchOf({
      flows: [flowOf("z-first", done), flowOf("failed")],
      jobs: [
        jobOf("half", { node: 2, state: "dead" }),
        jobOf("failed", { state: "waiting" }),
      ],
    }));
    assertEquals(await seen(), [["failed", "failed"], ["empty"]]);
  });

  test("every state but the final ones is unfinished", async (t) => {
    const store = await opened(t);
    const states = [
      "scheduled",
      "waiting",
      "dispatched",
      "active",
      "retrying",
      "completed",
      "dead",
      "cancelled",
    ] as const;
    await store.commit(batchOf({
      flows: states.map((state) => flowOf(state, { state: "failed" })),
      jobs: states.map((state) => jobOf(state, { state })),
    }));
    const unfinished = (await unfinishedOf(store)).map(({ flow }) => flow.id);
    assertEquals(unfinished, states.slice(0, 5));
  });

  test("lists go page by page, newest first", async (t) => {
    const store = await opened(t);
    const ids = Array.from({ length: 25 }, (_, i) => `id${(i * 7) % 25}`);
    for (let i = 0; i < 25; i += 10) {
      const some = ids.slice(i, i + 10);
      await store.commit(batchOf({
        flows: some.map((id) => flowOf(id)),
        jobs: some.map((id) => jobOf(id)),
      }));
    }
    for (const list of ["flows", "jobs"] as const) {
      const pages: string[][] = [];
      let before: string | undefined;
      for (;;) {
        const page = (await store[list]({ limit: 10, before })).map(({ id }) =>
          id
        );
        if (page.length === 0) break;
        pages.push(page);
        before = page.at(-1);
      }
      assertEquals(pages.map(({ length }) => length), [10, 10, 5]);
      assertEquals(pages.flat(), ids.toReversed());
      assertEquals(await store[list]({ limit: 10, before: "unknown" }), []);
      assertEquals(await store[list]({ limit: 0 }), []);
    }
  });

  test("lists can be filtered by states and by name", async (t) => {
    const store = await opened(t);
    const kinds = [
      ["a", "hash", "completed"],
      ["b", "scan", "cancelled"],
      ["c", "hash", "cancelled"],
      ["d", "hash", "completed"],
      ["e", "scan", "completed"],
    ] as const;
    await store.commit(batchOf({
      flows: kinds.map(([id, name, state]) => flowOf(id, { name, state })),
      jobs: kinds.map(([id, jobType, state]) => jobOf(id, { jobType, state })),
    }));
    for (const list of ["flows", "jobs"] as const) {
      const ids = async (
        states?: ("completed" | "cancelled")[],
        name?: string,
        limit = 10,
        before?: string,
      ) =>
        (await store[list]({ states, name, limit, before })).map(({ id }) => id)
          .join(
            "",
          );
      assertEquals(await ids(["completed"]), "eda");
      assertEquals(await ids(["cancelled", "completed", "cancelled"]), "edcba");
      assertEquals(await ids(undefined, "hash"), "dca");
      assertEquals(await ids(["completed"], "hash"), "da");
      assertEquals(await ids(["completed"], undefined, 2), "ed");
      assertEquals(await ids(["completed"], undefined, 2, "d"), "a");
      // The next page need not begin with one that is listed.
      assertEquals(await ids(["completed"], "hash", 2, "c"), "a");
      assertEquals(await ids(undefined, "nothing"), "");
      assertEquals(await ids([]), "");
    }
  });

  /** All that a search finds, part by part. */
  async function found(
    store: JobStore,
    of: "searchFlows" | "searchJobs",
    query: Omit<FlowSearchQuery, "limit" | "states"> & {
      readonly states?: readonly ("failed" | "completed" | "dead")[];
      readonly limit?: number;
    },
  ): Promise<string> {
    const ids: string[] = [];
    let { before } = query;
    for (;;) {
      const part = await store[of](
        { limit: 100, ...query, before } as FlowSearchQuery & { states: [] },
      );
      for (const { id } of part.records) ids.push(id);
      before = part.next;
      if (before === undefined) return ids.join(" ");
    }
  }

  test("a search finds text in payloads and errors", async (t) => {
    const store = await opened(t);
    const failed = (message: string, more = {}) => ({
      name: "TypeError",
      message,
      traceback: "at secret.ts",
      retryable: true,
      ...more,
    });
    const kinds = [
      ["a", { payload: '{"path":"Cat.PNG"}' }],
      ["b", { error: failed("No cat.png", { code: "ENOENT" }) }],
      ["c", { payload: JSON.stringify(`100%_"${ODD}`) }],
      ["d", { payload: '"100 percent"', error: failed("É \ud800 \0 (x|y)*") }],
      ["e", { payload: JSON.stringify("x".repeat(70_000) + "beyond") }],
    ] as const;
    await store.commit(batchOf({
      flows: kinds.map(([id, more]) =>
        flowOf(id, "error" in more ? { error: more.error } : {})
      ),
      jobs: kinds.map(([id, more]) => jobOf(id, more)),
    }));
    const cases: Record<string, string> = {
      "CAT.png": "b a",
      "cat_png": "",
      "100%_": "c",
      [ODD.slice(ODD.indexOf("\0"))]: "c",
      '"path":"c': "a",
      '\\"q\\"': "c", // in JSON text
      "\ud800": "d c",
      "\\": "c",
      "typeerror": "d b",
      "enoent": "b",
      "(X|y)*": "d",
      "é": "c", // the case of other letters counts
      "É": "d",
      "retryable": "", // the name of a member
      "secret.ts": "", // the stack
      "beyond": "",
      "xx": "e",
    };
    for (const [text, ids] of Object.entries(cases)) {
      for (const list of ["searchFlows", "searchJobs"] as const) {
        assertEquals(await found(store, list, { text }), ids, text);
      }
    }
  });

  test("a search goes part by part, newest first, by state and name", async (t) => {
    const store = await opened(t);
    const ids = Array.from({ length: 30 }, (_, i) => `id${i}`);
    const state = (i: number) => i % 2 === 0 ? "completed" as const : undefined;
    const name = (i: number) => i % 3 === 0 ? "hash" : "scan";
    await store.commit(batchOf({
      flows: ids.map((id, i) =>
        flowOf(id, { name: name(i), state: state(i) ?? "failed" })
      ),
      jobs: ids.map((id, i) =>
        jobOf(id, {
          jobType: name(i),
          state: state(i) ?? "dead",
          payload: `"${i % 5}"`,
        })
      ),
    }));
    const newest = ids.toReversed();
    const where = (isIt: (i: number) => boolean) =>
      newest.filter((id) => isIt(Number(id.slice(2)))).join(" ");
    for (const list of ["searchFlows", "searchJobs"] as const) {
      const all = (query: object) => found(store, list, query);
      assertEquals(await all({}), newest.join(" "));
      assertEquals(await all({ limit: 1 }), newest.join(" "));
      assertEquals(
        await all({ limit: 7, text: '"3' }),
        where((i) => i % 5 === 3),
      );
      assertEquals(
        await all({ limit: 2, text: "3", name: "hash" }),
        where((i) => i % 5 === 3 && i % 3 === 0),
      );
      assertEquals(
        await all({ states: ["completed"], name: "scan", text: "4" }),
        where((i) => i % 2 === 0 && i % 3 !== 0 && i % 5 === 4),
      );
      assertEquals(await all({ before: "id3" }), "id2 id1 id0");
      assertEquals(await all({ before: "unknown" }), "");
      assertEquals(await all({ text: "nothing" }), "");
      const { records, next } = await store[list]({ limit: 2 });
      // A part ends early once its time is over.
      const first = ["id29", "id28"].slice(0, Math.max(1, records.length));
      assertEquals(records.map(({ id }) => id), first);
      assert(Number.isSafeInteger(next));
      const job = records[0] as Partial<JobRecord>;
      assertEquals(job.result, undefined);
      if (list === "searchJobs") assertEquals(job.payload, "null");
    }
  });

  test("flows are found by their key", async (t) => {
    const store = await opened(t);
    const keys = ["k", ODD, "k", "K", "k".repeat(1024), undefined, "k"];
    const flows = keys.map((key, i) =>
      flowOf(`f${i}`, {
        key,
        name: i === 2 ? "scan" : "hash",
        state: i === 6 ? "failed" : "completed",
      })
    );
    await store.commit(batchOf({
      flows,
      jobs: flows.map(({ id }) =>
        jobOf(id, { payload: `"of ${id}"`, state: "completed" })
      ),
    }));
    const all = (query: object) => found(store, "searchFlows", query);
    assertEquals(await all({ key: "k" }), "f6 f2 f0");
    assertEquals(await all({ key: "k", limit: 1 }), "f6 f2 f0");
    assertEquals(await all({ key: "k", before: "f6" }), "f2 f0");
    assertEquals(await all({ key: ODD }), "f1");
    assertEquals(await all({ key: "k".repeat(1024) }), "f4");
    assertEquals(await all({ key: "k", name: "hash" }), "f6 f0");
    assertEquals(await all({ key: "k", states: ["failed"] }), "f6");
    assertEquals(await all({ key: "k", text: "of f2" }), "f2");
    assertEquals(await all({ key: "unknown" }), "");
  });

  test("a record keeps its place when its state changes", async (t) => {
    const store = await opened(t);
    const ids = ["a", "b", "c"];
    await store.commit(batchOf({
      flows: ids.map((id) => flowOf(id)),
      jobs: ids.map((id) => jobOf(id)),
    }));
    for (const id of ["c", "a", "b"]) {
      await store.commit(batchOf({
        flows: [flowOf(id, { state: "completed" })],
        jobs: [jobOf(id, { state: "completed" })],
      }));
    }
    const query = { states: ["completed"], limit: 10 } as const;
    assertEquals((await store.flows(query)).map(({ id }) => id), [
      "c",
      "b",
      "a",
    ]);
    assertEquals((await store.jobs(query)).map(({ id }) => id), [
      "c",
      "b",
      "a",
    ]);
  });

  test("counts follow the jobs", async (t) => {
    const store = await opened(t);
    const counts = async () =>
      Object.fromEntries(
        (await store.counts()).map(({ jobType, state, count }) => [
          `${jobType} ${state}`,
          count,
        ]),
      );
    const flows = ["a", "b", "c"].map((id) => flowOf(id));
    const jobs = flows.map(({ id }) => jobOf(id));
    jobs.push(jobOf("a", { node: 1, jobType: "scan", state: "active" }));
    await store.commit(batchOf({ flows, jobs }));
    assertEquals(await counts(), { "hash waiting": 3, "scan active": 1 });
    jobs[0]!.state = "completed";
    jobs[1]!.attempt = 1;
    jobs[3]!.state = "completed";
    await store.commit(batchOf({ jobs }));
    assertEquals(await counts(), {
      "hash completed": 1,
      "hash waiting": 2,
      "scan completed": 1,
    });
    await store.commit(batchOf({
      flows: [flowOf("a", { state: "completed", expiresAt: 5 })],
    }));
    assertEquals(await store.prune(5, 10), 3);
    assertEquals(await counts(), { "hash waiting": 2 });
  });

  test("expired flows are deleted, the first to expire first", async (t) => {
    const store = await opened(t);
    const done = { state: "completed" } as const;
    const expiries = { a: 40, b: 10, c: 30, d: 20 };
    const flows = Object.entries(expiries).map(([id, expiresAt]) =>
      flowOf(id, { ...done, expiresAt })
    );
    flows.push(
      flowOf("kept", done),
      flowOf("runs", { expiresAt: 1 }),
      flowOf("half", { state: "failed", expiresAt: 1 }),
    );
    const jobs = flows.map(({ id }) => jobOf(id, done));
    jobs.push(jobOf("half", { node: 1, state: "retrying" }));
    const events = jobs.map(({ id }) => eventOf(id, "completed"));
    await store.commit(batchOf({ flows, jobs, events }));
    const left = async () =>
      (await store.flows({ limit: 10 })).map(({ id }) => id).reverse().join(
        " ",
      );

    assertEquals(await store.prune(9, 10), 0);
    assertEquals(await store.prune(25, 2), 2);
    assertEquals(await left(), "a c d kept runs half");
    assertEquals(await store.prune(25, 10), 2);
    assertEquals(await left(), "a c kept runs half");
    assertEquals(await store.flow("b"), undefined);
    assertEquals(await store.job("b"), undefined);
    assertEquals(await store.jobsOf("b"), []);
    assertEquals(await store.events("b"), []);
    assertEquals(await store.jobs({ limit: 10, before: "b" }), []);
    assertEquals((await store.events("c")).length, 1);
    assertEquals(await store.prune(Number.MAX_SAFE_INTEGER, 10), 4);
    assertEquals(await left(), "kept runs half");

    await store.commit(
      batchOf({ jobs: [jobOf("half", { node: 1, state: "dead" })] }),
    );
    assertEquals(await store.prune(1, 10), 3);
    assertEquals(await left(), "kept runs");
  });

  test("a flow that runs again does not expire", async (t) => {
    const store = await opened(t);
    const failed = flowOf("f", { state: "failed", expiresAt: 10 });
    const dead = jobOf("f", { state: "dead" });
    await store.commit(batchOf({ flows: [failed], jobs: [dead] }));
    await store.commit(batchOf({ flows: [flowOf("f")], jobs: [jobOf("f")] }));
    assertEquals(await store.prune(100, 10), 0);
    failed.expiresAt = 50;
    await store.commit(batchOf({ flows: [failed], jobs: [dead] }));
    assertEquals(await store.prune(49, 10), 0);
    assertEquals(await store.prune(50, 10), 2);
  });

  test("a deleted id can be used again", async (t) => {
    const store = await opened(t);
    const done = { state: "completed" } as const;
    await store.commit(batchOf({
      flows: [flowOf("f", { ...done, expiresAt: 1 })],
      jobs: [jobOf("f", done), jobOf("f", { node: 1, ...done })],
      events: [eventOf("f", "completed")],
    }));
    await store.prune(1, 10);
    await store.commit(batchOf({ flows: [flowOf("f")], jobs: [jobOf("f")] }));
    assertEquals(plain(await store.jobsOf("f")), [jobOf("f")]);
    assertEquals(await store.events("f"), []);
  });

  test("payloads may have 5 MB", async (t) => {
    const store = await opened(t);
    const json = JSON.stringify("é🎈 x".repeat(1_000_000));
    assert(new TextEncoder().encode(json).length > 5_000_000);
    const flow = flowOf("f", { state: "completed", result: json });
    const job = jobOf("f", {
      state: "completed",
      payload: json,
      result: json,
    });
    await store.commit(batchOf({ flows: [flow], jobs: [job] }));
    assert((await store.flow("f"))!.result === json);
    assert((await store.job("f"))!.payload === json);
    assert((await store.job("f"))!.result === json);
  }, 30_000);

  test("batches may have 10,000 jobs", async (t) => {
    const store = await opened(t);
    const ids = Array.from({ length: 10_000 }, (_, i) => `job-${i}`);
    const flows = ids.map((id) => flowOf(id));
    const jobs = ids.map((id, i) => jobOf(id, { payload: String(i) }));
    const events = ids.map((id, i) => eventOf(id, "scheduled", { at: i }));
    await store.commit(batchOf({ flows, jobs, events }));
    for (const job of jobs) job.state = "active";
    await store.commit(batchOf({ jobs }));
    assertEquals(await store.counts(), [
      { jobType: "hash", state: "active", count: 10_000 },
    ]);
    assertEquals((await store.events("job-9999"))[0]?.at, 9999);
    const all = await unfinishedOf(store);
    assertEquals(all.length, 10_000);
    assert(
      all.every(({ flow, jobs: [job] }, i) =>
        flow.id === ids[i] && job?.payload === String(i)
      ),
    );
  }, 30_000);

  test(
    "a flow with many jobs is read and deleted in parts",
    async (t) => {
      const store = await opened(t);
      const count = 2500;
      const items = Array.from(
        { length: count },
        (_, item) => jobOf("f", { id: `f.1.${item}`, node: 1, item }),
      );
      const jobs = [jobOf("f"), ...items];
      await store.commit(batchOf({
        flows: [flowOf("before"), flowOf("f"), flowOf("g")],
        jobs: [jobOf("before"), ...jobs, jobOf("g")],
      }));
      const parts: number[] = [];
      for await (const { flow, jobs } of store.unfinished()) {
        if (flow.id === "f") parts.push(jobs.length);
      }
      assert(parts.length > 1 && Math.max(...parts) <= 1000, String(parts));
      const [, whole] = await unfinishedOf(store);
      assertEquals(plain(whole), { flow: flowOf("f"), jobs });

      for (const job of jobs) job.state = "completed";
      await store.commit(batchOf({
        flows: [flowOf("f", { state: "completed", expiresAt: 1 })],
        jobs: jobs.slice(0, -1),
        events: jobs.map(({ id }) => eventOf(id, "completed")),
      }));
      // The last one is not final.
      for (let n = 0; n < 30; n++) await store.prune(1, 100);
      assertEquals(await store.jobCountOf("f"), count + 1);
      await store.commit(batchOf({ jobs: jobs.slice(-1) }));

      const seen = new Set<number>();
      while (await store.flow("f") !== undefined) {
        assert(await store.prune(1, 100) <= 100);
        const left = await store.jobCountOf("f");
        seen.add(left);
        // Without its first job, it is being deleted.
        assertEquals(await store.job("f") === undefined, left < count + 1);
      }
      assert(seen.size >= 25, `${seen.size}`);
      assertEquals(await store.prune(1, 100), 0);
      assertEquals(await store.counts(), [
        { jobType: "hash", state: "waiting", count: 2 },
      ]);
      assertEquals(await store.events("f.1.7"), []);
    },
    30_000,
  );

  const { again } = subject;
  if (again === undefined) return;

  test("everything is there when it is opened again", async (t) => {
    const store = await opened(t);
    const flow = fullFlow("f");
    const job = fullJob("f");
    const events = [eventOf(job.id, "dispatched"), eventOf(job.id, "dead")];
    const runs = { flow: flowOf("runs"), jobs: [jobOf("runs")] };
    await store.commit(batchOf({
      flows: [flow, runs.flow],
      jobs: [job, ...runs.jobs],
      events,
      settings: { epoch: "7", [ODD]: JSON.stringify(ODD) },
    }));
    const counts = await store.counts();
    await store.close();

    const reopened = again(store);
    t.cleanup(() => reopened.close());
    await reopened.open();
    assertEquals(plain(await reopened.flow("f")), flow);
    assertEquals(plain(await reopened.job(job.id)), job);
    assertEquals(plain(await reopened.events(job.id)), events);
    assertEquals(plain(await unfinishedOf(reopened)), [runs]);
    assertEquals(
      await reopened.settings(),
      new Map([["epoch", "7"], [ODD, JSON.stringify(ODD)]]),
    );
    assertEquals(await reopened.counts(), counts);
    await reopened.commit(
      batchOf({ events: [eventOf(job.id, "waiting")] }),
    );
    assertEquals(
      (await reopened.events(job.id)).map(({ type }) => type),
      ["dispatched", "dead", "waiting"],
    );
  });
}

function fullFlow(id: string): FlowRecord {
  return {
    id,
    name: ODD,
    graph: [
      { jobType: "hash", after: [] },
      { jobType: "scan", after: [0], each: true },
    ],
    state: "failed",
    key: ODD,
    priority: -2.5,
    retry: { attempts: 1, delayMs: 0, maxDelayMs: Number.MAX_SAFE_INTEGER },
    timeoutMs: 1e300,
    result: JSON.stringify([ODD, null, { a: 1 }]),
    error: { name: ODD, message: ODD, traceback: ODD, retryable: false },
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    createdAt: 1_700_000_000_000.25,
    finishedAt: 2 ** 53 - 1,
    expiresAt: 0,
  };
}

function fullJob(flowId: string): JobRecord {
  return {
    id: `${flowId}.3.7`,
    flowId,
    node: 3,
    item: 7,
    jobType: `"${ODD}`,
    state: "dead",
    payload: JSON.stringify({ [ODD]: ODD }),
    priority: 1e17,
    attempt: 2,
    failures: 1,
    kills: 3,
    retry: { attempts: 9, delayMs: 0.5, maxDelayMs: 1 },
    timeoutMs: 1,
    runAt: 1_700_000_000_001,
    worker: ODD,
    progress: 1 / 3,
    result: '"\\u0000"',
    error: { name: "E", message: "", retryable: true },
    createdAt: 0,
    startedAt: 1,
    finishedAt: 2,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
  };
}
