/** Interop: peers in Python, with keys that have roles, or with a token. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { zmq } from "@agentzero/agentzero";
import { assertEquals } from "@std/assert";
import { defineStep, type PeerSecurity } from "@agentzero/agentzero/pipeline";
import { eventually, test, type TestContext } from "../support/harness.ts";
import { noPython, PYTHON } from "../support/python.ts";
import { clientOf, open, run } from "./support/pipelines.ts";

const OPTIONS = { timeoutMs: 60_000, skip: noPython } as const;
const PEER = fileURLToPath(
  new URL("./support/curve_peer.py", import.meta.url),
);
const server = zmq.curveKeyPair();
const TOKEN = "0123456789abcdefg";

type Json = Readonly<Record<string, unknown>>;

function newPeer(): PeerSecurity {
  return { ...zmq.curveKeyPair(), serverKey: server.publicKey };
}

/** Runs Python with these lines on stdin; gives the lines that it prints. */
async function runPython(
  t: TestContext,
  args: readonly string[],
  lines: readonly Json[],
): Promise<Json[]> {
  const child = spawn(PYTHON!, args, { stdio: ["pipe", "pipe", "inherit"] });
  t.cleanup(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => out += text);
  child.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const code = await new Promise((resolve) => child.once("close", resolve));
  assertEquals(code, 0);
  return out.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function peerIn(
  t: TestContext,
  pipeline: string,
  { serverKey, publicKey, secretKey }: PeerSecurity,
  requests: readonly Json[],
): Promise<Json[]> {
  const args = [PEER, pipeline, serverKey, publicKey, secretKey];
  return runPython(t, args, requests);
}

test(
  "a Python client submits, and neither pauses nor forges a result",
  OPTIONS,
  async (t) => {
    const [client, worker] = [newPeer(), newPeer()];
    let finish = (_: number) => {};
    const slow = defineStep(
      "slow",
      () => new Promise<number>((resolve) => finish = resolve),
    );
    const { pipeline, requests } = await open(t, {
      steps: [slow],
      security: {
        ...server,
        allow: { clients: [client.publicKey], workers: [worker.publicKey] },
      },
    });
    await run(t, slow, requests, { security: worker });
    const id = "from-python";
    const [submitted] = await peerIn(t, requests, client, [
      { type: "submit", flow: "slow", instructions: null, id },
    ]);
    assertEquals([submitted!.status, submitted!.id], [200, id]);
    await eventually(async () =>
      (await pipeline.operations.status(id)).jobs[0]?.state === "active"
    );
    const [status, paused, cancelled, forged] = await peerIn(
      t,
      requests,
      client,
      [
        { type: "status", id },
        { type: "pause", request_id: 7 },
        { type: "cancel", id },
        {
          forge: {
            type: "success",
            worker: "eve",
            id,
            attempt: 1,
            result: "FORGED",
          },
        },
      ],
    );
    assertEquals([status!.status, status!.state], [200, "running"]);
    for (const answer of [paused!, cancelled!]) {
      assertEquals([answer.status, answer.code], [
        403,
        "ERR_PIPELINE_FORBIDDEN",
      ]);
    }
    assertEquals(paused!.request_id, 7);
    assertEquals(forged, { connected: false });

    // A worker's key gets that far, and still has not the job.
    const other = await peerIn(t, requests, worker, [
      {
        forge: {
          type: "success",
          worker: "eve",
          id,
          attempt: 1,
          result: "FORGED",
        },
      },
      { type: "submit", flow: "slow", instructions: null },
    ]);
    assertEquals(other[0], { connected: true });
    assertEquals([other[1]!.status, other[1]!.code], [
      403,
      "ERR_PIPELINE_FORBIDDEN",
    ]);
    await eventually(async () =>
      (await pipeline.operations.stats()).errors.refused === 4
    );
    finish(42);
    assertEquals(await pipeline.result(id), 42);
  },
);

const WITH_TOKEN = `
import json, sys, zmq
for line in sys.stdin:
    token = json.loads(line)["token"]
    with zmq.Context() as context, context.socket(zmq.REQ) as sock:
        sock.linger = 0
        if token:
            sock.plain_username = b"agentzero"
            sock.plain_password = token.encode()
        sock.connect(sys.argv[1])
        sock.send_json({"type": "submit", "flow": "double", "instructions": 2})
        print(json.dumps(sock.recv_json() if sock.poll(3000 if token == sys.argv[2] else 500) else {}))
`;

test("a Python client needs the token", OPTIONS, async (t) => {
  const double = defineStep("double", (n: number) => 2 * n);
  const { pipeline, requests } = await open(t, {
    steps: [double],
    token: TOKEN,
  });
  await run(t, double, requests, { token: TOKEN });
  const answers = await runPython(
    t,
    ["-c", WITH_TOKEN, requests, TOKEN],
    [{ token: TOKEN }, { token: `${TOKEN}x` }, { token: null }],
  );
  assertEquals(answers.map(({ status }) => status), [
    200,
    undefined,
    undefined,
  ]);
  assertEquals(await pipeline.result(answers[0]!.id as string), 4);
  assertEquals((await pipeline.operations.jobs({ limit: 10 })).length, 1);
  await clientOf(t, requests).close();
});

const WORKER = fileURLToPath(
  new URL("./support/protected_worker.py", import.meta.url),
);

test("a Python worker works with a token", OPTIONS, async (t) => {
  const shout = defineStep("shout", (_: string) => "");
  const { pipeline, requests, errors } = await open(t, {
    steps: [shout],
    token: TOKEN,
  });
  const id = await pipeline.submit(shout, "hello");
  await runPython(t, [WORKER, requests, "token", TOKEN], []);
  assertEquals(await pipeline.result(id), "HELLO");
  assertEquals(errors, []);
});

test("a Python worker works with a worker's key", OPTIONS, async (t) => {
  const worker = newPeer();
  const shout = defineStep("shout", (_: string) => "");
  const { pipeline, requests, errors } = await open(t, {
    steps: [shout],
    security: { ...server, allow: { workers: [worker.publicKey] } },
  });
  const id = await pipeline.submit(shout, "hello");
  const { serverKey, publicKey, secretKey } = worker;
  const keys = [serverKey, publicKey, secretKey];
  await runPython(t, [WORKER, requests, "keys", ...keys], []);
  assertEquals(await pipeline.result(id), "HELLO");
  assertEquals(errors, []);
});
