/** Integration: heartbeats of a worker that go on while its event loop is blocked. */
import { zmq } from "@agentzero/agentzero";
import {
  defineStep,
  type PeerSecurity,
  type Pipeline,
} from "@agentzero/agentzero/pipeline";
import { assertEquals } from "@std/assert";
import { tokenServerOptions } from "../../../src/pipeline/model/token.ts";
import type { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import {
  type HeartbeatOptions,
  Heartbeats,
} from "../../../src/pipeline/worker/heartbeat/heartbeats.ts";
import type { Security } from "../../../src/zmq/zmtp/mechanism/security.ts";
import { loadSodium } from "../../../src/zmq/zmtp/mechanism/sodium.ts";
import { z85Decode } from "../../../src/zmq/z85.ts";
import {
  deferred,
  eventually,
  platform,
  runtime,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { open, run, seen } from "../support/pipelines.ts";
import { startWorker } from "../support/programs.ts";

const intervalMs = 5;
const slow = { timeoutMs: 120_000 }; // on a busy machine; else some seconds
const NONE: Security = { type: "null", authenticatesPeers: false };

/** A ROUTER in place of a pipeline, and heartbeats that are sent there. */
async function sendTo(
  t: TestContext,
  server: object,
  security: Security,
  more: Partial<HeartbeatOptions> = {},
) {
  const router = t.use(new zmq.Router({ linger: 0, ...server }));
  await router.bind("tcp://127.0.0.1:*");
  const heartbeats = new Heartbeats({
    ...{ intervalMs, silenceMs: 300, security },
    message: (silenceMs) => new TextEncoder().encode(String(silenceMs)),
    onFailed: (error) => console.error(error),
    ...more,
  });
  t.cleanup(() => heartbeats.close());
  heartbeats.connect(router.lastEndpoint!);
  const next = async () => {
    const [route, text] = await within(router.receive(), 10_000, "a heartbeat");
    return { route: route!.join(), silenceMs: Number(text) };
  };
  return { router, heartbeats, next };
}

const server = zmq.curveKeyPair();
const client = zmq.curveKeyPair();
const PROTECTED: Readonly<Record<string, readonly [object, Security]>> = {
  "in the clear": [{}, NONE],
  "with a token": [tokenServerOptions("secret"), {
    type: "plain-client",
    username: "agentzero",
    password: "secret",
  }],
  "with CURVE": [{
    curveServer: true,
    curveSecretKey: server.secretKey,
    curveAllowedKeys: [client.publicKey],
  }, {
    type: "curve-client",
    keys: {
      publicKey: z85Decode(client.publicKey),
      secretKey: z85Decode(client.secretKey),
      serverKey: z85Decode(server.publicKey),
    },
  }],
};

for (const [how, [options, security]] of Object.entries(PROTECTED)) {
  test(
    `heartbeats go on for longer than one supply lasts, ${how}`,
    slow,
    async (t) => {
      await loadSodium();
      const { next } = await sendTo(t, options, security);
      for (let n = 0; n < 200; n++) assertEquals((await next()).silenceMs, 300);
    },
  );
}

test(
  "heartbeats go on while the event loop is blocked, and the last of a supply lets the lease count",
  slow,
  async (t) => {
    const { next } = await sendTo(t, {}, NONE);
    await next();
    for (;;) {
      const end = performance.now() + 200 * intervalMs;
      while (performance.now() < end);
      // On a busy machine the thread may not have come to the last one.
      for (let n = 0; n < 120; n++) if ((await next()).silenceMs === 0) return;
    }
  },
);

test(
  "heartbeats are sent over a new connection after theirs was closed",
  slow,
  async (t) => {
    const { router, next } = await sendTo(t, {}, NONE);
    const { route } = await next();
    const endpoint = router.lastEndpoint!;
    await router.unbind(endpoint);
    await eventually(() => router.bind(endpoint).then(() => true, () => false));
    while ((await next()).route === route);
  },
);

test(
  "heartbeats move with the pipeline, and end with disconnect",
  slow,
  async (t) => {
    const { router, heartbeats, next } = await sendTo(t, {}, NONE);
    await next();
    const other = t.use(new zmq.Router({ linger: 0 }));
    await other.bind("tcp://127.0.0.1:*");
    const left = within(
      new Promise((resolve) => router.events.on("disconnect", resolve)),
      10_000,
      "the end of the first connection",
    );
    heartbeats.connect(other.lastEndpoint!);
    await within(other.receive(), 10_000, "a heartbeat");
    await left;
    const ended = new Promise((resolve) =>
      other.events.on("disconnect", resolve)
    );
    heartbeats.disconnect();
    await within(ended, 10_000, "the end of the second connection");
  },
);

test("the end of the thread is reported", slow, async (t) => {
  const failed = deferred<PipelineError>();
  const { heartbeats } = await sendTo(t, {}, NONE, {
    onFailed: failed.resolve,
  });
  heartbeats.connect("tcp://127.0.0.1:99999"); // no port: the thread ends with an error
  const { code } = await within(failed.promise, 20_000, "a report");
  assertEquals(code, "ERR_PIPELINE_THREAD");
});

const block = defineStep("block", (_: number): number => 0);
const silenceMs = 3000;

/** Resolves once heartbeats arrive from a worker. */
const beating = ({ operations }: Pipeline) =>
  eventually(async () => {
    const { workers } = await operations.stats();
    return workers.some(({ heartbeat }) => heartbeat !== undefined);
  }, 20_000);

test(
  "a handler that blocks its event loop for longer than the worker may be silent keeps its job",
  slow,
  async (t) => {
    const keys = zmq.curveKeyPair();
    const security: PeerSecurity = {
      ...zmq.curveKeyPair(),
      serverKey: keys.publicKey,
    };
    const { pipeline, requests, errors } = await open(t, {
      steps: [block],
      security: { ...keys, allowedKeys: [security.publicKey] },
    });
    const at = { step: "block", pipeline: requests, security, silenceMs };
    await startWorker(t, runtime, { ...at, heartbeatThread: true });
    await beating(pipeline);
    const id = await pipeline.submit(block, 2 * silenceMs);
    await pipeline.result(id, { timeoutMs: 40_000 });
    const { jobs: [job] } = await pipeline.operations.status(id);
    assertEquals([job!.attempt, job!.kills], [1, 0]);
    assertEquals(errors, []);
  },
);

test(
  "the jobs of a machine that is gone go to others long before the lease ends",
  {
    ...slow,
    skip: platform === "win32" ? "Windows has no SIGSTOP" : false,
  },
  async (t) => {
    const { pipeline, requests } = await open(t, { steps: [block] });
    const at = { step: "block", pipeline: requests };
    const gone = await startWorker(t, runtime, {
      ...{ ...at, silenceMs, heartbeatThread: true },
    });
    await beating(pipeline);
    const active = seen(t, pipeline, "job:active:");
    const id = await pipeline.submit(block, 500);
    await active;
    gone.kill("SIGSTOP"); // nothing comes from it, and nothing is closed
    await run(t, block, requests);
    await pipeline.result(id, { timeoutMs: 50_000 }); // the lease has 60 s
    assertEquals((await pipeline.operations.status(id)).jobs[0]!.attempt, 2);
  },
);
