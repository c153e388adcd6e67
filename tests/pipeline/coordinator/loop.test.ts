/** Unit: the commit queue, which commits before anybody is notified. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ChangeSet } from "../../../src/pipeline/scheduler/change_set.ts";
import {
  Loop,
  type LoopSteps,
} from "../../../src/pipeline/coordinator/loop.ts";
import type { JobRecord } from "../../../src/pipeline/model/records.ts";
import type { Batch, JobStore } from "../../../src/pipeline/store/job_store.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { type Deferred, deferred, test } from "../../support/harness.ts";

const OPTIONS = { now: () => 0, resultTtlMs: 0, failedTtlMs: 0 };

/** Settings stand for all changes: they are the simplest. */
class Source implements LoopSteps {
  readonly tick: () => void = () => {};
  readonly dispatch: () => void = () => {};
  #changes = new ChangeSet(OPTIONS);
  readonly committed: () => void = () => {};
  readonly refusals: string[] = [];
  readonly fences: PipelineError[] = [];

  refused(id: string): void {
    this.refusals.push(id);
  }

  fenced(error: PipelineError): void {
    this.fences.push(error);
  }

  set(name: string, value = "1"): void {
    this.#changes.settings.set(name, value);
  }

  takeChanges(): ChangeSet {
    const changes = this.#changes;
    this.#changes = new ChangeSet(OPTIONS);
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

function queueOver(store: object, source: LoopSteps) {
  const errors: Error[] = [];
  const loop = new Loop(
    store as JobStore,
    source,
    (error) => errors.push(error),
    5,
  );
  return { loop, commits: loop.commits, errors };
}

test("all changes of a turn are one commit, and callbacks run after it", async () => {
  const store = new SlowStore();
  const source = new Source();
  const { commits } = queueOver(store, source);
  const called: string[] = [];
  for (const name of ["a", "b"]) {
    source.set(name);
    commits.after(() => called.push(name));
  }
  source.set("c"); // without being asked for
  const commit = await store.next();
  assertEquals(store.batches, [["a", "b", "c"]]);
  assertEquals(called, []);
  commit.resolve();
  await commits.committed();
  assertEquals(called, ["a", "b"]);
});

test("changes during a commit wait for the next one; commits do not overlap", async () => {
  const store = new SlowStore();
  const source = new Source();
  const { commits } = queueOver(store, source);
  const called: string[] = [];
  source.set("a");
  commits.after(() => called.push("a"));
  const first = await store.next();
  source.set("b");
  commits.after(() => called.push("b"));
  source.set("c");
  commits.after(() => called.push("c"));
  first.resolve();
  const second = await store.next();
  assertEquals(called, ["a"]);
  assertEquals(store.batches, [["a"], ["b", "c"]]);
  second.resolve();
  await commits.committed();
  assertEquals(called, ["a", "b", "c"]);
});

test("without changes nothing is committed, and waiters resolve all the same", async () => {
  const store = new SlowStore();
  const { commits } = queueOver(store, new Source());
  await commits.committed();
  assertEquals(store.batches, []);
});

test("a failed commit is retried, with all that has changed meanwhile", async () => {
  const store = new SlowStore();
  const source = new Source();
  const { commits, errors } = queueOver(store, source);
  const called: string[] = [];
  source.set("a");
  commits.after(() => called.push("a"));
  (await store.next()).reject(new Error("no room"));
  source.set("b");
  const again = await store.next();
  assertEquals(called, []);
  assertEquals(commits.error?.code, "ERR_STORE_FAILED");
  assertEquals(store.batches, [["a"], ["a", "b"]]);
  again.resolve();
  await commits.committed();
  assertEquals(called, ["a"]);
  assertEquals(commits.error, undefined);
  assertEquals(errors.map(({ message }) => message), [
    "The store cannot commit changes: no room",
  ]);
});

test("a retried commit has the state at that time, and is never half of a change", async () => {
  const job = { id: "j", state: "active", attempt: 1 } as JobRecord;
  const next = { id: "j.1", state: "waiting" } as JobRecord;
  let changes = new ChangeSet(OPTIONS);
  const source = {
    tick() {},
    dispatch() {},
    committed() {},
    refused() {},
    fenced() {},
    takeChanges() {
      const taken = changes;
      changes = new ChangeSet(OPTIONS);
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
  const { commits } = queueOver(store, source);
  changes.jobs.set(job.id, job);
  const kept = commits.committed();
  await new Promise((resolve) => setImmediate(resolve));
  // While the store fails, the job is done and the next one begins.
  job.state = "completed";
  changes.jobs.set(job.id, job).set(next.id, next);
  first.reject(new Error("no"));
  await kept;
  assertEquals(batches, [["j active"], ["j completed", "j.1 waiting"]]);
});

test("closing commits the rest", async () => {
  const store = memoryStore();
  await store.open();
  const source = new Source();
  const { loop, commits } = queueOver(store, source);
  source.set("a");
  loop.wake();
  commits.after(() => source.set("b"));
  commits.after(() => loop.wake());
  await loop.close();
  assertEquals([...store.settings().keys()], ["a", "b"]);
  await loop.close();
});

test("a store that fails while the queue is closing rejects the waiting calls", async () => {
  const source = new Source();
  const store = { commit: () => Promise.reject(new Error("gone")) };
  const { loop, commits, errors } = queueOver(store, source);
  source.set("a");
  const kept = assertRejects(() => commits.committed(), PipelineError);
  await loop.close();
  const error = await kept;
  assertEquals(error.code, "ERR_PIPELINE_CLOSED");
  assert(errors.length >= 1);
  await assertRejects(() => commits.committed(), PipelineError);
});

test("a callback that throws does not delay the others", async () => {
  const { commits, errors } = queueOver(new SlowStore(), new Source());
  commits.after(() => {
    throw new Error("a bug");
  });
  await commits.committed();
  await commits.committed();
  assertEquals(errors.map(({ message }) => message), ["a bug"]);
});

test("a record that the store refuses does not delay others", async () => {
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
  const { loop, commits, errors } = queueOver(store, source);
  for (const name of ["a", "bad", "b"]) source.set(name);
  await commits.committed();
  assertEquals(batches, [["a", "bad", "b"], ["a", "b"]]);
  assertEquals(source.refusals, ["bad"]);
  assertEquals(commits.error, undefined);
  assertEquals(errors.map(({ message }) => message), [
    'The store cannot commit "bad": datatype mismatch',
  ]);
  source.set("bad");
  await commits.committed(); // alone, it leaves nothing to commit
  source.set("c");
  await commits.committed();
  assertEquals(batches.slice(2), [["bad"], ["c"]]);
  await loop.close();
});

test("a commit that fails with any value is retried", async () => {
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
  const { loop, commits, errors } = queueOver(store, source);
  source.set("a");
  await commits.committed();
  assertEquals([errors.length, source.refusals], [5, []]);
  await loop.close();
});

test("a source that throws ends the queue: no call is left waiting, and the error says why", async () => {
  const source = new Source();
  const { loop, commits, errors } = queueOver(new SlowStore(), {
    takeChanges: () => {
      throw new TypeError("x is undefined");
    },
    tick: source.tick,
    dispatch: source.dispatch,
    committed: source.committed,
    refused: () => {},
    fenced: () => {},
  });
  const error = await assertRejects(() => commits.committed(), PipelineError);
  assertEquals(error.code, "ERR_PIPELINE_CLOSED");
  assertEquals(commits.error?.code, "ERR_PIPELINE_STOPPED");
  assertEquals(errors, [commits.error!]);
  await assertRejects(() => commits.committed(), PipelineError);
  await loop.close();
});

test("nothing is tried again once another process has the store", async () => {
  const store = new SlowStore();
  const source = new Source();
  const { loop, commits, errors } = queueOver(store, source);
  source.set("a");
  const waiting = commits.committed();
  const refused = assertRejects(() => waiting, PipelineError);
  const fenced = new PipelineError("ERR_STORE_FENCED", "taken over");
  (await store.next()).reject(fenced);
  assertEquals((await refused).code, "ERR_PIPELINE_CLOSED");
  assertEquals([source.fences, errors], [[fenced], []]);
  assertEquals(commits.error, fenced);
  source.set("b");
  loop.wake();
  await assertRejects(() => commits.committed(), PipelineError);
  await loop.close();
  assertEquals(store.batches, [["a"]]);
});
