/** Integration: a standby checks where it would listen, before it leads. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type AddressInfo, createServer } from "node:net";
import { hostname } from "node:os";
import {
  defineStep,
  type ListenOptions,
  memoryStore,
  Pipeline,
  PipelineError,
} from "@agentzero/agentzero/pipeline";
import type { OpenOptions } from "../../src/pipeline/store/job_store.ts";
import {
  deferred,
  test,
  type TestContext,
  within,
} from "../support/harness.ts";
import { steadyPort } from "../support/steady_port.ts";
import { SlowStore } from "./store/slow_store.ts";

/** A store that another process leads until the wait is given up or the lead is free. */
class LedStore extends SlowStore {
  readonly #leader: { readonly host: string; readonly address: string };
  readonly #free: Promise<void>;

  constructor(host: string, address: string, free: Promise<void>) {
    super(memoryStore());
    this.#leader = { host, address };
    this.#free = free;
  }

  override async open({ signal, onStandby }: OpenOptions = {}): Promise<void> {
    onStandby?.({ ...this.#leader, pid: 1, since: 0, leads: true });
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason))
    );
    await Promise.race([aborted, this.#free]);
    await super.open();
  }
}

const step = defineStep("step", () => 1);

/** Another program that listens. */
async function takenPort(t: TestContext): Promise<number> {
  const other = createServer();
  t.cleanup(() => new Promise<void>((resolve) => other.close(() => resolve())));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  return (other.address() as AddressInfo).port;
}

function standbyOf(
  t: TestContext,
  leader: { host: string; address: string },
  free: Promise<void> = new Promise(() => {}),
): Pipeline {
  const store = new LedStore(leader.host, leader.address, free);
  return t.use(new Pipeline({ name: "test", steps: [step], store }));
}

const elsewhere = { host: "elsewhere.example", address: "tcp://10.0.0.5:7450" };

test("a standby whose port another program has is refused at once", async (t) => {
  const port = await takenPort(t);
  for (const listen of [{ port }, { requests: 0, feed: port }]) {
    const standby = standbyOf(t, elsewhere);
    const error = await within(
      assertRejects(() => standby.listen(listen), PipelineError),
      8000,
      "the error",
    );
    assertEquals(error.code, "ERR_PIPELINE_ADDRESS");
    assertMatch(error.message, new RegExp(`127\\.0\\.0\\.1:${port}`));
  }
});

test("a standby with an address of another machine is refused at once", async (t) => {
  const standby = standbyOf(t, elsewhere);
  const listen: ListenOptions = { host: "192.0.2.1", port: 0, insecure: true };
  await within(
    assertRejects(() => standby.listen(listen)),
    8000,
    "the error",
  );
});

test("a standby on the leader's machine may wait for the leader's port", async (t) => {
  const port = await takenPort(t); // which the leader has
  const stands = deferred<void>();
  const free = deferred<void>();
  const leader = { host: hostname(), address: `tcp://127.0.0.1:${port}` };
  const standby = standbyOf(t, leader, free.promise);
  const listening = standby.listen({ port, onStandby: () => stands.resolve() });
  await stands.promise;
  free.resolve(); // and does not give it back
  const error = await assertRejects(() => listening, PipelineError);
  assertEquals(error.code, "ERR_PIPELINE_ADDRESS");
});

test("a standby leads with the addresses that it has checked", async (t) => {
  const free = deferred<void>();
  const standby = standbyOf(t, elsewhere, free.promise);
  const port = await steadyPort();
  const listening = standby.listen({
    port,
    feed: 0,
    onStandby: () => free.resolve(),
  });
  const { requests } = await listening;
  assert(requests.endsWith(`:${port}`));
});
