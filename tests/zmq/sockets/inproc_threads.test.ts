// inproc does not cross threads: a socket that waits for a name which another
// thread has bound reports that, and goes on waiting for its own thread.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Worker } from "node:worker_threads";
import * as zmq from "../../../src/zmq/mod.ts";
import { runtime, test, type TestContext } from "../../support/harness.ts";

/** Starts a thread; resolves with all that it reported, once it has ended. */
function thread(
  t: TestContext,
  way: string,
  name: string,
  onReport: (report: unknown[]) => void = () => {},
): Promise<unknown[][]> {
  const url = new URL("./programs/threads.ts", import.meta.url);
  // In a thread, Node needs the TypeScript loader once more.
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
  worker.on("message", (report: unknown[]) => {
    all.push(report);
    onReport(report);
  });
  return new Promise((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => resolve(all));
  });
}

const name = () => `inproc://${crypto.randomUUID()}`;
const options = { timeoutMs: 30_000 };

test(
  "connecting to a name of another thread reports an error at once",
  options,
  async (t) => {
    const address = name();
    const push = t.use(new zmq.Push({ linger: 0 }));
    await push.bind(address);
    const reports = await thread(t, "connects", address);
    const [, code, message] = reports.find(([what]) => what === "event")!;
    assertEquals(code, "ENOTSUP");
    assertStringIncludes(
      String(message),
      "inproc does not work across threads",
    );
    assertStringIncludes(String(message), address);
    assertEquals(reports.at(-1), ["receive", "EAGAIN", "ENOTSUP"]);
  },
);

test("likewise if the other thread binds later", options, async (t) => {
  const address = name();
  const push = t.use(new zmq.Push({ linger: 0 }));
  const reports = await thread(t, "connects", address, ([what]) => {
    if (what === "connected") void push.bind(address);
  });
  assertEquals(reports.find(([what]) => what === "event")?.[1], "ENOTSUP");
});

test(
  "a thread that only sends does not end before the error is reported",
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
