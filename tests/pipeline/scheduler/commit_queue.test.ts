/** Unit: the journal, which keeps before anything is told. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Changes } from "../../../src/pipeline/scheduler/change_set.ts";
import {
  type ChangeSource,
  Journal,
} from "../../../src/pipeline/scheduler/commit_queue.ts";
import type { JobRecord } from "../../../src/pipeline/model/records.ts";
import type { Batch, JobStore } from "../../../src/pipeline/store/job_store.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { PipelineError } from "../../../src/pipeline/model/errors.ts";
import { type Deferred, deferred, test } from "../../support/harness.ts";

/** Settings stand for all changes: they are the simplest. */
class Source implements ChangeSource {
  #changes = new Changes();
  readonly kept: () => void = () => {};
  readonly refusals: string[] = [];

  refused(id: string): void {
    this.refusals.push(id);
  }

  set(name: string, value = "1"): void {
    this.#changes.settings.set(name, value);
  }

  takeChanges(): Changes {
    const changes = this.#changes;
    this.#changes = new Changes();
    return changes;
  }
}

/** A store whose commits a test lets succeed or fail, one by one. */
class SlowStore {
  readonly batches: string[][] = [];
  readonly #commits: Deferred<void>[] = [];
  #arrived = deferred<void>();

  commit(batch: Batch): Promise<void> {
    this.batches.push([...batch.settings.keys()]);
    const commit = deferred<void>();
    this.#commits.push(commit);
    this.#arrived.resolve();
    return commit.promise;
  }

  /** The next commit, once it is there. */
  async next(): Promise<Deferred<void>> {
    while (this.#commits.length === 0) {
      await this.#arrived.promise;
      this.#arrived = deferred();
    }
    return this.#commits.shift()!;
  }
}

function journalOver(store: object, source: ChangeSource) {
  const errors: Error[] = [];
  const journal = new Journal(
    store as JobStore,
    source,
    (error) => errors.push(error),
    5,
  );
  return { journal, errors };
}

test("all that happens in a turn is one commit, and nothing is told before it", async () => {
  const store = new SlowStore();
  const source = new Source();
  const { journal } = journalOver(store, source);
  const told: string[] = [];
  for (const name of ["a", "b"]) {
    source.set(name);
    journal.after(() => told.push(name));
  }
  source.set("c"); // without being asked for
  const commit = await store.next();
  assertEquals(store.batches, [["a", "b", "c"]]);
  assertEquals(told, []);
  commit.resolve();
  await journal.kept();
  assertEquals(told, ["a", "b"]);
});

test("what comes during a commit waits for the next one; commits do not overlap", async () => {
  const store = new SlowStore();
  const source = new Source();
  const { journal } = journalOver(store, source);
  const told: string[] = [];
  source.set("a");
  journal.after(() => told.push("a"));
  const first = await store.next();
  source.set("b");
  journal.after(() => told.push("b"));
  source.set("c");
  journal.after(() => told.push("c"));
  first.resolve();
  const second = await store.next();
  assertEquals(told, ["a"]);
  assertEquals(store.batches, [["a"], ["b", "c"]]);
  second.resolve();
  await journal.kept();
  assertEquals(told, ["a", "b", "c"]);
});

test("where nothing has changed nothing is committed, and it is told all the same", async () => {
  const store = new SlowStore();
  const { journal } = journalOver(store, new Source());
  await journal.kept();
  assertEquals(store.batches, []);
});

test("a store that fails is tried again, with all that has changed meanwhile", async () => {
  const store = new SlowStore();
  const source = new Source();
  const { journal, errors } = journalOver(store, source);
  const told: string[] = [];
  source.set("a");
  journal.after(() => told.push("a"));
  (await store.next()).reject(new Error("no room"));
  source.set("b");
  const again = await store.next();
  assertEquals(told, []);
  assertEquals(journal.error?.code, "ERR_STORE_FAILED");
  assertEquals(store.batches, [["a"], ["a", "b"]]);
  again.resolve();
  await journal.kept();
  assertEquals(told, ["a"]);
  assertEquals(journal.error, undefined);
  assertEquals(errors.map(({ message }) => message), [
    "The store cannot keep what happened: no room",
  ]);
});

