/** Integration: CURVE from end to end, and what is refused without it. */
import { zmq } from "@agentzero/agentzero";
import { assertEquals, assertRejects } from "@std/assert";
import {
  defineStep,
  type PeerSecurity,
  PipelineClient,
  PipelineError,
} from "@agentzero/agentzero/pipeline";
import { eventually, test, within } from "../support/harness.ts";
import {
  ANNOUNCED,
  ANYWHERE,
  codeOf,
  open,
  run,
  runAll,
} from "./support/pipelines.ts";

const double = defineStep("double", (n: number) => 2 * n);

/** The keys of a step or client. */
function peerOf(serverKey: string): PeerSecurity {
  return { ...zmq.curveKeyPair(), serverKey };
}

test("with keys everything works, encrypted", async (t) => {
  const keys = zmq.curveKeyPair();
  const security = peerOf(keys.publicKey);
  const { requests, errors } = await open(t, {
    steps: [double],
    security: { ...keys, allowedKeys: [security.publicKey] },
  });
  await run(t, double, requests, { security });
  const client = t.use(new PipelineClient({ pipeline: requests, security }));
  assertEquals(await client.result(await client.submit(double, 2)), 4);
  const watching = client.watch("available");
  await within(watching.next(), 4000, "an event");
  await watching.return();
  assertEquals(errors, []);
});

test("a peer that is not allowed is refused with an error", async (t) => {
  const keys = zmq.curveKeyPair();
  const allowed = peerOf(keys.publicKey);
  const { requests } = await open(t, {
    steps: [double],
    security: { ...keys, allowedKeys: [allowed.publicKey] },
  });
  const security = peerOf(keys.publicKey);
  assertEquals(
    await codeOf(double.run({ pipeline: requests, security })),
    "ERR_PIPELINE_REFUSED",
  );
  const client = t.use(new PipelineClient({ pipeline: requests, security }));
  assertEquals(await codeOf(client.submit(double, 1)), "ERR_PIPELINE_REFUSED");
});

test("a client with the wrong key of the pipeline learns why there is no answer", async (t) => {
  const { requests } = await open(t, {
    steps: [double],
    security: zmq.curveKeyPair(),
  });
  const security = peerOf(zmq.curveKeyPair().publicKey);
  const client = t.use(new PipelineClient({ pipeline: requests, security }));
  const error = await assertRejects(
    () => client.submit(double, 1, { timeoutMs: 500 }),
    PipelineError,
    "The pipeline did not answer within 500 ms: The peer closed the connection",
  );
  assertEquals(error.code, "ERR_PIPELINE_TIMEOUT");
});

test("a client without keys learns that the pipeline has some", async (t) => {
  const { requests } = await open(t, {
    steps: [double],
    security: zmq.curveKeyPair(),
  });
  const client = t.use(new PipelineClient({ pipeline: requests }));
  for (
    const call of [
      () => client.submit(double, 1),
      () => double.run({ pipeline: requests }),
    ]
  ) {
    const error = await assertRejects(call, PipelineError, "set security");
    assertEquals(error.code, "ERR_PIPELINE_REFUSED");
  }
});

test("no job goes to a worker in the clear, nor to one with unexpected keys", async (t) => {
  const keys = zmq.curveKeyPair();
  const { pipeline, errors } = await open(t, {
    steps: [double],
    security: keys,
  }, ANNOUNCED);
  const { publicKey, secretKey } = zmq.curveKeyPair();
  const push = t.use(
    new zmq.Push({
      curveServerKey: keys.publicKey,
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
    }),
  );
  push.connect(pipeline.addresses!.results!);
  await push.send(JSON.stringify({
    type: "available",
    v: 1,
    id: "naked",
    address: "tcp://127.0.0.1:9",
    job_type: "double",
    step_name: "double",
    host: "here",
    pid: 1,
    runtime: "none",
    concurrency: 1,
    credit: 1,
    running: [],
    draining: false,
  }));
  await eventually(() => errors.length > 0);
  assertEquals(
    errors[0]!.message,
    'Cannot reach worker "naked" at "tcp://127.0.0.1:9": it has no keys, and the pipeline has',
  );
});

test("listening beyond loopback in the clear needs insecure", async (t) => {
  for (const host of ["0.0.0.0", "[::]", "*"]) {
    assertEquals(
      await codeOf(open(t, { steps: [double] }, { ...ANYWHERE, host })),
      "ERR_PIPELINE_INSECURE",
    );
  }
  const listen = { ...ANYWHERE, host: "0.0.0.0", insecure: true };
  const { pipeline, requests } = await open(t, { steps: [double] }, listen);
  const local = requests.replace("0.0.0.0", "127.0.0.1");
  assertEquals(
    await codeOf(double.run({ pipeline: local, bind: "tcp://0.0.0.0:*" })),
    "ERR_PIPELINE_INSECURE",
  );
  await runAll(t, [double], local);
  assertEquals(await pipeline.result(await pipeline.submit(double, 1)), 2);
});
