// inproc does not cross threads: whoever waits for a name that another thread
// has bound is told, and goes on waiting for one of its own.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Worker } from "node:worker_threads";
import * as zmq from "../../../src/zmq/mod.ts";
import { runtime, test, type TestContext } from "../../support/harness.ts";

/** Starts a thread; resolves with all that it told, once it has ended. */
function thread(
  t: TestContext,
  way: string,
  name: string,
  onTold: (told: unknown[]) => void = () => {},
): Promise<unknown[][]> {
  const url = new URL("./programs/threads.ts", import.meta.url);
  // In a thread, Node needs to be told once more how to read TypeScript.
  const file = runtime === "node"
    ? new URL(
      `data:text/javascript,${
        encodeURIComponent(
          `import { register } from ${
            JSON.stringify(import.meta.resolve("tsx/esm/api"))
          }; register(); await import(${JSON.stringify(url.href)});`,
        )
      }`,
    )
    : url;
  const worker = new Worker(file, { workerData: { way, name } });
  t.cleanup(() => worker.terminate());
  const all: unknown[][] = [];
  worker.on("message", (told: unknown[]) => {
    all.push(told);
    onTold(told);
  });
  return new Promise((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => resolve(all));
  });
}

const name = () => `inproc://${crypto.randomUUID()}`;
const options = { timeoutMs: 30_000 };

test(
  "a thread that connects to a name of another is told at once",
  options,
  async (t) => {
    const address = name();
    const push = t.use(new zmq.Push({ linger: 0 }));
    await push.bind(address);
    const told = await thread(t, "connects", address);
    const [, code, message] = told.find(([what]) => what === "event")!;
    assertEquals(code, "ENOTSUP");
    assertStringIncludes(
      String(message),
      "inproc does not work across threads",
    );
    assertStringIncludes(String(message), address);
    assertEquals(told.at(-1), ["receive", "EAGAIN", "ENOTSUP"]);
  },
);

test("so it is when the other thread binds later", options, async (t) => {
  const address = name();
  const push = t.use(new zmq.Push({ linger: 0 }));
  const told = await thread(t, "connects", address, ([what]) => {
    if (what === "connected") void push.bind(address);
  });
  assertEquals(told.find(([what]) => what === "event")?.[1], "ENOTSUP");
});

test(
  "a thread that only sends does not end before it is told",
  options,
  async (t) => {
    const address = name();
    await t.use(new zmq.Pull()).bind(address);
    assertEquals(await thread(t, "sends", address), [["event", "ENOTSUP"]]);
  },
);

test(
  "connecting before binding works in a thread, whatever others have bound",
  options,
  async (t) => {
    const address = name();
    assertEquals(await thread(t, "meets", address), [
      ["received", "within the thread"],
    ]);
    await t.use(new zmq.Pull()).bind(address);
    assertEquals((await thread(t, "meets", address)).at(-1), [
      "received",
      "within the thread",
    ]);
  },
);