test("what is tried again is kept as it is by then, never half of what belongs together", async () => {
  const job = { id: "j", state: "active", attempt: 1 } as JobRecord;
  const next = { id: "j.1", state: "waiting" } as JobRecord;
  let changes = new Changes();
  const source = {
    kept() {},
    refused() {},
    takeChanges() {
      const taken = changes;
      changes = new Changes();
      return taken;
    },
  };
  const batches: string[][] = [];
  const first = deferred<void>();
  const store = {
    commit({ jobs }: Batch) {
      batches.push([...jobs.values()].map(({ id, state }) => `${id} ${state}`));
      return batches.length === 1 ? first.promise : Promise.resolve();
    },
  };
  const { journal } = journalOver(store, source);
  changes.jobs.set(job.id, job);
  const kept = journal.kept();
  await new Promise((resolve) => setImmediate(resolve));
  // While the store fails, the job is done and the next one begins.
  job.state = "completed";
  changes.jobs.set(job.id, job).set(next.id, next);
  first.reject(new Error("no"));
  await kept;
  assertEquals(batches, [["j active"], ["j completed", "j.1 waiting"]]);
});

test("closing keeps the rest", async () => {
  const store = memoryStore();
  await store.open();
  const source = new Source();
  const { journal } = journalOver(store, source);
  source.set("a");
  journal.flushSoon();
  journal.after(() => source.set("b"));
  journal.after(() => journal.flushSoon());
  await journal.close();
  assertEquals([...store.settings().keys()], ["a", "b"]);
  await journal.close();
});

test("a store that fails while the journal is closed lets those know who wait", async () => {
  const source = new Source();
  const store = { commit: () => Promise.reject(new Error("gone")) };
  const { journal, errors } = journalOver(store, source);
  source.set("a");
  const kept = assertRejects(() => journal.kept(), PipelineError);
  await journal.close();
  const error = await kept;
  assertEquals(error.code, "ERR_PIPELINE_CLOSED");
  assert(errors.length >= 1);
  await assertRejects(() => journal.kept(), PipelineError);
});

test("one who is told and fails does not keep the others waiting", async () => {
  const { journal, errors } = journalOver(new SlowStore(), new Source());
  journal.after(() => {
    throw new Error("a bug");
  });
  await journal.kept();
  await journal.kept();
  assertEquals(errors.map(({ message }) => message), ["a bug"]);
});

test("a record that the store refuses keeps nobody waiting", async () => {
  const source = new Source();
  const batches: string[][] = [];
  const store = {
    commit({ settings }: Batch) {
      batches.push([...settings.keys()]);
      if (!settings.has("bad")) return Promise.resolve();
      const details = { id: "bad" };
      return Promise.reject(
        new PipelineError("ERR_STORE_FAILED", "datatype mismatch", details),
      );
    },
  };
  const { journal, errors } = journalOver(store, source);
  for (const name of ["a", "bad", "b"]) source.set(name);
  await journal.kept();
  assertEquals(batches, [["a", "bad", "b"], ["a", "b"]]);
  assertEquals(source.refusals, ["bad"]);
  assertEquals(journal.error, undefined);
  assertEquals(errors.map(({ message }) => message), [
    'The store cannot keep "bad": datatype mismatch',
  ]);
  source.set("bad");
  await journal.kept(); // alone, it leaves nothing to commit
  source.set("c");
  await journal.kept();
  assertEquals(batches.slice(2), [["bad"], ["c"]]);
  await journal.close();
});

test("a store that fails with whatever is tried again", async () => {
  const source = new Source();
  const hostile = new Proxy({}, {
    get: () => {
      throw new Error("cannot be read");
    },
  });
  const thrown: unknown[] = [null, undefined, "text", hostile, { id: "other" }];
  const store = {
    commit: () =>
      thrown.length > 0 ? Promise.reject(thrown.shift()) : Promise.resolve(),
  };
  const { journal, errors } = journalOver(store, source);
  source.set("a");
  await journal.kept();
  assertEquals([errors.length, source.refusals], [5, []]);
  await journal.close();
});

test("a source that throws ends the journal: nobody waits, and its error tells why", async () => {
  const source = new Source();
  const { journal, errors } = journalOver(new SlowStore(), {
    takeChanges: () => {
      throw new TypeError("x is undefined");
    },
    kept: source.kept,
    refused: () => {},
  });
  const error = await assertRejects(() => journal.kept(), PipelineError);
  assertEquals(error.code, "ERR_PIPELINE_CLOSED");
  assertEquals(journal.error?.code, "ERR_PIPELINE_STOPPED");
  assertEquals(errors, [journal.error!]);
  await assertRejects(() => journal.kept(), PipelineError);
  await journal.close();
});
